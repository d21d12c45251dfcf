//! Tests that a panic ends at most one item, and the queue continues.

use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use conjoin_adapters::queue::{Queue, QueueError};
use futures::{FutureExt, StreamExt};

use super::{Log, Outcome, message, noting, settle, soon};

/// Panics when it is dropped.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("the bomb");
    }
}

#[tokio::test(start_paused = true)]
async fn in_the_worker_it_ends_its_item_alone() {
    let queue = Queue::new(1, |item: u32| {
        assert!(item != 1, "in the call");
        async move {
            assert!(item != 2, "before it waits");
            tokio::task::yield_now().await;
            assert!(item != 3, "after {}", item - 2);
            Ok::<_, &str>(item)
        }
    });
    let panicked = |message: &str| Err(QueueError::Panicked(message.into()));
    let outcomes = [
        panicked("in the call"),
        panicked("before it waits"),
        panicked("after 1"),
        Ok(4),
    ];
    assert_eq!(soon(queue.push_all(1..=4)).await, outcomes);
    assert!(queue.is_idle());
    soon(queue.drained()).await;
}

#[tokio::test(start_paused = true)]
async fn panic_without_message_fails_only_its_job() {
    let queue = Queue::new(1, async |item: u32| match item {
        1 => panic_any(7),
        2 => panic_any(Bomb),
        _ => Ok::<_, &str>(item),
    });
    let panicked = || Err(QueueError::Panicked("a panic without a message".into()));
    assert_eq!(
        soon(queue.push_all(1..=3)).await,
        [panicked(), panicked(), Ok(3)]
    );
}

#[tokio::test(start_paused = true)]
async fn panic_in_a_future_drop_fails_only_its_job() {
    struct Work {
        _bomb: Option<Bomb>,
    }

    impl Future for Work {
        type Output = Result<u32, &'static str>;

        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
            Poll::Ready(Ok(1))
        }
    }

    let queue = Queue::new(1, |is_armed: bool| Work {
        _bomb: is_armed.then(|| Bomb),
    });
    assert_eq!(
        soon(queue.push_all([true, false])).await,
        [Err(QueueError::Panicked("the bomb".into())), Ok(1)]
    );
}

#[tokio::test(start_paused = true)]
async fn of_a_result_that_nobody_waits_for_it_ends_nothing() {
    let queue = Queue::new(1, async |is_armed: bool| {
        Ok::<_, ()>(is_armed.then(|| Bomb))
    });
    drop(queue.push(true));
    assert!(soon(queue.push(false)).await.unwrap().is_none());
    soon(queue.drained()).await;
}

#[tokio::test(start_paused = true)]
async fn panic_in_an_item_drop_settles_all_handles() {
    type End = fn(Queue<Bomb, (), ()>);
    let ends: [(End, QueueError<()>); 3] = [
        (|queue| queue.kill(), QueueError::Killed),
        (|queue| drop(queue), QueueError::Closed),
        (
            |queue| {
                let bombs = queue.remove(|_| true);
                assert_eq!((bombs.len(), queue.len()), (3, 0));
                std::mem::forget(bombs);
                panic!("the bomb");
            },
            QueueError::Removed,
        ),
    ];
    for (end, error) in ends {
        let queue = Queue::builder(|bomb| {
            std::mem::forget(bomb);
            ready(Ok(()))
        })
        .capacity(3)
        .paused()
        .build();
        let handles: Vec<_> = queue.push_all([Bomb, Bomb, Bomb]).into_iter().collect();
        let drained = queue.drained();
        let panic = catch_unwind(AssertUnwindSafe(|| end(queue))).unwrap_err();
        assert_eq!(message(&*panic), "the bomb");
        for pushed in handles {
            assert_eq!(pushed.now_or_never(), Some(Err(error.clone())));
        }
        soon(drained).await;
    }
}

#[tokio::test(start_paused = true)]
async fn panic_in_a_refused_item_reaches_the_caller() {
    let queue = Queue::builder(|bomb: Option<Bomb>| {
        std::mem::forget(bomb);
        ready(Ok::<_, ()>(()))
    })
    .capacity(1)
    .build();
    let first = queue.push(None);
    let panic = catch_unwind(AssertUnwindSafe(|| queue.push(Some(Bomb)))).unwrap_err();
    assert_eq!(message(&*panic), "the bomb");
    assert_eq!(soon(first).await, Ok(()));
    assert_eq!(soon(queue.push(None)).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn in_a_predicate_it_removes_nothing() {
    let log = Log::new();
    let queue = Queue::builder(noting(&log)).capacity(4).paused().build();
    let all = queue.push_all(1..=3);
    let panic = catch_unwind(AssertUnwindSafe(|| {
        queue.remove(|item| {
            assert!(*item != 2, "which of them?");
            true
        })
    }))
    .unwrap_err();
    assert_eq!(message(&*panic), "which of them?");
    assert_eq!(queue.len(), 3);
    queue.resume();
    assert_eq!(soon(all).await, [Ok(1), Ok(2), Ok(3)]);
    assert_eq!(log.entries(), [1, 2, 3]);
    assert!(queue.remove(|_| true).is_empty());
}

#[tokio::test(start_paused = true)]
async fn panic_in_a_tracked_clone_fails_only_its_job() {
    struct Unique(bool);

    impl Clone for Unique {
        fn clone(&self) -> Self {
            assert!(!self.0, "there is but one");
            Unique(false)
        }
    }

    let queue = Queue::builder(async |item: Unique| Ok::<_, &str>(item.0))
        .tracked()
        .build();
    let outcomes = soon(queue.push_all([Unique(true), Unique(false)])).await;
    assert_eq!(
        outcomes,
        [
            Err(QueueError::Panicked("there is but one".into())),
            Ok(false)
        ]
    );
    assert_eq!(queue.in_flight().unwrap().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn in_the_error_hook_it_changes_nothing() {
    let queue = Queue::builder(async |item: u32| Err::<(), _>(item))
        .on_error(|_| panic!("in the hook"))
        .build();
    assert_eq!(
        soon(queue.push_all([1, 2])).await,
        [Err(QueueError::Failed(1)), Err(QueueError::Failed(2))]
    );
    soon(queue.close()).await;
}

#[tokio::test(start_paused = true)]
async fn in_a_waker_it_keeps_nobody_from_being_told() {
    struct Panicking(AtomicUsize);

    impl Wake for Panicking {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
            panic!("in a waker");
        }
    }

    let queue = Queue::builder(noting(&Log::new()))
        .concurrency(2)
        .capacity(2)
        .paused()
        .build();
    let panicking = Arc::new(Panicking(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&panicking));
    let mut cx = Context::from_waker(&waker);
    let (mut first, second) = (queue.push(1), queue.push(2));
    let (mut drained, mut events) = (queue.drained(), queue.events());
    let mut send = Box::pin(queue.send(3));
    assert!(first.poll_unpin(&mut cx).is_pending());
    assert!(drained.poll_unpin(&mut cx).is_pending());
    assert!(events.poll_next_unpin(&mut cx).is_pending());
    assert!(send.poll_unpin(&mut cx).is_pending());
    queue.resume();
    assert_eq!(soon(second).await, Ok(2));
    settle().await;
    assert_eq!(panicking.0.load(Ordering::SeqCst), 4);
    assert_eq!(soon(first).await, Ok(1));
    soon(drained).await;
    assert_eq!(soon(soon(send).await.unwrap()).await, Ok(3));
    let outcome: Outcome = soon(queue.push(4)).await;
    assert_eq!(outcome, Ok(4));
    soon(queue.close()).await;
}
