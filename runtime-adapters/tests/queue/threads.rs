//! Tests several threads that push to, change and end one queue.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use conjoin_adapters::queue::{PriorityQueue, Queue, QueueError, QueueEvent};
use futures::StreamExt;
use futures::executor::block_on;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;
use tokio::time::timeout;

const THREADS: usize = 4;
const ITEMS: usize = 2_000;

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(3)
        .enable_time()
        .build()
        .unwrap()
}

/// Counts the concurrent runs, and their maximum.
#[derive(Default)]
struct Crowd {
    now: AtomicUsize,
    most: AtomicUsize,
    all: AtomicUsize,
}

impl Crowd {
    async fn visit(&self) {
        let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        self.all.fetch_add(1, Ordering::SeqCst);
        yield_now().await;
        self.now.fetch_sub(1, Ordering::SeqCst);
    }
}

#[test]
fn each_item_runs_once_within_the_concurrency() {
    let runtime = runtime();
    for concurrency in [1, 3] {
        let crowd = Arc::new(Crowd::default());
        let within = Arc::clone(&crowd);
        let queue = runtime.block_on(async {
            Queue::builder(move |item: usize| {
                let within = Arc::clone(&within);
                async move {
                    within.visit().await;
                    if item % 7 == 0 { Err(item) } else { Ok(item) }
                }
            })
            .concurrency(concurrency)
            .capacity(8)
            .build()
        });
        let push = |thread: usize| {
            let queue = queue.clone();
            runtime.spawn(async move {
                for number in 0..ITEMS {
                    let item = thread * ITEMS + number;
                    let outcome = queue.send(item).await.unwrap().await;
                    assert_eq!(
                        outcome,
                        if item % 7 == 0 {
                            Err(QueueError::Failed(item))
                        } else {
                            Ok(item)
                        }
                    );
                }
            })
        };
        let pushing: Vec<_> = (0..THREADS).map(push).collect();
        runtime.block_on(async {
            for task in pushing {
                timeout(Duration::from_secs(120), task)
                    .await
                    .expect("it ends")
                    .unwrap();
            }
            timeout(Duration::from_secs(120), queue.close())
                .await
                .expect("it ends");
        });
        assert_eq!(crowd.all.load(Ordering::SeqCst), THREADS * ITEMS);
        assert!(crowd.most.load(Ordering::SeqCst) <= concurrency);
    }
}

#[test]
fn every_handle_settles_under_contention() {
    let runtime = runtime();
    for round in 0..40 {
        let queue = runtime.block_on(async {
            PriorityQueue::builder(async |item: usize| {
                yield_now().await;
                assert!(item % 11 != 0, "one of these");
                Ok::<_, ()>(item)
            })
            .concurrency(1 + round % 3)
            .build()
        });
        let pushing: Vec<_> = (0..THREADS)
            .map(|thread| {
                let queue = queue.clone();
                thread::spawn(move || {
                    (0..200)
                        .map(|item| {
                            match (item + thread) % 23 {
                                0 => queue.pause(),
                                1 => queue.resume(),
                                2 => queue.set_concurrency(1 + item % 4),
                                3 => drop(queue.remove(|other| other % 5 == item % 5)),
                                4 if round % 4 == 0 && item > 150 => queue.kill(),
                                4 if round % 4 == 1 && item > 150 => drop(queue.close()),
                                _ => {}
                            }
                            (item, queue.push(item, i64::try_from(item % 3).unwrap()))
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let handles: Vec<_> = pushing
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect();
        queue.resume();
        let all = async {
            for (item, pushed) in handles {
                match pushed.await {
                    Ok(value) => assert!(value == item && item % 11 != 0),
                    Err(QueueError::Panicked(message)) => {
                        assert!(message == "one of these" && item % 11 == 0);
                    }
                    Err(QueueError::Removed) => {}
                    Err(QueueError::Killed) => assert_eq!(round % 4, 0),
                    Err(QueueError::Closed) => assert!(round % 4 < 2),
                    Err(error) => panic!("{error:?}"),
                }
            }
            queue.drained().await;
        };
        runtime.block_on(async {
            timeout(Duration::from_secs(120), all)
                .await
                .expect("it ends");
        });
        assert!(queue.is_idle());
    }
}

#[test]
fn runtime_shutdown_leaves_no_handle_pending() {
    for round in 0..60 {
        let runtime = runtime();
        let queue = runtime.block_on(async {
            Queue::new(3, async |item: usize| {
                yield_now().await;
                Ok::<_, ()>(item)
            })
        });
        let pushing: Vec<_> = (0..THREADS)
            .map(|thread| {
                let queue = queue.clone();
                thread::spawn(move || {
                    let handles: Vec<_> = (0..300).map(|item| queue.push(item)).collect();
                    if thread % 2 == 0 {
                        queue.pause();
                    }
                    handles
                })
            })
            .collect();
        if round % 2 == 0 {
            thread::yield_now();
        }
        runtime.shutdown_background();
        let (sender, receiver) = std::sync::mpsc::channel();
        let waiting = thread::spawn(move || {
            for pushed in pushing
                .into_iter()
                .flat_map(|thread| thread.join().unwrap())
            {
                let outcome = block_on(pushed);
                assert!(outcome.is_ok() || outcome == Err(QueueError::Closed));
            }
            block_on(queue.drained());
            sender.send(()).unwrap();
        });
        receiver
            .recv_timeout(Duration::from_secs(120))
            .expect("it ends");
        waiting.join().unwrap();
    }
}

#[test]
fn no_event_is_lost_among_threads() {
    let runtime = runtime();
    for _ in 0..50 {
        let queue = runtime.block_on(async { Queue::new(3, async |item: u32| Err::<(), _>(item)) });
        // Room for all: at most five for an item.
        let events = queue.events();
        for _ in 0..50 {
            drop(queue.push_all([1, 2, 3]));
        }
        let events: Vec<_> = runtime.block_on(async {
            queue.close().await;
            timeout(Duration::from_secs(120), events.collect())
                .await
                .expect("it ends")
        });
        assert_eq!(
            events
                .iter()
                .filter(|event| **event == QueueEvent::Error)
                .count(),
            150
        );
        assert_eq!(events.last(), Some(&QueueEvent::Drained));
        let changes = events
            .iter()
            .filter(|event| matches!(event, QueueEvent::Saturated | QueueEvent::Unsaturated));
        for (at, change) in changes.enumerate() {
            let expected = if at % 2 == 0 {
                QueueEvent::Saturated
            } else {
                QueueEvent::Unsaturated
            };
            assert_eq!(*change, expected);
        }
    }
}

#[test]
fn blocking_hook_blocks_no_free_worker() {
    let ((entered, is_entered), (open, opens)) = (channel(), channel::<()>());
    let opens = Mutex::new(opens);
    let runtime = runtime();
    let _within = runtime.enter();
    let queue = Queue::builder(async |is_good: bool| if is_good { Ok(()) } else { Err(()) })
        .concurrency(2)
        .on_error(move |_| {
            entered.send(()).unwrap();
            opens.lock().unwrap().recv().ok();
        })
        .build();
    let bad = queue.push(false);
    is_entered.recv_timeout(Duration::from_secs(60)).unwrap();
    let good = queue.push(true);
    let good = runtime.block_on(async { timeout(Duration::from_secs(60), good).await });
    drop(open);
    assert_eq!(good, Ok(Ok(())));
    assert_eq!(block_on(bad), Err(QueueError::Failed(())));
}
