//! Tests workers that await their own queue, on several threads: none hangs, and none that would end gets an error.

use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use conjoin_adapters::queue::{Queue, QueueError, WeakQueue};
use futures::future::join_all;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use super::soon;

type Own = Queue<u32, u32, String>;

/// How long each of these tests runs.
const TIME: Duration = Duration::from_secs(2);

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(3)
        .enable_time()
        .build()
        .unwrap()
}

/// A queue in which each item but 0 awaits the one below it, by a push or a `send`.
fn countdown(concurrency: usize, capacity: usize) -> Own {
    let own = Arc::new(OnceLock::<WeakQueue<u32, u32, String>>::new());
    let weak = Arc::clone(&own);
    let queue: Own = Queue::builder(move |item: u32| {
        let queue = weak.get().unwrap().upgrade();
        async move {
            let queue = queue.ok_or("it is gone")?;
            if item % 3 == 0 {
                yield_now().await;
            }
            let Some(below) = item.checked_sub(1) else {
                return Ok(0);
            };
            let below = queue.send(below).await.map_err(|error| error.to_string())?;
            let below = below.await.map_err(|error| error.to_string())?;
            Ok(below + 1)
        }
    })
    .concurrency(concurrency)
    .capacity(capacity)
    .build();
    own.set(queue.downgrade()).unwrap();
    queue
}

#[test]
fn workers_that_can_end_never_panic() {
    let runtime = runtime();
    let queue = runtime.block_on(async { countdown(7, 1) });
    // Three producers, each with one item at a time: two of a chain wait while the third works.
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while began.elapsed() < TIME {
                    let sent = runtime.block_on(soon(queue.send(2))).unwrap();
                    assert_eq!(runtime.block_on(soon(sent)), Ok(2));
                }
            });
        }
    });
    assert!(queue.is_idle());
}

#[test]
fn deadlocked_workers_always_panic() {
    let runtime = runtime();
    let began = Instant::now();
    let (mut told, mut ended) = (0, 0);
    while began.elapsed() < TIME {
        for concurrency in 1..4 {
            runtime.block_on(async {
                let queue = countdown(concurrency, 100);
                let items = [3, 2, 0, 1, 4, 3, 2, 1, 0, 2];
                let all = join_all(items.map(|item| queue.push(item)));
                for (outcome, item) in soon(all).await.into_iter().zip(items) {
                    match outcome {
                        Ok(depth) => {
                            assert_eq!(depth, item);
                            ended += 1;
                        }
                        Err(QueueError::Panicked(why) | QueueError::Failed(why)) => {
                            assert!(why.contains("its own end"), "{why}");
                            told += 1;
                        }
                        Err(other) => panic!("{other:?}"),
                    }
                }
                soon(queue.drained()).await;
            });
        }
    }
    println!("{told} told, {ended} ended");
    assert!(told > 0 && ended > 0);
}

#[test]
fn changes_from_outside_leave_nothing_hanging() {
    let runtime = runtime();
    let queue = runtime.block_on(async { countdown(2, 3) });
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while began.elapsed() < TIME {
                    let all = [1, 3, 0, 2].map(|item| {
                        let sent = runtime.block_on(soon(queue.send(item)));
                        sent.unwrap()
                    });
                    // Removed, failed or done.
                    runtime.block_on(soon(join_all(all)));
                }
            });
        }
        let changing = || {
            for round in 0.. {
                queue.set_concurrency(round % 3 + 1);
                drop(queue.remove(|item| item % 2 == 1));
                thread::yield_now();
                if began.elapsed() > TIME {
                    break;
                }
            }
        };
        scope.spawn(changing);
    });
    runtime.block_on(soon(queue.drained()));
}
