//! Tests workers that also wait for something else than their own queue, and get no error.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::time::Duration;

use futures::future::{BoxFuture, select};
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::task::yield_now;
use tokio::time::timeout;

use super::self_wait::{Own, owning, waiting};
use super::{milliseconds, soon};

#[tokio::test(start_paused = true)]
async fn a_wait_beside_others_is_not_told() {
    let waits: [fn(Own) -> BoxFuture<'static, ()>; 6] = [
        // It polls it from time to time.
        |queue| {
            async move {
                let mut handle = queue.push(0);
                for _ in 0..50 {
                    assert!((&mut handle).now_or_never().is_none());
                    assert!(queue.drained().now_or_never().is_none());
                    yield_now().await;
                }
            }
            .boxed()
        },
        // A timeout.
        |queue| {
            async move {
                let handle = queue.push(0);
                timeout(Duration::from_secs(1), handle).await.unwrap_err();
            }
            .boxed()
        },
        // It works while it polls what it has pushed.
        |queue| {
            async move {
                select(pin!(milliseconds(50)), &mut queue.push(0)).await;
            }
            .boxed()
        },
        |queue| {
            async move {
                let mut handles: FuturesUnordered<_> = (0..3).map(|_| queue.push(0)).collect();
                tokio::select! {
                    _ = handles.next() => unreachable!(),
                    () = milliseconds(50) => {}
                }
            }
            .boxed()
        },
        // Some that it has polled, and no longer awaits.
        |queue| {
            async move {
                let mut handles: FuturesUnordered<_> = (0..3).map(|_| queue.push(0)).collect();
                let mut handle = queue.push(0);
                assert!(handles.next().now_or_never().is_none());
                assert!((&mut handle).now_or_never().is_none());
                milliseconds(50).await;
                yield_now().await;
            }
            .boxed()
        },
        // A channel with another sender.
        |queue| {
            async move {
                let (sender, mut receiver) = mpsc::channel(1);
                tokio::spawn(async move {
                    milliseconds(50).await;
                    sender.send(()).await
                });
                tokio::select! {
                    _ = queue.push(0) => unreachable!(),
                    sent = receiver.recv() => sent.unwrap(),
                }
            }
            .boxed()
        },
    ];
    for (index, wait) in waits.into_iter().enumerate() {
        let queue = waiting(wait);
        assert_eq!(soon(queue.push(1)).await, Ok(1), "wait {index}");
        soon(queue.drained()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_handle_that_another_task_awaits_is_not_told() {
    // The queue cannot see whether the worker waits for that task. This one does not, and ends.
    let queue = owning(1, 9, |queue, item| {
        async move {
            if item > 0 {
                tokio::spawn(queue.push(item - 1));
                milliseconds(10).await;
            }
            Ok(item)
        }
        .boxed()
    });
    assert_eq!(soon(queue.push(3)).await, Ok(3));
    soon(queue.drained()).await;
}

#[tokio::test(start_paused = true)]
async fn a_told_worker_may_go_on() {
    let queue = owning(1, 9, |queue, item| {
        async move {
            if item == 0 {
                return Ok(0);
            }
            let awaited = AssertUnwindSafe(queue.push(0)).catch_unwind().await;
            assert!(awaited.is_err());
            // Not for ever: it no longer waits for itself.
            milliseconds(10).await;
            Ok(item)
        }
        .boxed()
    });
    assert_eq!(soon(queue.push(1)).await, Ok(1));
    soon(queue.drained()).await;
}
