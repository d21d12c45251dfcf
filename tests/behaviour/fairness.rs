//! A task that is always ready does not use up the runtime's cooperative budget for its siblings.
//!
//! `busy` stops when `modest` has completed, or after far more steps than `modest` takes, and returns which.

use std::cell::Cell;

use conjoin::auto;
use tokio::sync::mpsc;
use tokio::task::coop::consume_budget;

const BUSY_STEPS: usize = 500_000;
const MODEST_STEPS: usize = 300;

/// Either of the two, so that they can change places.
async fn either(is_modest: bool, modest_has_ended: &Cell<bool>) -> bool {
    if is_modest {
        modest(modest_has_ended).await;
        true
    } else {
        busy(modest_has_ended).await
    }
}

async fn busy(modest_has_ended: &Cell<bool>) -> bool {
    for _ in 0..BUSY_STEPS {
        if modest_has_ended.get() {
            return true;
        }
        consume_budget().await;
    }
    false
}

async fn modest(has_ended: &Cell<bool>) {
    for _ in 0..MODEST_STEPS {
        consume_budget().await;
    }
    has_ended.set(true);
}

#[tokio::test]
async fn busy_task_starves_no_task_before_or_after_it() {
    let ended = Cell::new(false);
    assert!(
        auto! { busy => busy(&ended).await, modest => modest(&ended).await }
            .await
            .busy
    );
    ended.set(false);
    assert!(
        auto! { modest => modest(&ended).await, busy => busy(&ended).await }
            .await
            .busy
    );
}

#[tokio::test]
async fn two_busy_tasks_starve_no_task_between() {
    let ended = Cell::new(false);
    let graph = auto! {
        left => busy(&ended).await,
        modest => modest(&ended).await,
        right => busy(&ended).await,
    };
    let (left, (), right) = graph.await.into_tuple();
    assert!(left && right);
}

#[tokio::test]
async fn full_channel_loop_starves_no_task() {
    let ended = Cell::new(false);
    let (send, mut receive) = mpsc::unbounded_channel();
    let graph = auto! {
        received => {
            let mut received = 0;
            while received < BUSY_STEPS && !ended.get() {
                send.send(()).expect("the receiver is here");
                receive.recv().await;
                received += 1;
            }
            received
        },
        modest => modest(&ended).await,
    };
    assert!(graph.await.received < BUSY_STEPS);
}

#[tokio::test]
async fn busy_task_starves_no_later_task() {
    let ended = Cell::new(false);
    let graph = auto! {
        user => (),
        busy => busy(&ended).await,
        modest: [user as _] => modest(&ended).await,
        page: [user as _, busy] => *busy,
    };
    assert!(graph.await.page);
}

#[tokio::test]
async fn busy_task_starves_no_gated_task() {
    let ended = Cell::new(false);
    let graph = auto! {
        north_1 => (),
        north_2: [north_1 as _] => busy(&ended).await,
        north_3: [north_2] => *north_2,
        south_1 => (),
        south_2: [south_1 as _] => modest(&ended).await,
        south_3: [south_2 as _, north_1 as _] => (),
    };
    assert!(graph.await.north_3);
}

#[tokio::test]
async fn nested_busy_tasks_starve_no_task() {
    for modest_is_first in [true, false] {
        let ended = Cell::new(false);
        let graph = auto! {
            head => (),
            inner_1: [head as _] => either(modest_is_first, &ended).await,
            inner_2: [head as _] => either(!modest_is_first, &ended).await,
            outer => busy(&ended).await,
        };
        assert!(graph.await.outer, "modest_is_first: {modest_is_first}");
    }
}
