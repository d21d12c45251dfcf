//! Tests handles, errors, and the other public types.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use conjoin_adapters::queue::{
    Drained, JobHandle, JobHandles, PriorityQueue, PushError, Queue, QueueError, QueueEvents,
};
use futures::FutureExt;

use super::{Gate, Log, Outcome, noting, settle, soon};

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn the_newest_waker_is_woken() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(1);
    let mut pushed = queue.push(1);
    let mut drained = queue.drained();
    let [first, second] = [Arc::new(Count::default()), Arc::new(Count::default())];
    for count in [&first, &second] {
        let waker = Waker::from(Arc::clone(count));
        let mut cx = Context::from_waker(&waker);
        assert!(pushed.poll_unpin(&mut cx).is_pending());
        assert!(drained.poll_unpin(&mut cx).is_pending());
    }
    gate.let_pass(1);
    settle().await;
    assert_eq!(
        (
            first.0.load(Ordering::SeqCst),
            second.0.load(Ordering::SeqCst)
        ),
        (0, 2)
    );
    assert_eq!(
        pushed.poll_unpin(&mut Context::from_waker(Waker::noop())),
        Poll::Ready(Ok(1))
    );
}

#[tokio::test(start_paused = true)]
async fn a_handle_goes_from_task_to_task() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(1);
    let mut pushed = queue.push(1);
    for _ in 0..3 {
        let task = tokio::spawn(async move {
            assert!((&mut pushed).now_or_never().is_none());
            Some(pushed)
        });
        pushed = soon(task).await.unwrap().unwrap();
    }
    gate.let_pass(1);
    assert_eq!(soon(tokio::spawn(pushed)).await.unwrap(), Ok(1));
}

#[tokio::test(start_paused = true)]
async fn dropped_handle_does_not_stop_its_job() {
    let log = Log::new();
    let queue = Queue::builder(noting(&log)).paused().build();
    drop(queue.push(1));
    drop(queue.push_all([2, 3]));
    queue.resume();
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [1, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn the_worker_is_never_called_within_a_push() {
    let log = Log::new();
    let queue = Queue::new(2, noting(&log));
    let pushed = queue.push(1);
    drop(queue.push_front(2));
    queue.set_concurrency(9);
    queue.resume();
    assert_eq!(log.entries(), [0; 0]);
    assert_eq!(soon(pushed).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn handles_of_push_all_can_be_iterated() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(1);
    let mut all = queue.push_all(0..4);
    gate.let_pass(2);
    settle().await;
    assert!((&mut all).now_or_never().is_none());
    assert_eq!(format!("{all:?}"), "JobHandles { settled: 2, waiting: 2 }");
    gate.let_pass(2);
    let rest: Vec<Outcome> = soon(futures::future::join_all(all)).await;
    assert_eq!(rest, [Ok(2), Ok(3)], "the others had ended");
}

#[tokio::test(start_paused = true)]
async fn other_tasks_run_between_busy_workers() {
    let log = Log::new();
    let queue = Queue::new(1, noting(&log));
    drop(queue.push_all(0..1000));
    for turns in 0..20 {
        tokio::task::yield_now().await;
        assert!(log.entries().len() <= turns + 1);
    }
    soon(queue.drained()).await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_of_events_keeps_the_newest() {
    let queue = Queue::new(1, noting(&Log::new()));
    let mut events = queue.events();
    for _ in 0..500 {
        assert!(soon(queue.push(1)).await.is_ok());
        settle().await;
    }
    // One of each: empty, saturated, unsaturated, drained.
    assert_eq!(events.dropped(), 2000 - 1024);
    assert_eq!(super::received(&mut events).len(), 1024);
}

#[test]
fn errors_say_what_happened() {
    #[derive(Clone, Debug, PartialEq, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::fmt::Error);

    let failed = QueueError::Failed(Outer(std::fmt::Error));
    assert_eq!(failed.to_string(), "outer");
    assert!(failed.source().unwrap().is::<std::fmt::Error>());
    assert_eq!(failed.failure(), Some(Outer(std::fmt::Error)));
    let others = [
        (QueueError::Panicked("oh".into()), "the worker panicked: oh"),
        (QueueError::Killed, "the queue was killed"),
        (QueueError::Removed, "the item was removed from the queue"),
        (QueueError::Closed, "the queue is closed"),
        (
            QueueError::Full,
            "the queue is full; help: use `send` to wait for room",
        ),
    ];
    for (error, text) in others {
        assert_eq!(error.to_string(), text);
        assert!(error.source().is_none());
        assert_eq!(QueueError::<Outer>::failure(error), None);
    }
    let (full, closed) = (PushError::Full(1), PushError::Closed(2));
    assert_eq!(
        (full.to_string(), closed.to_string()),
        ("the queue is full".into(), "the queue is closed".into())
    );
    assert!(full.is_full() && !full.is_closed() && closed.is_closed() && !closed.is_full());
    assert_eq!(
        (format!("{full:?}"), closed.into_inner()),
        ("Full(..)".into(), 2)
    );
}

/// Items and results need not be `Sync`, `Clone` or `Unpin`.
#[test]
fn all_can_be_sent_shared_and_moved() {
    type Odd = (std::cell::Cell<u8>, std::marker::PhantomPinned);
    fn free<T: Send + Sync + Clone + 'static>() {}
    fn sent<T: Send + Unpin + 'static>() {}
    free::<Queue<Odd, Odd, Odd>>();
    free::<PriorityQueue<Odd, Odd, Odd>>();
    sent::<JobHandle<Odd, Odd>>();
    sent::<JobHandles<Odd, Odd>>();
    sent::<Drained>();
    sent::<QueueEvents>();
    let queue = Queue::new(1, async |item: Odd| Ok::<Odd, Odd>(item));
    assert_eq!(
        format!("{queue:?}"),
        "Queue { len: 0, running: 0, concurrency: 1, .. }"
    );
}
