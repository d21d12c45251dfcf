//! The tests of async's `priorityQueue`; the table is in `main.rs`.

use std::sync::{Arc, OnceLock};

use conjoin_adapters::queue::QueueEvent::{Drained, Empty, Saturated, Unsaturated};
use conjoin_adapters::queue::{PriorityQueue, PushError, QueueError, WeakPriorityQueue};
use futures::StreamExt;

use super::{Gate, Log, milliseconds, noting, received, settle, soon};

#[tokio::test(start_paused = true)]
async fn the_lowest_is_first_and_equals_are_in_order() {
    let log = Log::new();
    let queue = PriorityQueue::new(1, noting(&log));
    drop(queue.push(1, 14));
    drop(queue.push(2, -2));
    drop(queue.push(3, i64::MAX));
    drop(queue.push_all([4, 5], 29));
    drop(queue.push(6, 14));
    drop(queue.push(7, i64::MIN));
    assert_eq!(queue.len(), 7);
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [7, 2, 1, 6, 4, 5, 3]);
    assert!(queue.is_idle());
}

#[tokio::test(start_paused = true)]
async fn several_workers_take_the_lowest_in_turn() {
    let log = Log::new();
    let note = log.clone();
    let queue = PriorityQueue::new(2, move |item: usize| {
        let note = note.clone();
        async move {
            // Items 2, 1, 4 and 3 start in this order.
            milliseconds([20, 80, 20, 180][item - 1]).await;
            note.push(u32::try_from(item).unwrap());
            Ok::<_, ()>(())
        }
    });
    for (item, priority) in [(1, 14), (2, 2), (3, 38), (4, 29)] {
        drop(queue.push(item, priority));
    }
    assert_eq!((queue.len(), queue.running()), (4, 0));
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn each_push_has_a_handle() {
    let queue = PriorityQueue::new(
        1,
        async |item: u32| if item == 2 { Err("fail") } else { Ok(item) },
    );
    let (one, two) = (queue.push(1, 1), queue.push(2, 0));
    assert_eq!(soon(queue.push_all([3, 4], 0)).await, [Ok(3), Ok(4)]);
    assert_eq!(soon(one).await, Ok(1));
    assert_eq!(soon(two).await, Err(QueueError::Failed("fail")));
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_pause_its_queue() {
    let log = Log::new();
    let own = Arc::new(OnceLock::<WeakPriorityQueue<u32, (), &str>>::new());
    let (note, queue) = (log.clone(), Arc::clone(&own));
    let queue = PriorityQueue::new(10, move |item| {
        let (note, queue) = (note.clone(), queue.get().unwrap().upgrade().unwrap());
        async move {
            if item == 1 {
                queue.pause();
                milliseconds(50).await;
                note.push(item);
                queue.resume();
            } else {
                note.push(item);
            }
            Ok(())
        }
    });
    own.set(queue.downgrade()).unwrap();
    drop(queue.push_all(1..=5, 0));
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [1, 2, 3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_after_a_kill() {
    let log = Log::new();
    let queue = PriorityQueue::new(1, noting(&log));
    let events = queue.events();
    let pushed = queue.push(0, 0);
    queue.kill();
    assert_eq!(queue.len(), 0);
    assert_eq!(soon(pushed).await, Err(QueueError::Killed));
    assert_eq!(log.entries(), [0; 0]);
    assert_eq!(soon(events.collect::<Vec<_>>()).await, []);
}

#[tokio::test(start_paused = true)]
async fn in_flight_items_are_listed() {
    let gate = Gate::new();
    let queue = PriorityQueue::builder(gate.worker(&Log::new()))
        .concurrency(2)
        .tracked()
        .build();
    let in_flight = || {
        queue
            .in_flight()
            .unwrap()
            .iter()
            .map(|item| **item)
            .collect::<Vec<u32>>()
    };
    for (item, priority) in [(7, 2), (8, 1), (9, 0)] {
        drop(queue.push(item, priority));
    }
    settle().await;
    assert_eq!((in_flight(), queue.running()), (vec![9, 8], 2));
    gate.let_pass(1);
    settle().await;
    assert_eq!((in_flight(), queue.running()), (vec![8, 7], 2));
    gate.let_pass(2);
    soon(queue.drained()).await;
    assert_eq!(in_flight(), [0; 0]);
}

#[tokio::test(start_paused = true)]
async fn events_come_in_order() {
    let gate = Gate::new();
    let log = Log::new();
    let queue = PriorityQueue::new(4, gate.worker(&log));
    let mut events = queue.events();
    for item in 0..5 {
        drop(queue.push(item, 5 - i64::from(item)));
    }
    settle().await;
    assert_eq!(
        (received(&mut events), log.entries()),
        (vec![Saturated], vec![4, 3, 2, 1])
    );
    gate.let_pass(5);
    soon(queue.drained()).await;
    settle().await;
    assert_eq!(received(&mut events), [Empty, Unsaturated, Drained]);
}

#[tokio::test(start_paused = true)]
async fn to_push_nothing_drains_only_an_idle_queue() {
    let queue = PriorityQueue::new(1, async |item: u32| Ok::<_, ()>(item));
    let mut events = queue.events();
    assert_eq!(soon(queue.push_all([], 1)).await, []);
    assert_eq!(received(&mut events), [Drained]);
    drop(queue.push(1, 1));
    drop(queue.push_all([], 1));
    assert_eq!(received(&mut events), []);
}

#[tokio::test(start_paused = true)]
async fn remove_can_inspect_waiting_items() {
    let log = Log::new();
    let queue = PriorityQueue::builder(noting(&log)).paused().build();
    for (item, priority) in [(3, 9), (1, 0), (4, 9), (2, 0)] {
        drop(queue.push(item, priority));
    }
    let mut waiting = Vec::new();
    queue.remove(|item| {
        waiting.push(*item);
        false
    });
    assert_eq!(waiting, [1, 2, 3, 4]);
    assert_eq!(queue.remove(|item| item % 2 == 0), [2, 4]);
    queue.resume();
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [1, 3]);
}

#[tokio::test(start_paused = true)]
async fn a_capacity_holds_for_any_priority() {
    let log = Log::new();
    let queue = PriorityQueue::builder(noting(&log))
        .capacity(1)
        .paused()
        .build();
    let first = queue.try_push(1, 5).unwrap();
    assert_eq!(queue.try_push(2, 0).unwrap_err(), PushError::Full(2));
    assert_eq!(soon(queue.push(3, 0)).await, Err(QueueError::Full));
    queue.resume();
    let fourth = soon(queue.send(4, 0)).await.unwrap();
    assert_eq!((soon(first).await, soon(fourth).await), (Ok(1), Ok(4)));
    soon(queue.close()).await;
    assert_eq!(
        soon(queue.send(5, 0)).await.unwrap_err(),
        PushError::Closed(5)
    );
}
