//! Tests work on other threads.
#![cfg(not(loom))]

mod cancel;
mod drops;
mod ends;
mod nested;
mod panics;
#[cfg(feature = "tracing")]
mod span;
mod values;

use std::pin::pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::Duration;

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

/// A time beyond what any step takes: a test that gets here has failed.
const HANGING: Duration = Duration::from_secs(60);

/// Runs a future to its end, without the adapters' runtime.
fn finish<F: Future>(future: F) -> F::Output {
    let runtime = Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    runtime.block_on(ended(future))
}

async fn ended<F: Future>(future: F) -> F::Output {
    timeout(HANGING, future).await.expect("it ends")
}

/// Polls once.
fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// A runtime with one blocking thread, so that a second closure waits in the queue.
fn narrow_runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .max_blocking_threads(1)
        .build()
        .expect("a runtime")
}

/// A pool with one thread, for the same reason.
fn narrow_pool() -> ThreadPool {
    ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("a pool")
}

/// Blocks a closure.
struct Gate {
    started: Receiver<ThreadId>,
    opened: Sender<()>,
}

impl Gate {
    /// Makes a gate, and a function that waits at it until it is opened or dropped.
    fn new() -> (Self, impl FnOnce() + Send + 'static) {
        let ((started, starts), (opened, opens)) = (channel(), channel());
        let pass = move || {
            started.send(thread::current().id()).ok();
            opens.recv().ok();
        };
        (
            Gate {
                started: starts,
                opened,
            },
            pass,
        )
    }

    /// Waits until a function waits at the gate.
    fn reached(&self) -> ThreadId {
        self.started.recv_timeout(HANGING).expect("it is reached")
    }

    fn open(self) {
        self.opened.send(()).expect("a function waits at it");
    }
}

/// Reports where it is dropped.
struct Tell(Sender<ThreadId>);

impl Tell {
    fn new() -> (Self, Receiver<ThreadId>) {
        let (sender, receiver) = channel();
        (Tell(sender), receiver)
    }
}

impl Drop for Tell {
    fn drop(&mut self) {
        self.0.send(thread::current().id()).ok();
    }
}

/// Panics when it is dropped.
#[derive(Debug)]
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(thread::panicking(), "dropped");
    }
}
