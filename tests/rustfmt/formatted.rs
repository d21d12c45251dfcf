async fn page(db: &Db, id: u64) -> Result<Page, Error> {
    let load = async |user: &User| {
        let posts = db.posts(user.id).await?;
        Ok(posts.len())
    };
    let braces = auto! {
    user   =>   db.user( id ).await?,
      posts: [user]=>load(user).await?,
    };
    let parentheses = auto!(
    user   =>   db.user( id ).await?,
      posts: [user]=>{ let n=1;
        n },
    );
    let brackets = auto![
    user   =>   db.user( id ).await?,
      posts: [user]=>load(user).await?,
    ];
    let one_line = auto! { user   =>   db.user( id ).await?, => user };
    spawn(
        auto! {
        user   =>   db.user( id ).await?,
        },
        2,
    );
    let awaited = auto! {
        user   =>   db.user( id ).await?,
    }
    .await?;
    braces.await
}
