//! Tests that change what a queue does: its concurrency, pauses, removed items and the end.

use std::panic::catch_unwind;
use std::sync::{Arc, OnceLock};

use conjoin_adapters::queue::{Queue, WeakQueue};
use futures::StreamExt;

use crate::{Gate, Log, message, milliseconds, noting, settle, soon};

#[tokio::test(start_paused = true)]
async fn a_changed_concurrency_takes_effect_at_once() {
    let gate = Gate::new();
    let (queue, log) = gate.queue(1);
    let all = queue.push_all(0..50);
    settle().await;
    assert_eq!(queue.running(), 1);
    // Nothing ends meanwhile, so nothing else can start.
    queue.set_concurrency(2);
    settle().await;
    assert_eq!(queue.running(), 2);
    queue.set_concurrency(5);
    settle().await;
    assert_eq!((queue.running(), log.entries().len()), (5, 5));
    queue.set_concurrency(3);
    gate.let_pass(2);
    settle().await;
    assert_eq!(
        (queue.running(), log.entries().len()),
        (3, 5),
        "nothing is started in their place"
    );
    gate.let_pass(1);
    settle().await;
    assert_eq!((queue.running(), log.entries().len()), (3, 6));
    queue.set_concurrency(1000);
    gate.let_pass(47);
    assert_eq!(soon(all).await, (0..50).map(Ok).collect::<Vec<_>>());
}

#[test]
fn a_concurrency_of_0_is_refused() {
    const REFUSAL: &str =
        "the concurrency of a queue is 0; help: use at least 1, and `pause` to start no more jobs";
    let panic = catch_unwind(|| Queue::new(0, async |(): ()| Ok::<_, ()>(()))).unwrap_err();
    assert_eq!(message(&*panic), REFUSAL);
    let queue = Queue::new(3, async |(): ()| Ok::<_, ()>(()));
    let panic =
        catch_unwind(std::panic::AssertUnwindSafe(|| queue.set_concurrency(0))).unwrap_err();
    assert_eq!(message(&*panic), REFUSAL);
    assert_eq!(queue.concurrency(), 3);
}

#[tokio::test(start_paused = true)]
async fn while_it_is_paused_nothing_is_started() {
    let gate = Gate::new();
    let (queue, log) = gate.queue(2);
    let mut all = queue.push_all(1..=3).into_iter();
    settle().await;
    queue.pause();
    assert!(queue.is_paused());
    gate.let_pass(2);
    assert_eq!(soon(all.next().unwrap()).await, Ok(1));
    assert_eq!(soon(all.next().unwrap()).await, Ok(2));
    let fourth = queue.push(4);
    settle().await;
    assert_eq!(
        (log.entries(), queue.len(), queue.running()),
        (vec![1, 2], 2, 0)
    );
    gate.let_pass(2);
    queue.resume();
    assert!(!queue.is_paused());
    assert_eq!(soon(all.next().unwrap()).await, Ok(3));
    assert_eq!(soon(fourth).await, Ok(4));
    assert_eq!(log.entries(), [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_pause_its_queue() {
    let log = Log::new();
    let own = Arc::new(OnceLock::<WeakQueue<u32, (), &str>>::new());
    let (note, queue) = (log.clone(), Arc::clone(&own));
    let queue = Queue::new(10, move |item| {
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
    drop(queue.push_all(1..=5));
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [1, 2, 3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn it_may_start_paused() {
    let log = Log::new();
    let queue = Queue::builder(noting(&log)).concurrency(2).paused().build();
    let all = queue.push_all(1..=3);
    settle().await;
    assert_eq!(
        (queue.running(), queue.len(), log.entries()),
        (0, 3, vec![])
    );
    queue.resume();
    assert_eq!(soon(all).await, [Ok(1), Ok(2), Ok(3)]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_or_drained_after_a_kill() {
    let log = Log::new();
    let queue = Queue::new(1, noting(&log));
    let events = queue.events();
    drop(queue.push(0));
    queue.kill();
    assert_eq!(queue.len(), 0);
    settle().await;
    assert_eq!(log.entries(), [0; 0]);
    assert_eq!(soon(events.collect::<Vec<_>>()).await, []);
    assert_eq!(soon(queue.events().collect::<Vec<_>>()).await, []);
}

#[tokio::test(start_paused = true)]
async fn removed_items_do_not_start() {
    let log = Log::new();
    let queue = Queue::new(1, noting(&log));
    drop(queue.push_all(1..=5));
    assert_eq!(queue.remove(|item| *item == 3), [3]);
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [1, 2, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn remove_can_inspect_waiting_items() {
    let queue = Queue::builder(async |item: u32| Ok::<_, ()>(item))
        .paused()
        .build();
    drop(queue.push_all(1..=3));
    drop(queue.push_front(0));
    let mut waiting = Vec::new();
    let removed = queue.remove(|item| {
        waiting.push(*item);
        false
    });
    assert!(removed.is_empty());
    assert_eq!((waiting, queue.len()), (vec![0, 1, 2, 3], 4));
    queue.resume();
    soon(queue.drained()).await;
    assert!(queue.remove(|_| true).is_empty());
}
