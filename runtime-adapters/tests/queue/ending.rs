//! Tests the ways in which a queue ends, and that each handle ends with it.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use conjoin_adapters::queue::{JobHandle, PriorityQueue, PushError, Queue, QueueError, WeakQueue};
use futures::executor::block_on;
use futures::{FutureExt, StreamExt};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use super::{End, Gate, Log, Outcome, message, noting, settle, soon};

fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap(),
    ]
}

/// The outcome of a handle without a running runtime; fails instead of hanging.
fn outcome_on_a_thread<T: Send + 'static>(pushed: impl Future<Output = T> + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || sender.send(block_on(pushed)));
    receiver
        .recv_timeout(Duration::from_secs(120))
        .expect("it ends")
}

#[tokio::test(start_paused = true)]
async fn kill_fails_waiting_items_only() {
    let gate = Gate::new();
    let (queue, log) = gate.queue(2);
    let handles: Vec<_> = queue.push_all(0..4).into_iter().collect();
    settle().await;
    queue.kill();
    queue.kill();
    assert!(queue.is_closed() && queue.is_empty() && !queue.is_idle());
    let mut outcomes = handles.into_iter();
    let (worked_on, waiting): (Vec<_>, Vec<_>) =
        (outcomes.by_ref().take(2).collect(), outcomes.collect());
    assert_eq!(waiting.len(), 2);
    for pushed in waiting {
        assert_eq!(pushed.now_or_never(), Some(Err(QueueError::Killed)));
    }
    gate.let_pass(2);
    assert_eq!(
        soon(futures::future::join_all(worked_on)).await,
        [Ok(0), Ok(1)]
    );
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [0, 1]);
    assert_eq!(soon(queue.push(5)).await, Err(QueueError::Closed));
}

#[tokio::test(start_paused = true)]
async fn an_idle_queue_is_drained_at_once() {
    let queue = Queue::new(1, noting(&Log::new()));
    assert_eq!(queue.drained().now_or_never(), Some(()));
    assert_eq!(soon(queue.push(1)).await, Ok(1));
    soon(queue.drained()).await;
    assert_eq!(queue.drained().now_or_never(), Some(()));
    assert_eq!(queue.close().now_or_never(), Some(()));
    assert_eq!(queue.close().now_or_never(), Some(()), "closed twice");
}

