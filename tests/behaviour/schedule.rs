//! A task starts in the instant in which its last dependency completes.

use conjoin::auto;
use conjoin_tests::Log;

#[tokio::test(start_paused = true)]
async fn tasks_without_dependencies_start_together() {
    let log = Log::new();
    auto! {
        quick => log.work("quick", 1).await,
        slow => log.work("slow", 9).await,
        middling => log.work("middling", 5).await,
    }
    .await;
    assert_eq!(log.started(), [("quick", 0), ("slow", 0), ("middling", 0)]);
    assert_eq!(log.ended(), [("quick", 1), ("middling", 5), ("slow", 9)]);
}

#[tokio::test(start_paused = true)]
async fn chain_runs_in_sequence() {
    let log = Log::new();
    auto! {
        first => log.work("first", 1).await,
        second: [first as _] => log.work("second", 2).await,
        third: [second as _] => log.work("third", 3).await,
    }
    .await;
    assert_eq!(log.started(), [("first", 0), ("second", 1), ("third", 3)]);
    assert_eq!(log.ended(), [("first", 1), ("second", 3), ("third", 6)]);
}

#[tokio::test(start_paused = true)]
async fn a_task_waits_for_the_slowest_of_its_dependencies() {
    let log = Log::new();
    auto! {
        root => log.work("root", 1).await,
        left: [root as _] => log.work("left", 2).await,
        right: [root as _] => log.work("right", 7).await,
        tip: [left as _, right as _] => log.work("tip", 1).await,
    }
    .await;
    assert_eq!(
        log.started(),
        [("root", 0), ("left", 1), ("right", 1), ("tip", 8)]
    );
}

#[tokio::test(start_paused = true)]
async fn task_waits_for_its_own_dependencies_only() {
    let log = Log::new();
    auto! {
        user => log.work("user", 2).await,
        settings => log.work("settings", 5).await,
        posts: [user as _] => log.work("posts", 4).await,
        page: [user as _, settings as _] => log.work("page", 1).await,
    }
    .await;
    assert_eq!(
        log.started(),
        [("user", 0), ("settings", 0), ("posts", 2), ("page", 5)]
    );
}

#[tokio::test(start_paused = true)]
async fn connected_chains_run_at_their_own_pace() {
    let log = Log::new();
    auto! {
        north_1 => log.work("north_1", 1).await,
        north_2: [north_1 as _] => log.work("north_2", 1).await,
        north_3: [north_2 as _] => log.work("north_3", 1).await,
        south_1 => log.work("south_1", 3).await,
        south_2: [south_1 as _] => log.work("south_2", 3).await,
        south_3: [south_2 as _, north_1 as _] => log.work("south_3", 3).await,
    }
    .await;
    assert_eq!(
        log.started(),
        [
            ("north_1", 0),
            ("south_1", 0),
            ("north_2", 1),
            ("north_3", 2),
            ("south_2", 3),
            ("south_3", 6)
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_order_of_declaration_changes_nothing() {
    let log = Log::new();
    auto! {
        last: [middle as _, first as _] => log.work("last", 1).await,
        middle: [first as _] => log.work("middle", 3).await,
        first => log.work("first", 2).await,
    }
    .await;
    assert_eq!(log.started(), [("first", 0), ("middle", 2), ("last", 5)]);
}

#[tokio::test(start_paused = true)]
async fn tasks_ready_together_start_in_declaration_order() {
    let log = Log::new();
    auto! {
        root => log.work("root", 1).await,
        second: [root as _] => log.work("second", 1).await,
        third: [root as _] => log.work("third", 1).await,
        fourth: [root as _] => log.work("fourth", 1).await,
    }
    .await;
    assert_eq!(
        log.started(),
        [("root", 0), ("second", 1), ("third", 1), ("fourth", 1)]
    );
}

#[tokio::test(start_paused = true)]
async fn transitive_edge_delays_nothing() {
    let log = Log::new();
    auto! {
        first => log.work("first", 1).await,
        second: [first as _] => log.work("second", 1).await,
        third: [first as _, second as _] => log.work("third", 1).await,
        beside => log.work("beside", 4).await,
    }
    .await;
    assert_eq!(
        log.started(),
        [("first", 0), ("beside", 0), ("second", 1), ("third", 2)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_task_without_await_takes_no_time_on_the_way() {
    let log = Log::new();
    auto! {
        before => log.work("before", 3).await,
        sum: [before] => before.len(),
        after: [sum as _] => log.work("after", 1).await,
    }
    .await;
    assert_eq!(log.started(), [("before", 0), ("after", 3)]);
}
