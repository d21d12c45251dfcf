//! Explores all interleavings of two threads that share a callback:
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p conjoin-adapters --release --test loom`.
#![cfg(loom)]

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use conjoin_adapters::{CallbackError, CallbackFuture, Resolver, from_callback};
use loom::future::block_on;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

fn pair() -> (Resolver<u8, ()>, CallbackFuture<u8, ()>) {
    let mut resolver = None;
    let future = from_callback(|done| resolver = Some(done));
    (resolver.expect("it is called at once"), future)
}

fn poll(future: &mut CallbackFuture<u8, ()>) -> Poll<Result<u8, CallbackError<()>>> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn no_wake_is_lost() {
    loom::model(|| {
        let (done, future) = pair();
        let foreign = thread::spawn(move || done.resolve(1));
        assert_eq!(block_on(future), Ok(1));
        assert_eq!(foreign.join().unwrap(), Ok(()));
    });
}

#[test]
fn no_wake_is_lost_when_the_waker_changes() {
    loom::model(|| {
        let (done, mut future) = pair();
        let foreign = thread::spawn(move || drop(done));
        // With a waker without an effect; the next one counts.
        if let Poll::Ready(outcome) = poll(&mut future) {
            assert_eq!(outcome, Err(CallbackError::Dropped));
        } else {
            assert_eq!(block_on(future), Err(CallbackError::Dropped));
        }
        foreign.join().unwrap();
    });
}

#[test]
fn value_arrives_or_returns_with_its_hook() {
    loom::model(|| {
        let (done, future) = pair();
        let called = Arc::new(AtomicUsize::new(0));
        let hook = Arc::clone(&called);
        done.on_cancel(move || {
            hook.fetch_add(1, Ordering::Relaxed);
        });
        let foreign = thread::spawn(move || done.resolve(1).is_err());
        drop(future);
        let came_back = foreign.join().unwrap();
        assert_eq!(called.load(Ordering::Relaxed), usize::from(came_back));
    });
}

#[test]
fn a_hook_that_comes_late_is_called_at_once() {
    loom::model(|| {
        let (done, future) = pair();
        let foreign = thread::spawn(move || {
            let called = Arc::new(AtomicUsize::new(0));
            let hook = Arc::clone(&called);
            done.on_cancel(move || {
                hook.fetch_add(1, Ordering::Relaxed);
            });
            (called, done)
        });
        drop(future);
        let (called, done) = foreign.join().unwrap();
        assert_eq!(called.load(Ordering::Relaxed), 1);
        assert!(done.is_cancelled());
    });
}

#[test]
fn the_resolver_learns_of_the_cancellation() {
    loom::model(|| {
        let (mut done, future) = pair();
        let foreign = thread::spawn(move || block_on(async { done.cancelled().await }));
        drop(future);
        foreign.join().unwrap();
    });
}

#[test]
fn to_cancel_ends_when_the_other_side_is_through() {
    loom::model(|| {
        let (done, future) = pair();
        let through = Arc::new(AtomicUsize::new(0));
        let writer = Arc::clone(&through);
        let foreign = thread::spawn(move || {
            writer.store(1, Ordering::Relaxed);
            drop(done);
        });
        block_on(future.cancel());
        assert_eq!(through.load(Ordering::Relaxed), 1);
        foreign.join().unwrap();
    });
}

#[test]
fn of_a_pair_one_call_counts() {
    loom::model(|| {
        let (done, future) = pair();
        let (succeed, fail) = done.pair();
        let first = thread::spawn(move || succeed(1));
        let second = thread::spawn(move || fail(()));
        let mut future = pin!(future);
        let outcome = block_on(future.as_mut());
        assert!(matches!(outcome, Ok(1) | Err(CallbackError::Rejected(()))));
        first.join().unwrap();
        second.join().unwrap();
        assert_eq!(future.ignored_calls(), 1);
    });
}
