//! Tests workers that await their own queue: an error where that never ends, and only there.

use std::sync::{Arc, OnceLock};

use conjoin_adapters::queue::{
    JobHandle, PriorityQueue, Queue, QueueError, QueueEvent, QueueEvents, WeakPriorityQueue,
    WeakQueue,
};
use futures::future::{BoxFuture, join_all, select};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::sync::oneshot;

use super::{Log, milliseconds, soon};

pub(crate) type Own = Queue<u32, u32, String>;

const JOB: &str = "a worker awaits a job of its own queue that no worker can start, so it awaits its own end; help: drop \
                   the handle, or raise the concurrency";
const ROOM: &str = "a worker awaits room in its own queue that no worker can make, so it awaits its own end; help: use \
                    `try_push`, or raise the concurrency";
const EVENT: &str = "a worker awaits an event of its own queue that no worker can cause, so it awaits its own end; help: \
                     receive events outside of the workers";

fn told(message: &str) -> Result<u32, QueueError<String>> {
    Err(QueueError::Panicked(message.into()))
}

pub(crate) type Work = fn(Own, u32) -> BoxFuture<'static, Result<u32, String>>;

/// A queue whose worker owns it.
pub(crate) fn owning(concurrency: usize, capacity: usize, work: Work) -> Own {
    let own = Arc::new(OnceLock::<WeakQueue<_, _, _>>::new());
    let weak = Arc::clone(&own);
    let queue = Queue::builder(move |item| {
        let queue = weak.get().unwrap().upgrade();
        async move { work(queue.ok_or("it is gone")?, item).await }
    })
    .concurrency(concurrency)
    .capacity(capacity)
    .build();
    own.set(queue.downgrade()).unwrap();
    queue
}

/// Pushes the next lower number and awaits it.
async fn countdown(queue: Own, item: u32) -> Result<u32, String> {
    let Some(below) = item.checked_sub(1) else {
        return Ok(0);
    };
    let below = queue.push(below).await.map_err(|error| error.to_string())?;
    Ok(below + 1)
}

#[tokio::test(start_paused = true)]
async fn own_item_without_a_free_worker_is_told() {
    let queue = owning(1, 9, |queue, item| countdown(queue, item).boxed());
    assert_eq!(soon(queue.push(1)).await, told(JOB));
    soon(queue.drained()).await;
    // The queue continues.
    assert_eq!(soon(queue.push(0)).await, Ok(0));
}

