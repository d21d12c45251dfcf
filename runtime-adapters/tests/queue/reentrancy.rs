//! Tests workers, wakers and drops that use their own queue.

use std::sync::{Arc, OnceLock};

use conjoin_adapters::queue::{Queue, QueueError, WeakQueue};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Log, settle, soon};

type Own = Queue<u32, u32, &'static str>;

/// A queue whose worker owns it.
fn owning(
    concurrency: usize,
    work: fn(Own, u32) -> BoxFuture<'static, Result<u32, &'static str>>,
) -> Own {
    let own = Arc::new(OnceLock::<WeakQueue<_, _, _>>::new());
    let weak = Arc::clone(&own);
    let queue = Queue::new(concurrency, move |item| {
        let queue = weak.get().unwrap().upgrade();
        async move { work(queue.ok_or("it is gone")?, item).await }
    });
    own.set(queue.downgrade()).unwrap();
    queue
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_push() {
    // Pushes item by item until there are enough.
    let queue = owning(1, |queue, item| {
        async move {
            if item < 10 {
                drop(queue.push(item + 1));
            }
            Ok(item)
        }
        .boxed()
    });
    assert_eq!(soon(queue.push(0)).await, Ok(0));
    soon(queue.drained()).await;

    // Each waits for the item that it has pushed, on another worker.
    let queue = owning(11, |queue, item| {
        async move {
            let Some(below) = item.checked_sub(1) else {
                return Ok(0);
            };
            queue
                .push(below)
                .await
                .map(|depth| depth + 1)
                .map_err(|_| "?")
        }
        .boxed()
    });
    assert_eq!(soon(queue.push(10)).await, Ok(10));
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_close_its_queue() {
    let queue = owning(1, |queue, item| {
        drop(queue.close());
        async move {
            queue.push(9).await.map_err(|error| {
                if error == QueueError::Closed {
                    "closed"
                } else {
                    "?"
                }
            })?;
            Ok(item)
        }
        .boxed()
    });
    let closed = Err(QueueError::Failed("closed"));
    assert_eq!(
        soon(queue.push_all([1, 2])).await,
        [closed.clone(), closed],
        "what was pushed before is done"
    );
    assert!(queue.is_closed());
    soon(queue.drained()).await;
}

#[tokio::test(start_paused = true)]
async fn worker_that_awaits_its_own_end_panics() {
    let queue = owning(2, |queue, item| {
        async move {
            if item == 1 {
                queue.drained().await;
            } else {
                queue.close().await;
            }
            Ok(item)
        }
        .boxed()
    });
    let told = || {
        Err(QueueError::Panicked(
            "a worker awaits that its own queue drains, so it awaits its own end; help: drop the future, or await it outside \
             of the workers"
                .into(),
        ))
    };
    assert_eq!(soon(queue.push_all([1, 2])).await, [told(), told()]);
    soon(queue.drained()).await;

    // It may await another queue.
    let other = Queue::new(1, |queue: Own| async move {
        queue.drained().await;
        Ok::<_, ()>(queue.is_closed())
    });
    assert_eq!(soon(other.push(queue)).await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_kill_its_queue_and_goes_on() {
    let queue = owning(1, |queue, item| {
        async move {
            queue.kill();
            tokio::task::yield_now().await;
            Ok(item)
        }
        .boxed()
    });
    assert_eq!(
        soon(queue.push_all([1, 2, 3])).await,
        [Ok(1), Err(QueueError::Killed), Err(QueueError::Killed)]
    );
    soon(queue.drained()).await;
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_change_all_there_is_to_change() {
    let queue = owning(1, |queue, item| {
        async move {
            queue.pause();
            queue.set_concurrency(item as usize + 1);
            assert_eq!(
                queue.remove(|other| *other == 9).len(),
                usize::from(item == 0)
            );
            assert_eq!((queue.running(), queue.is_idle()), (1, false));
            queue.resume();
            Ok(item)
        }
        .boxed()
    });
    assert_eq!(
        soon(queue.push_all([0, 9, 1])).await,
        [Ok(0), Err(QueueError::Removed), Ok(1)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_have_the_last_handle() {
    let queue = owning(1, |queue, item| {
        async move {
            settle().await;
            drop(queue);
            Ok(item)
        }
        .boxed()
    });
    let [first, second] = [queue.push(1), queue.push(2)];
    // Started, so the worker has it.
    tokio::task::yield_now().await;
    drop(queue);
    assert_eq!(soon(first).await, Ok(1));
    assert_eq!(soon(second).await, Err(QueueError::Closed));
}

#[tokio::test(start_paused = true)]
async fn an_item_may_have_its_queue() {
    struct Item(Queue<Item, (), ()>, Log<&'static str>);

    impl Drop for Item {
        fn drop(&mut self) {
            // A rejected item would push another one in its drop.
            assert!(self.0.is_closed() || self.0.len() < 2);
            self.1.push("dropped");
        }
    }

    let log = Log::new();
    let queue = Queue::builder(async |item: Item| {
        item.1.push("worked on");
        Ok::<_, ()>(())
    })
    .paused()
    .build();
    let pushed = queue.push(Item(queue.clone(), log.clone()));
    queue.resume();
    drop(queue);
    assert_eq!(soon(pushed).await, Ok(()));
    assert_eq!(log.entries(), ["worked on", "dropped"]);

    let queue = Queue::builder(async |_: Item| Ok::<_, ()>(()))
        .paused()
        .build();
    let pushed = queue.push(Item(queue.clone(), log.clone()));
    queue.kill();
    assert_eq!(soon(pushed).await, Err(QueueError::Killed));
    assert_eq!(log.entries(), ["worked on", "dropped", "dropped"]);
}
