//! Blocks of `concurrent!`: each line is a span.

use conjoin::concurrent;

use super::{later, seen_of};

async fn fails(n: u32) -> Result<u32, &'static str> {
    later(n).await;
    Err("failed")
}

async fn works(n: u32) -> Result<u32, &'static str> {
    Ok(later(n).await)
}

#[test]
fn lines_are_named_by_what_they_bind() {
    let (_, story) = seen_of(concurrent!({
        let user = later(1).await;
        let (posts, _) = (later(user).await, 1);
        let mut comments = later(user).await;
        comments += 1;
        posts + comments
    }));
    assert_eq!(
        story.tree(),
        "auto: done\n  user: done\n  posts: done\n  comments: done\n"
    );
    assert_eq!(story.field("posts", "dependencies"), Some("user"));
    assert_eq!(story.field("auto", "names"), Some("user, posts, comments"));
    let function = "spans::blocks::lines_are_named_by_what_they_bind";
    assert_eq!(story.field("auto", "code.function.name"), Some(function));
}

#[test]
fn line_after_a_failure_is_cancelled() {
    let (_, story) = seen_of(concurrent!({
        let first = later(1).await;
        let second = fails(2).await?;
        let third = async {
            later(1).await;
            later(2).await
        }
        .await;
        Ok::<_, &str>(first + second + third)
    }));
    assert_eq!(
        story.tree(),
        "auto: failed\n  first: done\n  second: failed\n  third: cancelled\n"
    );
    assert_eq!(story.field("second", "exception.message"), Some("failed"));
}

#[test]
fn chain_has_a_span_for_each_line() {
    let (_, story) = seen_of(concurrent!({
        let first = works(1).await?;
        let second = works(first).await?;
        let other = works(2).await?;
        let more = works(other).await?;
        Ok::<_, &str>(second + more)
    }));
    assert_eq!(
        story.tree(),
        "auto: done\n  first: done\n  other: done\n  second: done\n  more: done\n"
    );
}