#[tokio::test(start_paused = true)]
async fn own_item_with_a_free_worker_ends() {
    for concurrency in [2, 3, 20] {
        let queue = owning(concurrency, 9, |queue, item| countdown(queue, item).boxed());
        for item in 0..u32::try_from(concurrency).unwrap() {
            assert_eq!(soon(queue.push(item)).await, Ok(item));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_of_several_workers_is_told() {
    // The fourth push finds all three workers waiting: it fails, and the others continue.
    let queue = owning(3, 9, |queue, item| countdown(queue, item).boxed());
    let why = format!("the worker panicked: {JOB}");
    assert_eq!(soon(queue.push(3)).await, Err(QueueError::Failed(why)));
    soon(queue.drained()).await;

    // A worker that waits for something else saves the others from the error, and then runs what they wait for.
    let queue = owning(2, 9, |queue, item| {
        async move {
            if item == 9 {
                milliseconds(1_000).await;
                return Ok(9);
            }
            countdown(queue, item).await
        }
        .boxed()
    });
    assert_eq!(soon(queue.push_all([1, 9])).await, [Ok(1), Ok(9)]);
}

#[tokio::test(start_paused = true)]
async fn room_in_a_full_own_queue_is_told() {
    let queue = owning(1, 1, |queue, item| {
        async move {
            if item == 0 {
                return Ok(0);
            }
            drop(queue.push(0));
            drop(queue.send(0).await.map_err(|error| error.to_string())?);
            Ok(item)
        }
        .boxed()
    });
    assert_eq!(soon(queue.push(1)).await, told(ROOM));
    soon(queue.drained()).await;
}

#[tokio::test(start_paused = true)]
async fn room_that_another_worker_makes_ends() {
    let queue = owning(2, 1, |queue, item| {
        async move {
            milliseconds(10).await;
            if item > 0 {
                let below = queue.send(item - 1).await;
                drop(below.map_err(|error| error.to_string())?);
            }
            Ok(item)
        }
        .boxed()
    });
    for item in [5, 7, 6] {
        drop(soon(queue.send(item)).await.unwrap());
    }
    soon(queue.drained()).await;
}

#[tokio::test(start_paused = true)]
async fn own_events_without_a_free_worker_are_told() {
    async fn wait(mut events: QueueEvents) -> Result<u32, String> {
        while events.next().await.is_some() {}
        Ok(0)
    }
    let queue = owning(1, 9, |queue, _| wait(queue.events()).boxed());
    assert_eq!(soon(queue.push(0)).await, told(EVENT));

    // If another worker is free, pushes from outside are events.
    let queue = owning(2, 9, |queue, item| {
        async move {
            if item == 1 {
                assert_eq!(queue.events().next().await, Some(QueueEvent::Empty));
            }
            Ok(item)
        }
        .boxed()
    });
    let waiting = queue.push(1);
    milliseconds(10).await;
    assert_eq!(soon(queue.push(0)).await, Ok(0));
    assert_eq!(soon(waiting).await, Ok(1));
}

/// A worker that waits like this, except for the items 0.
pub(crate) fn waiting(wait: fn(Own) -> BoxFuture<'static, ()>) -> Own {
    let own = Arc::new(OnceLock::<WeakQueue<u32, u32, String>>::new());
    let weak = Arc::clone(&own);
    let queue = Queue::new(1, move |item| {
        let queue = weak.get().unwrap().upgrade().unwrap();
        async move {
            if item > 0 {
                wait(queue).await;
            }
            Ok(item)
        }
    });
    own.set(queue.downgrade()).unwrap();
    queue
}

#[tokio::test(start_paused = true)]
async fn own_items_awaited_together_are_told() {
    let waits: [fn(Own) -> BoxFuture<'static, ()>; 6] = [
        |queue| queue.push_all([0, 0]).map(drop).boxed(),
        |queue| async move { _ = tokio::join!(queue.push(0), queue.push(0)) }.boxed(),
        |queue| select(queue.push(0), queue.push(0)).map(drop).boxed(),
        // These have their own wakers.
        |queue| join_all((0..40).map(|_| queue.push(0))).map(drop).boxed(),
        |queue| {
            let handles: FuturesUnordered<_> = (0..3).map(|_| queue.push(0)).collect();
            handles.count().map(drop).boxed()
        },
        |queue| {
            async move {
                let graph = conjoin::auto! {
                    a => queue.push(0).await,
                    b => queue.push(0).await,
                    c => queue.push(0).await,
                    d => queue.push(0).await,
                    e => queue.push(0).await,
                    f => queue.push(0).await,
                    g => queue.push(0).await,
                    h => queue.push(0).await,
                    i => queue.push(0).await,
                    j => queue.push(0).await,
                    k => queue.push(0).await,
                    l => queue.push(0).await,
                };
                drop(graph.await);
            }
            .boxed()
        },
    ];
    for wait in waits {
        let queue = waiting(wait);
        assert_eq!(soon(queue.push(1)).await, told(JOB));
        soon(queue.drained()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_awaits_its_own_item_is_told() {
    type Handle = JobHandle<(), &'static str>;

    let failures = Log::new();
    let noted = failures.clone();
    let queue = || {
        let noted = noted.clone();
        Queue::builder(async |handle: oneshot::Receiver<Handle>| {
            _ = handle.await.unwrap().await;
            Ok::<_, &'static str>(())
        })
        .concurrency(4)
        .on_error(move |error| noted.push(error.to_string()))
        .build()
    };
    let told = format!("the worker panicked: {JOB}");

    // Other workers are free: it waits for itself.
    let one = queue();
    let (sender, receiver) = oneshot::channel();
    sender.send(one.push(receiver)).unwrap();
    soon(one.drained()).await;
    assert_eq!(failures.entries(), [told.as_str()]);

    // Two wait for each other: ending one is enough.
    let two = queue();
    let (sender, receiver) = oneshot::channel();
    let (other_sender, other_receiver) = oneshot::channel();
    sender.send(two.push(other_receiver)).unwrap();
    other_sender.send(two.push(receiver)).unwrap();
    soon(two.drained()).await;
    assert_eq!(failures.entries(), [told.as_str(), told.as_str()]);
}

#[tokio::test(start_paused = true)]
async fn a_priority_queue_tells_as_well() {
    let own = Arc::new(OnceLock::<WeakPriorityQueue<_, _, _>>::new());
    let weak = Arc::clone(&own);
    let queue = PriorityQueue::new(1, move |item: u32| {
        let queue: PriorityQueue<u32, u32, String> = weak.get().unwrap().upgrade().unwrap();
        async move {
            match item.checked_sub(1) {
                Some(below) => queue
                    .push(below, -1)
                    .await
                    .map_err(|error| error.to_string()),
                None => Ok(0),
            }
        }
    });
    own.set(queue.downgrade()).unwrap();
    assert_eq!(soon(queue.push(1, 5)).await, told(JOB));
    soon(queue.drained()).await;
}

#[tokio::test(start_paused = true)]
async fn the_concurrency_of_now_counts() {
    // The concurrency is lowered while one waits for the other: no worker is left.
    let queue = owning(2, 9, |queue, item| {
        async move {
            if item == 7 {
                queue.set_concurrency(1);
                milliseconds(10).await;
                return Ok(7);
            }
            milliseconds(1).await;
            countdown(queue, item).await
        }
        .boxed()
    });
    assert_eq!(soon(queue.push_all([1, 7])).await, [told(JOB), Ok(7)]);
    soon(queue.drained()).await;
}
