//! `for` tasks in every plan.

use std::time::Duration;

use conjoin::auto;
use tokio::time::Instant;

use super::double_after;

async fn takes<T>(graph: impl Future<Output = T>, milliseconds: u64) -> T {
    let start = Instant::now();
    let value = graph.await;
    assert_eq!(start.elapsed(), Duration::from_millis(milliseconds));
    value
}

#[tokio::test(start_paused = true)]
async fn items_run_in_a_series() {
    let graph = auto! {
        first for delay in [10, 20] => double_after(delay).await,
        second: [first] for delay in first => double_after(*delay).await,
        third: [move second] for delay in second => double_after(delay).await,
        => third
    };
    assert_eq!(takes(graph, 20 + 40 + 80).await, [80, 160]);
}

#[tokio::test(start_paused = true)]
async fn items_run_in_a_parallel_part() {
    let graph = auto! {
        head => vec![10, 30],
        left: [head] for delay in head => double_after(*delay).await,
        right: [head] for delay in head.iter().rev() => double_after(*delay + 5).await,
        => (left, right)
    };
    assert_eq!(takes(graph, 35).await, (vec![20, 60], vec![70, 30]));
}

#[tokio::test(start_paused = true)]
async fn items_run_in_an_n() {
    let graph = auto! {
        user for delay in [10, 5] => double_after(delay).await,
        settings => double_after(30).await,
        posts: [user] for delay in user => double_after(*delay).await,
        page: [user, settings] for delay in user.iter().chain([settings]) => double_after(*delay).await,
        => (posts, page)
    };
    let (posts, page) = takes(graph, 30 + 60).await;
    assert_eq!((posts, page), (vec![40, 20], vec![40, 20, 120]));
}

#[tokio::test(start_paused = true)]
async fn items_run_behind_gates() {
    let graph = auto! {
        north_1 for delay in [10, 5] => double_after(delay).await,
        north_2: [north_1] for delay in north_1 => double_after(*delay).await,
        north_3: [move north_2] for delay in north_2 => double_after(delay).await,
        south_1 => double_after(1).await,
        south_2: [south_1] for delay in 0..*south_1 => double_after(delay).await,
        south_3: [south_2, north_1] => south_2.len() + north_1.len(),
        => (north_3, south_3)
    };
    assert_eq!(takes(graph, 10 + 20 + 40).await, (vec![80, 40], 4));
}

#[tokio::test(start_paused = true)]
async fn items_run_in_a_wide_part() {
    let graph = auto! {
        a for delay in 0..40 => double_after(delay).await,
        b for delay in 0..30 => double_after(delay).await,
        c => double_after(10).await,
        d for delay in 0..3 => double_after(delay).await,
        e => double_after(10).await,
        f => double_after(10).await,
        g => double_after(10).await,
        h for delay in [50] => double_after(delay).await,
        i: [a, b] => a.len() + b.len(),
        j: [c, b] => b.len() + usize::try_from(*c).expect("small"),
        => (d, h, i, j, e + f + g)
    };
    assert_eq!(
        takes(graph, 50).await,
        (vec![0, 2, 4], vec![100], 70, 50, 60)
    );
}

#[tokio::test(start_paused = true)]
async fn items_hold_graphs_with_items() {
    let graph = auto! {
        rows for row in 0..3 => {
            auto! {
                cells for column in 0..row => double_after(10 * row + column).await,
                => cells
            }
            .await
        },
        => rows
    };
    assert_eq!(takes(graph, 21).await, [vec![], vec![20], vec![40, 42]]);
}

#[tokio::test(start_paused = true)]
async fn condition_reads_the_list() {
    let graph = auto! {
        list for delay in [1, 2] => double_after(delay).await,
        sum: [list] if list.len() > 1 => list.iter().sum::<u64>(),
        => sum
    };
    assert_eq!(takes(graph, 2).await, Some(6));
}
