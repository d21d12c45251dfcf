//! Explores all interleavings of threads in a call that several loads wait for:
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p conjoin-adapters --release --features batch --test batch_loom`.
//!
//! A wake that is lost is a deadlock here, which loom reports.
#![cfg(loom)]
#![allow(dead_code, unused_imports, reason = "the files have more than this")]

#[path = "../../src/batch/self_wait.rs"]
mod self_wait;
#[path = "../../src/batch/shared_future.rs"]
mod shared_future;
#[path = "../../src/sync.rs"]
mod sync;
#[path = "../../src/batch/waiters.rs"]
mod waiters;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use loom::sync::Mutex;
use loom::thread;
use shared_future::SharedFuture;

/// The future that the loader waits for.
#[derive(Default)]
struct Gate(Mutex<(bool, Option<Waker>)>);

impl Gate {
    fn open(&self) {
        let waker = {
            let mut state = self.0.lock().unwrap();
            state.0 = true;
            state.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The loader.
struct Opened(Arc<Gate>);

impl Future for Opened {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<u32> {
        let mut state = self.0.0.lock().unwrap();
        if state.0 {
            return Poll::Ready(7);
        }
        state.1 = Some(cx.waker().clone());
        Poll::Pending
    }
}

struct Call {
    driven: SharedFuture<Opened>,
    outcome: OnceLock<u32>,
    gate: Arc<Gate>,
}

impl Call {
    fn new() -> Arc<Self> {
        Arc::new(Call {
            driven: SharedFuture::new(),
            outcome: OnceLock::new(),
            gate: Arc::default(),
        })
    }

    fn step(&self, seat: &mut Option<waiters::WaiterTicket>, waker: &Waker) -> Poll<u32> {
        let start = || Opened(Arc::clone(&self.gate));
        if let Poll::Ready(outcome) = self.driven.poll(seat, waker, start) {
            self.outcome.set(outcome.unwrap()).unwrap();
            self.driven.wakes().wake_all();
        }
        self.outcome
            .get()
            .map_or(Poll::Pending, |&outcome| Poll::Ready(outcome))
    }

    /// Waits like a load.
    fn wait(&self) -> u32 {
        let mut seat = None;
        block_on(poll_fn(|cx| self.step(&mut seat, cx.waker())))
    }
}

fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

#[test]
fn both_waiters_see_the_end() {
    explore(|| {
        let call = Call::new();
        let other = Arc::clone(&call);
        let waiter = thread::spawn(move || assert_eq!(other.wait(), 7));
        let gate = Arc::clone(&call.gate);
        let opener = thread::spawn(move || gate.open());
        assert_eq!(call.wait(), 7);
        waiter.join().unwrap();
        opener.join().unwrap();
    });
}

#[test]
fn waiter_goes_on_when_another_is_dropped() {
    explore(|| {
        let call = Call::new();
        let other = Arc::clone(&call);
        // Polled once and then dropped, in whatever state the call is.
        let dropped = thread::spawn(move || {
            let mut seat = None;
            let _ = other.step(&mut seat, Waker::noop());
        });
        let gate = Arc::clone(&call.gate);
        let opener = thread::spawn(move || gate.open());
        assert_eq!(call.wait(), 7);
        dropped.join().unwrap();
        opener.join().unwrap();
    });
}

#[test]
fn waiter_goes_on_beside_one_that_is_not_polled() {
    explore(|| {
        let call = Call::new();
        let mut parked = None;
        let first = call.step(&mut parked, Waker::noop());
        assert!(first.is_pending());
        let gate = Arc::clone(&call.gate);
        let opener = thread::spawn(move || gate.open());
        assert_eq!(call.wait(), 7);
        opener.join().unwrap();
        drop(parked);
    });
}
