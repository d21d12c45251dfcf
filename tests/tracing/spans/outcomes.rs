//! How a task ended.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use conjoin::auto;
use conjoin_tests::{Flag, poll};
use conjoin_tests_tracing::Recorder;
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;

use super::{later, seen_of};

#[test]
fn first_error_fails_its_task_and_cancels_others() {
    let (failed, story) = seen_of(auto! {
        user => later(1).await,
        posts: [user as _] => { let () = later(Err("no posts")).await?; },
        comments: [user as _] => pending::<()>().await,
        after: [posts] => *posts,
    });
    assert_eq!(failed.err(), Some("no posts"));
    assert_eq!(
        story.tree(),
        "auto: failed\n  user: done\n  posts: failed\n  comments: cancelled\n"
    );
}

#[test]
fn a_failure_is_found_in_a_series_and_behind_gates() {
    let (_, series) = seen_of(
        auto! { a => later(1).await, b: [a] => Err::<(), _>(later(*a).await)?, c: [b] => *b },
    );
    assert_eq!(series.tree(), "auto: failed\n  a: done\n  b: failed\n");
    let (_, gated) = seen_of(auto! {
        a => 1, b => 2, c: [a as _] => pending::<()>().await, d: [b] => Err::<(), _>(later(*b).await)?,
        e: [c as _, d as _] => (), f: [d as _] => (),
    });
    assert_eq!(
        gated.tree(),
        "auto: failed\n  a: done\n  c: cancelled\n  b: done\n  d: failed\n"
    );
}

#[test]
fn break_ends_its_task_and_cancels_the_others() {
    let (page, story) = seen_of(auto! {
        user => later(1).await,
        cached: [user as _] => { let page = later("cached").await; break page },
        comments: [user as _] => pending::<()>().await,
        after: [cached as _] => 2,
        => { let () = comments; if after == 2 { "made" } else { "none" } }
    });
    assert_eq!(page, "cached");
    assert_eq!(
        story.tree(),
        "auto: done\n  user: done\n  cached: done\n  comments: cancelled\n"
    );
    let (page, story) = seen_of(auto! {
        cached if later(true).await || { break Ok(1) } => later(2).await,
        found: [cached] => { let n: u8 = "4".parse()?; if cached.is_some() { tokio::join!(later(())); break Ok(n) } 5 },
        other => later("x".parse::<u8>()).await,
        => if found == 5 { other } else { Ok(6) }
    });
    assert_eq!(
        page.map(Result::ok),
        Ok::<_, std::num::ParseIntError>(Some(4))
    );
    assert_eq!(
        story.tree(),
        "auto: done\n  cached: done\n  other: done\n  found: done\n"
    );
}

#[test]
fn a_failing_final_arm_fails_the_graph_alone() {
    let (_, story) = seen_of(auto! { a => later(1).await, => Err::<(), _>(a)? });
    assert_eq!(story.tree(), "auto: failed\n  a: done\n");
    assert_eq!(story.field("auto", "exception.message"), Some("1"));
}

#[test]
fn a_task_whose_condition_is_false_has_not_run() {
    let (_, story) = seen_of(auto! {
        never if false => later(1).await,
        late if later(false).await => 1,
        once: [never] if let None = never => later(2).await,
    });
    assert_eq!(
        story.tree(),
        "auto: done\n  never: not run\n  once: done\n  late: not run\n"
    );
}

