//! Blocks of `concurrent!`.

use conjoin::explain;

#[test]
fn block_is_explained_as_a_graph() {
    let page = explain!({
        let user = db.user(id).await?;
        let settings = db.settings().await?;
        let posts = db.posts(user.id).await?;
        let _permit = semaphore.acquire().await?;
        let mut log = Vec::new();
        let theme = db.write(&mut log, settings).await?;
        let other = db.write(&mut log, theme).await?;
        let last = db.read().await;
        Ok((posts, other, last))
    });
    let expected = "\
8 tasks, 6 in the longest chain, at most 2 at a time; an error cancels the later lines

  task      needs
  user                                               can fail
  settings                                           can fail
  posts     &user                                    can fail
  _permit   after user, after settings, after posts  can fail
  log       after _permit
  theme     after log                                can fail
  other     &theme                                   can fail
  last      after log
";
    let text = page.to_string();
    assert!(text.starts_with(expected), "{text}");
    assert!(page.is_block());
}

#[test]
fn limit_of_a_block_is_explained() {
    let page = explain!(
        {
            #![limit(2)]
            let a = load(1).await;
            let b = load(2).await;
            a + b
        }
    );
    assert_eq!(page.limit(), Some("2"));
    assert_eq!(page.tasks().len(), 2);
}
