//! Blocks of `concurrent!`: each line is a span.

use std::future::pending;
use std::pin::pin;

use conjoin::concurrent;
use conjoin_tests::{Flag, poll};
use conjoin_tests_tracing::Recorder;
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;

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
fn block_fails_while_an_earlier_line_runs() {
    let (_, story) = seen_of(concurrent!({
        let first = later(later(later(1).await).await).await;
        let second = fails(2).await?;
        Ok::<_, &str>(first + second)
    }));
    let tree = "auto: failed\n  first: done\n  second: failed\n";
    assert_eq!(story.tree(), tree);
    let (_, chains) = seen_of(concurrent!({
        let first = later(later(1).await).await;
        let second = works(2).await?;
        let third = later(later(first).await).await;
        let fourth = fails(second).await?;
        Ok::<_, &str>(third + fourth)
    }));
    let tree = "auto: failed\n  first: done\n  second: done\n  fourth: failed\n  third: done\n";
    assert_eq!(chains.tree(), tree);
}

#[test]
fn failed_line_closes_while_an_earlier_line_runs() {
    let recorder = Recorder::default();
    let mut block = pin!(concurrent!({
        let first = pending::<u32>().await;
        let second = fails(later(2).await).await?;
        Ok::<_, &str>(first + second)
    }));
    let flag = Flag::new();
    with_default(&recorder.subscriber(LevelFilter::INFO), || {
        for _ in 0..3 {
            assert!(poll(block.as_mut(), &flag).is_pending());
        }
    });
    let story = recorder.story();
    assert_eq!(story.tree(), "auto\n  first\n  second: failed\n");
    assert!(story.span("second").is_closed);
}

#[test]
fn returned_value_is_no_failure() {
    let (seven, story) = seen_of(concurrent!({
        let first = later(later(1).await).await;
        let second = if later(true).await { return Ok(7) } else { 2 };
        Ok::<_, &str>(first + second)
    }));
    assert_eq!(seven, Ok(7));
    let tree = "auto: done\n  first: done\n  second: done\n";
    assert_eq!(story.tree(), tree);
    let (failed, story) = seen_of(concurrent!({
        let first = later(later(1).await).await;
        let second = if later(true).await {
            return Err("no");
        } else {
            2
        };
        Ok::<_, &str>(first + second)
    }));
    assert_eq!(failed, Err("no"));
    let tree = "auto: failed\n  first: done\n  second: failed\n";
    assert_eq!(story.tree(), tree);
}

#[test]
fn returned_value_leaves_lines_around_it() {
    let (_, story) = seen_of(concurrent!({
        let first = later(1).await;
        let second = {
            let left = later(later(later(1).await).await).await;
            let right = if later(true).await { return Ok(4) } else { 2 };
            left + right
        };
        Ok::<_, &str>(first + second)
    }));
    let tree = "auto: done\n  first: done\n  second: done\n  left: done\n  right: done\n";
    assert_eq!(story.tree(), tree);
}

#[test]
fn last_exit_is_the_outcome() {
    let (seven, story) = seen_of(concurrent!({
        let first = if later(later(later(true).await).await).await {
            return Ok(7);
        } else {
            1
        };
        let second = fails(2).await?;
        Ok::<_, &str>(first + second)
    }));
    assert_eq!(seven, Ok(7));
    let tree = "auto: done\n  first: done\n  second: failed\n";
    assert_eq!(story.tree(), tree);
    let (failed, story) = seen_of(concurrent!({
        let first = fails(later(later(1).await).await).await?;
        let second = if later(true).await { return Ok(7) } else { 2 };
        Ok::<_, &str>(first + second)
    }));
    assert_eq!(failed, Err("failed"));
    let tree = "auto: failed\n  first: failed\n  second: done\n";
    assert_eq!(story.tree(), tree);
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

#[test]
fn dropped_line_cancels_its_inner_lines_at_once() {
    let (_, story) = seen_of(concurrent!({
        let first = later(later(later(1).await).await).await;
        let second = fails(2).await?;
        let third = {
            let left = pending::<u32>().await;
            let right = pending::<u32>().await;
            left + right
        };
        let fourth = async { pending::<u32>().await }.await;
        Ok::<_, &str>(first + second + third + fourth)
    }));
    let end = |name: &str| {
        story
            .log
            .iter()
            .position(|it| *it == format!("-{name}"))
            .unwrap()
    };
    for inner in ["third", "left", "right", "fourth"] {
        assert_eq!(story.field(inner, "outcome"), Some("cancelled"));
        assert!(end(inner) < end("first"), "{:?}", story.log);
    }
}

#[test]
fn loop_runs_its_lines_again_and_again() {
    let (sum, story) = seen_of(concurrent!({
        let sum = {
            let mut sum = 0;
            for n in 0..3 {
                let left = later(n).await;
                let right = later(n).await;
                sum += left + right;
            }
            sum
        };
        let beside = later(later(1).await).await;
        sum + beside
    }));
    assert_eq!(sum, 7);
    let again = "  left: done\n  right: done\n".repeat(2);
    let tree =
        format!("auto: done\n  sum: done\n  left: done\n  right: done\n  beside: done\n{again}");
    assert_eq!(story.tree(), tree);
}