#[test]
fn what_settles_fails_and_is_skipped_task_by_task() {
    let (_, story) = seen_of(auto! {
        #![settle]
        weather => later("sunny".parse::<f32>()).await?,
        advice: [weather] => *weather < 10.0,
        last: [user, advice] => later(*user + u8::from(*advice)).await,
        user => later(1_u8).await,
        old: [user] if *user > 90 => later(1).await,
    });
    let tree = "auto: done\n  weather: failed\n  advice: skipped\n  user: done\n  old: not run\n  last: skipped\n";
    assert_eq!(sorted(&story.tree()), sorted(tree));
    assert_eq!(
        story.field("weather", "exception.message"),
        Some("invalid float literal")
    );
    assert_eq!(story.field("weather", "otel.status_code"), Some("ERROR"));
    assert_eq!(story.field("advice", "dependencies"), Some("weather"));
    for skipped in ["advice", "last"] {
        assert_eq!(story.field(skipped, "skipped_for"), Some("weather"));
        assert!(!story.log.contains(&format!(">{skipped}")));
    }
    assert_eq!(story.field("user", "skipped_for"), None);
    assert_eq!(story.field("auto", "otel.status_code"), None);
}

fn sorted(tree: &str) -> Vec<&str> {
    let mut lines: Vec<_> = tree.lines().collect();
    lines.sort_unstable();
    lines
}

#[test]
fn dropped_graph_is_cancelled_with_its_tasks() {
    let recorder = Recorder::default();
    let subscriber = recorder.subscriber(LevelFilter::INFO);
    with_default(&subscriber, || {
        let mut graph = Box::pin(auto! {
            user => 1,
            posts: [user as _] => auto! { inner => pending::<()>().await }.await,
            comments: [user as _] => later(()).await,
            after: [posts as _, comments as _] => (),
        });
        let flag = Flag::new();
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert!(poll(graph.as_mut(), &flag).is_pending());
        assert!(recorder.story().spans.iter().any(|span| !span.is_closed));
    });
    let story = recorder.story();
    let tree = "auto: cancelled\n  user: done\n  posts: cancelled\n    auto: cancelled\n      inner: cancelled\n  \
                comments: done\n";
    assert_eq!(story.tree(), tree);
    assert!(story.spans.iter().all(|span| span.is_closed));
}

#[test]
fn unpolled_graph_has_no_span() {
    let ((), story) = seen_of(async { drop(auto! { user => 1 }) });
    assert!(story.log.is_empty());
}

#[test]
fn panic_fails_task_and_graph_and_cancels_others() {
    let recorder = Recorder::default();
    let subscriber = recorder.subscriber(LevelFilter::INFO);
    with_default(&subscriber, || {
        let graph = auto! {
            before => 1,
            waits: [before as _] => pending::<()>().await,
            outer: [before] => auto! {
                inner => { later(()).await; assert_eq!(*before, 2, "on purpose") },
                beside => pending::<()>().await,
            }.await,
        };
        let run = || futures::executor::block_on(graph);
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
        // Nothing is left behind.
        futures::executor::block_on(auto! { next => 1 });
    });
    let story = recorder.story();
    let tree = "auto: panicked\n  before: done\n  waits: cancelled\n  outer: panicked\n    auto: panicked\n      \
                inner: panicked\n      beside: cancelled\nauto: done\n  next: done\n";
    assert_eq!(story.tree(), tree);
    assert_eq!(story.field("inner", "otel.status_code"), Some("ERROR"));
    assert_eq!(story.field("inner", "error.type"), Some("panic"));
    assert!(story.spans.iter().all(|span| span.is_closed));
    let entered = story
        .log
        .iter()
        .filter(|line| line.starts_with('>'))
        .count();
    assert_eq!(
        story
            .log
            .iter()
            .filter(|line| line.starts_with('<'))
            .count(),
        entered
    );
}

#[test]
fn graph_polled_after_its_end_panics() {
    let recorder = Recorder::default();
    with_default(&recorder.subscriber(LevelFilter::INFO), || {
        let mut graph = pin!(auto! { user => 1 });
        let flag = Flag::new();
        assert!(poll(graph.as_mut(), &flag).is_ready());
        assert!(catch_unwind(AssertUnwindSafe(|| poll(graph.as_mut(), &flag))).is_err());
    });
    assert_eq!(recorder.story().tree(), "auto: done\n  user: done\n");
}
