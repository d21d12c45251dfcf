//! Dropping the graph cancels everything in it.

use std::time::Duration;

use conjoin::auto;
use conjoin_tests::{Log, sorted};
use tokio::time::{sleep, timeout};

/// One graph with each kind of plan in it, whose tasks take a millisecond each.
async fn every_plan(log: &Log) {
    auto! {
        head => log.work("head", 1).await,
        side => log.work("side", 9).await,
        user: [head as _] => log.work("user", 1).await,
        settings: [head as _] => log.work("settings", 9).await,
        posts: [user as _] => log.work("posts", 9).await,
        page: [user as _, settings as _] => log.work("page", 9).await,
        north_1 => log.work("north_1", 1).await,
        north_2: [north_1 as _] => log.work("north_2", 9).await,
        north_3: [north_2 as _] => log.work("north_3", 9).await,
        south_1 => log.work("south_1", 1).await,
        south_2: [south_1 as _] => log.work("south_2", 9).await,
        south_3: [south_2 as _, north_1 as _] => log.work("south_3", 9).await,
    }
    .await;
}

#[tokio::test(start_paused = true)]
async fn nothing_starts_in_a_graph_that_is_dropped_unpolled() {
    let log = Log::new();
    drop(every_plan(&log));
    sleep(Duration::from_millis(100)).await;
    assert_eq!(log.started(), []);
}

#[tokio::test(start_paused = true)]
async fn running_tasks_are_dropped_and_no_others_start() {
    let log = Log::new();
    timeout(Duration::from_millis(5), every_plan(&log))
        .await
        .expect_err("it takes longer");
    let running = ["north_2", "posts", "settings", "side", "south_2"];
    assert_eq!(sorted(log.dropped()), running.map(|name| (name, 5)));
    sleep(Duration::from_millis(100)).await;
    assert_eq!(log.started().len(), 9);
}

#[tokio::test(start_paused = true)]
async fn values_of_ended_tasks_are_dropped() {
    let log = Log::new();
    let graph = auto! {
        kept => log.start("kept"),
        lent => log.start("lent"),
        running: [lent as _] => sleep(Duration::from_millis(9)).await,
    };
    timeout(Duration::from_millis(5), graph)
        .await
        .map(drop)
        .expect_err("it takes longer");
    assert_eq!(sorted(log.dropped()), [("kept", 5), ("lent", 5)]);
}

#[tokio::test(start_paused = true)]
async fn a_graph_in_a_graph_is_cancelled_with_it() {
    let log = Log::new();
    let graph = auto! { outer => auto! { inner => log.work("inner", 9).await }.await };
    timeout(Duration::from_millis(5), graph)
        .await
        .map(drop)
        .expect_err("it takes longer");
    assert_eq!(log.dropped(), [("inner", 5)]);
}

#[tokio::test(start_paused = true)]
async fn unpolled_graph_drops_what_its_bodies_own() {
    let log = Log::new();
    let guard = log.start("guard");
    drop(auto! { task => guard.end() });
    assert_eq!(log.dropped(), [("guard", 0)]);
}