#[tokio::test(start_paused = true)]
async fn it_is_drained_when_the_rest_is_removed_or_killed() {
    let ends: [End; 2] = [|queue| drop(queue.remove(|_| true)), |queue| queue.kill()];
    for end in ends {
        let queue = Queue::builder(noting(&Log::new())).paused().build();
        let pushed = queue.push(1);
        let mut drained = queue.drained();
        assert!((&mut drained).now_or_never().is_none());
        end(&queue);
        soon(drained).await;
        assert!(pushed.now_or_never().unwrap().is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn drained_completes_for_earlier_waiters() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(1);
    let first = queue.push(1);
    let drained = tokio::spawn(queue.drained());
    settle().await;
    gate.let_pass(1);
    assert_eq!(soon(first).await, Ok(1));
    drop(queue.push(2));
    soon(drained).await.unwrap();
    assert!(queue.drained().now_or_never().is_none());
}

#[tokio::test(start_paused = true)]
async fn it_is_not_drained_before_the_last_handle_has_ended() {
    let own = Arc::new(OnceLock::<WeakQueue<u32, (), &str>>::new());
    let (weak, seen) = (Arc::clone(&own), Log::new());
    let note = seen.clone();
    let queue = Queue::builder(async |_: u32| Err("no"))
        .on_error(move |_| {
            let queue = weak.get().unwrap().upgrade().unwrap();
            note.push((queue.is_idle(), queue.drained().now_or_never()));
        })
        .build();
    own.set(queue.downgrade()).unwrap();
    let pushed = queue.push(1);
    soon(queue.drained()).await;
    assert_eq!(pushed.now_or_never(), Some(Err(QueueError::Failed("no"))));
    assert_eq!(seen.entries(), [(true, None)]);
}

#[tokio::test(start_paused = true)]
async fn closed_queue_finishes_and_takes_no_items() {
    let gate = Gate::new();
    let log = Log::new();
    let queue = Queue::builder(gate.worker(&log)).paused().build();
    let all = queue.push_all(0..3);
    // From the call on, not from the first poll.
    let closed = queue.close();
    assert_eq!(queue.try_push(7).unwrap_err(), PushError::Closed(7));
    assert_eq!(soon(queue.push(8)).await, Err(QueueError::Closed));
    assert!(!queue.is_paused());
    gate.let_pass(3);
    soon(closed).await;
    assert_eq!(all.now_or_never().unwrap(), [Ok(0), Ok(1), Ok(2)]);
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_closes_the_queue() {
    let gate = Gate::new();
    let (queue, log) = gate.queue(1);
    let clone = queue.clone();
    let [first, second] = [queue.push(1), queue.push(2)];
    let (events, weak) = (queue.events(), queue.downgrade());
    settle().await;
    drop(queue);
    assert!(weak.upgrade().is_some());
    assert_eq!(clone.len(), 1);
    let drained = clone.drained();
    drop(clone);
    assert!(weak.upgrade().is_none());
    assert_eq!(second.now_or_never(), Some(Err(QueueError::Closed)));
    gate.let_pass(1);
    soon(drained).await;
    assert_eq!(soon(first).await, Ok(1), "it was worked on");
    soon(events.collect::<Vec<_>>()).await;
    assert_eq!(log.entries(), [1]);
}

#[tokio::test(start_paused = true)]
async fn closed_queue_works_without_handles() {
    let queue = Queue::new(1, noting(&Log::new()));
    let all = queue.push_all(0..3);
    let closed = queue.close();
    drop(queue);
    soon(closed).await;
    assert_eq!(soon(all).await, [Ok(0), Ok(1), Ok(2)]);

    let queue = Queue::new(1, noting(&Log::new()));
    let pushed = queue.push(1);
    drop(queue.close());
    // Nothing will ever resume it.
    queue.pause();
    drop(queue);
    assert_eq!(soon(pushed).await, Err(QueueError::Closed));
}

#[tokio::test(start_paused = true)]
async fn the_last_handle_of_a_paused_queue_ends_all_of_it() {
    let worker = Arc::new(());
    let kept = Arc::clone(&worker);
    let queue = Queue::builder(move |item: u32| {
        let kept = Arc::clone(&kept);
        async move {
            drop(kept);
            Ok::<_, &str>(item)
        }
    })
    .paused()
    .build();
    let pushed = queue.push(1);
    settle().await;
    drop(queue);
    assert_eq!(soon(pushed).await, Err(QueueError::Closed));
    settle().await;
    assert_eq!(
        Arc::strong_count(&worker),
        1,
        "no task is left that holds it"
    );
}

#[test]
fn runtime_shutdown_fails_all_jobs() {
    for runtime in runtimes() {
        let (begins, begun) = oneshot::channel();
        let begins = std::sync::Mutex::new(Some(begins));
        let (queue, handles): (_, Vec<JobHandle<(), &str>>) = runtime.block_on(async {
            let queue = Queue::new(1, move |_: u32| {
                begins.lock().unwrap().take().map(|begins| begins.send(()));
                pending()
            });
            let handles = queue.push_all([1, 2, 3]).into_iter().collect();
            begun.await.unwrap();
            (queue, handles)
        });
        let drained = queue.drained();
        drop(runtime);
        for pushed in handles {
            assert_eq!(outcome_on_a_thread(pushed), Err(QueueError::Closed));
        }
        outcome_on_a_thread(drained);
        assert!(queue.is_closed() && queue.is_idle());
        assert_eq!(outcome_on_a_thread(queue.push(4)), Err(QueueError::Closed));
    }
}

#[test]
fn the_end_of_the_runtime_ends_what_was_never_started() {
    // It has a task that was never polled, one of a paused queue, or one that is parked.
    for (is_paused, is_driven) in [(false, false), (true, false), (true, true)] {
        let runtime = Builder::new_current_thread().build().unwrap();
        let guard = runtime.enter();
        let builder = Queue::builder(async |item: u32| Ok::<_, ()>(item)).capacity(2);
        let queue = if is_paused { builder.paused() } else { builder }.build();
        let handles: Vec<_> = queue.push_all([1, 2]).into_iter().collect();
        drop(guard);
        if is_driven {
            runtime.block_on(tokio::task::yield_now());
        }
        let sending = queue.clone();
        let mut waiting = Box::pin(async move { sending.send(3).await.map(drop) });
        assert!((&mut waiting).now_or_never().is_none());
        drop(runtime);
        for pushed in handles {
            assert_eq!(outcome_on_a_thread(pushed), Err(QueueError::Closed));
        }
        assert_eq!(outcome_on_a_thread(waiting), Err(PushError::Closed(3)));
    }
}

#[test]
fn queue_without_its_runtime_fails_new_items() {
    for runtime in runtimes() {
        let queue = runtime.block_on(async {
            let queue = PriorityQueue::new(1, async |item: u32| Ok::<_, ()>(item));
            assert_eq!(queue.push(1, 0).await, Ok(1));
            queue
        });
        drop(runtime);
        assert_eq!(
            outcome_on_a_thread(queue.push(2, 0)),
            Err(QueueError::Closed)
        );
        assert!(queue.is_closed());
        assert_eq!(queue.try_push(3, 0).unwrap_err(), PushError::Closed(3));
        outcome_on_a_thread(queue.close());
    }
}

#[test]
fn first_push_chooses_the_runtime() {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let worker = async |_: u32| Ok::<_, ()>(tokio::runtime::Handle::current().id());
    let built_inside = runtime.block_on(async { Queue::new(1, worker) });
    assert_eq!(
        outcome_on_a_thread(built_inside.push(1)),
        Ok(runtime.handle().id())
    );

    let built_outside = Queue::new(1, worker);
    let panic = catch_unwind(AssertUnwindSafe(|| built_outside.push(1))).unwrap_err();
    assert!(
        message(&*panic).contains("outside of a tokio runtime"),
        "{}",
        message(&*panic)
    );
    let panic = catch_unwind(AssertUnwindSafe(|| block_on(built_outside.send(1)))).unwrap_err();
    assert!(message(&*panic).contains("outside of a tokio runtime"));
    assert!(built_outside.is_idle(), "nothing was queued");
    // Everything else needs no runtime.
    built_outside.pause();
    built_outside.resume();
    built_outside.set_concurrency(3);
    block_on(built_outside.drained());
    assert_eq!(
        runtime.block_on(async { built_outside.push(2).await }),
        Ok(runtime.handle().id())
    );
    assert_eq!(
        outcome_on_a_thread(built_outside.push(3)),
        Ok(runtime.handle().id())
    );
}

#[tokio::test(start_paused = true)]
async fn there_are_as_many_tasks_as_there_is_work_for() {
    let metrics = tokio::runtime::Handle::current().metrics();
    let before = metrics.num_alive_tasks();
    let queue = Queue::new(8, noting(&Log::new()));
    assert_eq!(metrics.num_alive_tasks(), before);
    drop(queue.push_all(0..3));
    assert_eq!(metrics.num_alive_tasks(), before + 3, "one for each item");
    let all: Vec<Outcome> = soon(queue.push_all(0..100)).await;
    assert_eq!(all.len(), 100);
    settle().await;
    assert_eq!(metrics.num_alive_tasks(), before);
}
