//! Tests `remove` during everything else.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Barrier};
use std::thread;

use conjoin_adapters::queue::{PriorityQueue, Queue, QueueError};
use futures::FutureExt;

use super::{Gate, Log, message, noting, settle, soon};

#[tokio::test(start_paused = true)]
async fn removed_items_return_and_fail_their_handles() {
    let gate = Gate::new();
    let (queue, log) = gate.queue(1);
    let handles: Vec<_> = queue.push_all(0..4).into_iter().collect();
    settle().await;
    assert_eq!(
        queue.remove(|item| item % 2 == 0),
        [2],
        "the first one is worked on"
    );
    gate.let_pass(4);
    let outcomes = soon(futures::future::join_all(handles)).await;
    assert_eq!(outcomes, [Ok(0), Ok(1), Err(QueueError::Removed), Ok(3)]);
    assert_eq!(log.entries(), [0, 1, 3]);
}

#[tokio::test(start_paused = true)]
async fn predicate_may_push() {
    let log = Log::new();
    let queue = Queue::new(1, noting(&log));
    drop(queue.push_all([1, 2, 3]));
    queue.remove(|item| {
        drop(queue.push_front(item + 10));
        drop(queue.push(item + 20));
        assert!(queue.len() >= 3 && !queue.is_idle());
        *item == 2
    });
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [13, 12, 11, 1, 3, 21, 22, 23]);

    let log = Log::new();
    let queue = PriorityQueue::new(1, noting(&log));
    drop(queue.push_all([1, 2, 3], 5));
    queue.remove(|item| {
        drop(queue.push(item + 10, 4));
        drop(queue.push(item + 20, 5));
        *item == 2
    });
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [11, 12, 13, 1, 3, 21, 22, 23]);
}

#[tokio::test(start_paused = true)]
async fn a_predicate_may_kill_the_queue() {
    let queue = Queue::builder(noting(&Log::new())).paused().build();
    let [first, second] = [queue.push(1), queue.push(2)];
    let drained = queue.drained();
    let removed = queue.remove(|item| {
        queue.kill();
        *item == 1
    });
    assert_eq!(removed, [1]);
    assert_eq!(first.now_or_never(), Some(Err(QueueError::Removed)));
    assert_eq!(second.now_or_never(), Some(Err(QueueError::Killed)));
    soon(drained).await;
}

#[tokio::test(start_paused = true)]
async fn a_removal_within_a_removal_is_refused() {
    let queue = Queue::builder(noting(&Log::new())).paused().build();
    drop(queue.push(1));
    let panic = catch_unwind(AssertUnwindSafe(|| {
        queue.remove(|_| !queue.remove(|_| true).is_empty())
    }))
    .unwrap_err();
    assert_eq!(
        message(&*panic),
        "the predicate of `remove` called `remove` on the same queue; help: remove the items afterwards"
    );
    assert_eq!(queue.remove(|_| true), [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_removals_run_in_sequence() {
    let queue = Queue::builder(noting(&Log::new())).paused().build();
    drop(queue.push_all(0..4));
    let looking = Arc::new(Barrier::new(2));
    let second = {
        let (queue, looking) = (queue.clone(), Arc::clone(&looking));
        thread::spawn(move || {
            looking.wait();
            queue.remove(|_| true)
        })
    };
    let first = queue.remove(|item| {
        if *item == 0 {
            looking.wait();
        }
        *item < 2
    });
    assert_eq!((first, second.join().unwrap()), (vec![0, 1], vec![2, 3]));
}

#[tokio::test(start_paused = true)]
async fn removing_all_items_ends_the_parked_runner() {
    let metrics = tokio::runtime::Handle::current().metrics();
    let queue = Queue::builder(noting(&Log::new())).paused().build();
    let before = metrics.num_alive_tasks();
    drop(queue.push(1));
    settle().await;
    assert_eq!(metrics.num_alive_tasks(), before + 1);
    assert_eq!(queue.remove(|_| true), [1]);
    settle().await;
    assert_eq!(metrics.num_alive_tasks(), before);
    let pushed = queue.push(2);
    settle().await;
    queue.resume();
    assert_eq!(soon(pushed).await, Ok(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_overtakes_what_a_predicate_looks_at() {
    let metrics = tokio::runtime::Handle::current().metrics();
    let gate = Gate::new();
    let (queue, log) = gate.queue(1);
    let mut all = queue.push_all([0, 1, 2]).into_iter();
    while queue.running() == 0 {
        tokio::task::yield_now().await;
    }
    let alive = metrics.num_alive_tasks();
    let mut last = None;
    queue.remove(|item| {
        if *item == 1 {
            last = Some(queue.push(3));
            gate.let_pass(1);
            // The task ends, because nothing may start.
            while metrics.num_alive_tasks() == alive {
                assert_eq!(log.entries(), [0]);
                thread::yield_now();
            }
        }
        false
    });
    gate.let_pass(3);
    assert_eq!(soon(last.unwrap()).await, Ok(3));
    assert_eq!(soon(all.next().unwrap()).await, Ok(0));
    assert_eq!(log.entries(), [0, 1, 2, 3]);
}
