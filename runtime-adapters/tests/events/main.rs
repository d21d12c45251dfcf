//! Tests event streams: what each policy keeps, how a stream ends, and when values are dropped.
#![cfg(not(loom))]

mod blocking;
mod drops;
mod ending;
mod policies;
mod threads;
mod waking;
mod watching;

use std::fmt::Debug;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::{Duration, Instant};

use conjoin_adapters::{Events, Policy};
use futures::{FutureExt, StreamExt};

const POLICIES: [Policy; 5] = [
    Policy::DropOldest,
    Policy::DropNewest,
    Policy::Block,
    Policy::Fail,
    Policy::Latest,
];

/// Receives the available events.
fn received<T, G>(stream: &mut Events<T, G>) -> Vec<T> {
    std::iter::from_fn(|| stream.next().now_or_never().flatten())
        .map(Result::unwrap)
        .collect()
}

/// Receives all events until the end.
fn all<T, G>(stream: &mut Events<T, G>) -> Vec<T> {
    run(async { stream.map(Result::unwrap).collect().await })
}

/// Runs a future to its end, and fails instead of hanging.
fn run<F: Future>(future: F) -> F::Output {
    struct Unpark(thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let end = Instant::now() + Duration::from_secs(120);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park_timeout(end.saturating_duration_since(Instant::now()));
        assert!(Instant::now() < end, "the future hangs");
    }
}

/// Joins a thread, and fails instead of hanging.
fn join<T: Debug>(thread: thread::JoinHandle<T>) -> T {
    let end = Instant::now() + Duration::from_secs(120);
    while !thread.is_finished() {
        assert!(Instant::now() < end, "the thread hangs");
        thread::sleep(Duration::from_millis(1));
    }
    thread.join().expect("a thread that panics has said why")
}

/// A waker that counts how often it was woken.
#[derive(Default)]
struct Count(AtomicUsize);

impl Count {
    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// Polls once, with `count` as the waker.
fn poll<F: Future + Unpin>(future: &mut F, count: &Arc<Count>) -> Poll<F::Output> {
    future.poll_unpin(&mut Context::from_waker(&Waker::from(Arc::clone(count))))
}

/// A value that counts the values of its kind.
#[derive(Debug)]
#[expect(dead_code, reason = "it is only counted")]
struct Live(Arc<()>);

impl Live {
    fn of(kind: &Arc<()>) -> Self {
        Live(Arc::clone(kind))
    }
}

fn living(kind: &Arc<()>) -> usize {
    Arc::strong_count(kind) - 1
}
