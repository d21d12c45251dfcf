//! The first error wins: it returns at once, nothing starts after it, and everything else has been dropped before.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::task::Poll;

use conjoin::auto;
use conjoin_tests::{Flag, Log, poll, sorted};
use futures::FutureExt;
use tokio::sync::oneshot;

#[tokio::test(start_paused = true)]
async fn first_error_in_time_wins() {
    let log = Log::new();
    let graph = auto! { late => log.fail("late", 9).await?, early => log.fail("early", 2).await?, => (late, early) };
    assert_eq!(graph.await, Err("early"));
    assert_eq!(log.dropped(), [("late", 2)]);
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_after_an_error() {
    let log = Log::new();
    let graph = auto! {
        bad => log.fail("bad", 2).await?,
        after_bad: [bad as _] => log.work("after_bad", 1).await,
        good => log.work("good", 3).await,
        after_good: [good as _] => log.work("after_good", 1).await,
    };
    assert_eq!(graph.await.err(), Some("bad"));
    assert_eq!(log.started(), [("bad", 0), ("good", 0)]);
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_after_an_error_in_the_same_poll() {
    let log = Log::new();
    // The second poll begins with the second task.
    let graph = auto! {
        data => log.work("data", 2).await,
        bad => log.fail("bad", 2).await?,
        after_data: [data as _] => log.work("after_data", 1).await,
        after_both: [bad as _, data as _] => log.work("after_both", 1).await,
    };
    assert_eq!(graph.await.err(), Some("bad"));
    assert_eq!(log.started(), [("data", 0), ("bad", 0)]);
}

#[tokio::test(start_paused = true)]
async fn siblings_drop_before_the_error_returns() {
    let log = Log::new();
    let mut graph = pin!(auto! {
        bad => log.fail("bad", 2).await?,
        left => log.work("left", 9).await,
        right => log.work("right", 9).await,
    });
    assert_eq!(graph.as_mut().await.err(), Some("bad"));
    assert_eq!(sorted(log.dropped()), [("left", 2), ("right", 2)]);
}

#[tokio::test(start_paused = true)]
async fn tasks_of_an_n_drop_before_the_error_returns() {
    let log = Log::new();
    let mut graph = pin!(auto! {
        user => log.work("user", 1).await,
        settings => log.work("settings", 9).await,
        bad: [user as _] => log.fail("bad", 2).await?,
        page: [user as _, settings as _] => log.work("page", 1).await,
    });
    assert_eq!(graph.as_mut().await.err(), Some("bad"));
    assert_eq!(
        (log.dropped(), log.started().len()),
        (vec![("settings", 3)], 3)
    );
}

#[tokio::test(start_paused = true)]
async fn gated_tasks_drop_before_the_error_returns() {
    let log = Log::new();
    let mut graph = pin!(auto! {
        north_1 => log.work("north_1", 1).await,
        north_2: [north_1 as _] => log.fail("north_2", 2).await?,
        north_3: [north_2 as _] => log.work("north_3", 1).await,
        south_1 => log.work("south_1", 1).await,
        south_2: [south_1 as _] => log.work("south_2", 9).await,
        south_3: [south_2 as _, north_1 as _] => log.work("south_3", 1).await,
    });
    assert_eq!(graph.as_mut().await.err(), Some("north_2"));
    assert_eq!(
        (log.dropped(), log.started().len()),
        (vec![("south_2", 3)], 4)
    );
}

#[tokio::test(start_paused = true)]
async fn values_drop_before_the_error_returns() {
    let log = Log::new();
    let mut graph = pin!(auto! {
        alone => log.start("alone"),
        user => log.start("user"),
        settings => log.start("settings"),
        bad: [user as _] => log.fail("bad", 2).await?,
        page: [user as _, settings as _, bad as _] => (),
    });
    assert_eq!(graph.as_mut().await.err(), Some("bad"));
    assert_eq!(
        sorted(log.dropped()),
        [("alone", 2), ("settings", 2), ("user", 2)]
    );
}

#[tokio::test(start_paused = true)]
async fn error_of_an_inner_graph_drops_outer_siblings() {
    let log = Log::new();
    let mut graph = pin!(auto! {
        inner => auto! { bad => log.fail("bad", 2).await?, inside => log.work("inside", 9).await }.await?,
        outside => log.work("outside", 9).await,
    });
    assert_eq!(graph.as_mut().await.err(), Some("bad"));
    assert_eq!(sorted(log.dropped()), [("inside", 2), ("outside", 2)]);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_final_arm_comes_after_all_tasks() {
    let log = Log::new();
    let graph = auto! { task => log.work("task", 2).await, => log.fail(task, 1).await? };
    assert_eq!(graph.await, Err("task"));
    assert_eq!(log.ended(), [("task", 2), ("task", 3)]);
}

#[test]
fn error_returns_in_its_own_poll() {
    let (fail, failing) = oneshot::channel::<Result<(), &str>>();
    let (_keep, never) = oneshot::channel::<()>();
    let flag = Flag::new();
    let mut graph = pin!(auto! {
        never => never.await,
        bad => failing.await.expect("something was sent")?,
        after: [bad as _] => (),
    });
    assert!(poll(graph.as_mut(), &flag).is_pending());
    fail.send(Err("bad")).expect("the graph listens");
    assert!(flag.take());
    assert!(matches!(
        poll(graph.as_mut(), &flag),
        Poll::Ready(Err("bad"))
    ));
}

#[test]
fn later_siblings_are_not_polled_after_an_error() {
    let graph = auto! {
        bad => Err::<(), _>("bad")?,
        unreachable => unreachable!("it starts after the error"),
    };
    assert_eq!(
        graph.now_or_never().expect("it is ready").map(drop),
        Err("bad")
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_reaches_the_caller_and_drops_the_siblings() {
    let log = Log::new();
    let mut graph = pin!(auto! {
        broken => { log.work("broken", 2).await; panic!("broken") },
        sibling => log.work("sibling", 9).await,
        after: [broken as _, sibling as _] => log.work("after", 1).await,
    });
    let panic = AssertUnwindSafe(graph.as_mut())
        .catch_unwind()
        .await
        .map(drop)
        .expect_err("it panics");
    assert_eq!(panic.downcast_ref(), Some(&"broken"));
    assert_eq!(
        (log.dropped(), log.started().len()),
        (vec![("sibling", 2)], 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_gated_part_drops_tasks_and_values() {
    let log = Log::new();
    let mut graph = pin!(auto! {
        north_1 => log.start("north_1"),
        north_2: [north_1 as _] => { log.work("north_2", 2).await; panic!("broken") },
        north_3: [north_2 as _] => log.work("north_3", 1).await,
        south_1 => log.start("south_1"),
        south_2: [south_1 as _] => log.work("south_2", 9).await,
        south_3: [south_2 as _, north_1 as _] => log.work("south_3", 1).await,
    });
    let panic = AssertUnwindSafe(graph.as_mut())
        .catch_unwind()
        .await
        .map(drop)
        .expect_err("it panics");
    assert_eq!(panic.downcast_ref(), Some(&"broken"));
    assert_eq!(
        sorted(log.dropped()),
        [("north_1", 2), ("south_1", 2), ("south_2", 2)]
    );
}
