//! Tests of what a queue says: its events, its errors, and what is in flight.

use conjoin_adapters::queue::QueueEvent::{Drained, Empty, Error, Saturated, Unsaturated};
use conjoin_adapters::queue::{Queue, QueueError};
use futures::StreamExt;

use crate::{Gate, Log, received, settle, soon};

#[tokio::test(start_paused = true)]
async fn all_errors_go_to_the_hook_and_are_events() {
    let errors = Log::new();
    let note = errors.clone();
    let queue = Queue::builder(async |item: &str| match item {
        "foo" => Err("fooError"),
        "oh" => panic!("oh"),
        _ => Ok(()),
    })
    .concurrency(2)
    .on_error(move |error| note.push(error.clone()))
    .build();
    let mut events = queue.events();
    drop(queue.push_all(["foo", "bar", "oh"]));
    soon(queue.drained()).await;
    assert_eq!(
        errors.entries(),
        [
            QueueError::Failed("fooError"),
            QueueError::Panicked("oh".into())
        ]
    );
    settle().await;
    assert_eq!(
        received(&mut events)
            .iter()
            .filter(|event| **event == Error)
            .count(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn queue_without_jobs_is_idle() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(1);
    assert!(queue.is_idle() && queue.is_empty());
    let pushed = queue.push(1);
    assert!(!queue.is_idle() && !queue.is_empty());
    settle().await;
    assert!(!queue.is_idle() && queue.is_empty());
    gate.let_pass(1);
    assert_eq!(soon(pushed).await, Ok(1));
    assert!(queue.is_idle());
    assert_eq!(queue.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn events_come_in_order() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(3);
    let mut events = queue.events();
    let all = queue.push_all(0..5);
    settle().await;
    assert_eq!(received(&mut events), [Saturated]);
    gate.let_pass(1);
    settle().await;
    assert_eq!(received(&mut events), [], "another one has taken its place");
    gate.let_pass(1);
    settle().await;
    assert_eq!(received(&mut events), [Empty]);
    gate.let_pass(1);
    settle().await;
    assert_eq!(received(&mut events), [Unsaturated]);
    gate.let_pass(2);
    soon(all).await;
    settle().await;
    assert_eq!(received(&mut events), [Drained]);

    // Items wait because the concurrency was lowered.
    drop(queue.push_all([1, 2]));
    settle().await;
    assert_eq!(received(&mut events), [Empty]);
    queue.set_concurrency(1);
    assert_eq!(received(&mut events), [Saturated]);
    queue.set_concurrency(3);
    assert_eq!(received(&mut events), [Unsaturated]);
    gate.let_pass(2);
    soon(queue.close()).await;
    assert_eq!(soon(events.collect::<Vec<_>>()).await, [Drained]);
}

#[tokio::test(start_paused = true)]
async fn to_push_nothing_to_an_idle_queue_drains_it() {
    let queue = Queue::new(3, async |item: u32| Ok::<_, ()>(item));
    let mut events = queue.events();
    assert_eq!(soon(queue.push_all([])).await, []);
    assert_eq!(received(&mut events), [Drained]);
    soon(queue.drained()).await;
    drop(queue.push(1));
    assert_eq!(soon(queue.push_all([])).await, []);
    settle().await;
    assert_eq!(received(&mut events), [Empty, Drained]);
}

#[tokio::test(start_paused = true)]
async fn it_is_empty_before_it_is_idle() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(1);
    let mut events = queue.events();
    drop(queue.push(1));
    assert_eq!(soon(events.next()).await, Some(Empty));
    assert!(!queue.is_idle());
    assert_eq!(queue.running(), 1);
    gate.let_pass(1);
    soon(queue.drained()).await;
    settle().await;
    assert_eq!(received(&mut events), [Saturated, Unsaturated, Drained]);
}

#[tokio::test(start_paused = true)]
async fn in_flight_items_are_listed() {
    let gate = Gate::new();
    let log = Log::new();
    let queue = Queue::builder(gate.worker(&log))
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
    drop(queue.push_all([7, 8, 9]));
    assert_eq!(in_flight(), [0; 0]);
    settle().await;
    assert_eq!((in_flight(), queue.running()), (vec![7, 8], 2));
    gate.let_pass(1);
    settle().await;
    assert_eq!((in_flight(), queue.running()), (vec![8, 9], 2));
    gate.let_pass(2);
    soon(queue.drained()).await;
    assert_eq!((in_flight(), queue.running()), (vec![], 0));
    assert_eq!(gate.queue(1).0.in_flight(), None, "it is not tracked");
}
