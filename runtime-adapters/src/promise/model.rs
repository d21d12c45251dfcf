//! Everything that threads can do to one another over a chain, by exhaustion:
//! `RUSTFLAGS="--cfg loom" cargo test -p conjoin-adapters --lib --release`.
//!
//! It is inside of the crate, and about the chain alone: `Shared` wakes under a lock of std's, of which loom knows
//! nothing.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use loom::future::block_on;
use loom::thread;

use super::chain::{Chain, Driver, Handle, Next, Work};
use crate::{CallbackError, CallbackFuture, Resolver};

fn pair() -> (Resolver<u8, ()>, CallbackFuture<u8, ()>) {
    CallbackFuture::open()
}

/// Waits for the source, and then settles each of these.
fn work(
    source: CallbackFuture<u8, ()>,
    settled: impl IntoIterator<Item = Resolver<u8, ()>> + Send + 'static,
) -> Work {
    Box::pin(async move {
        let outcome = source.await;
        for resolver in settled {
            drop(resolver.finish(outcome.clone()));
        }
        Next::NOTHING
    })
}

/// As `Settling` does: first the handlers, then the outcome.
fn settle(chain: &Chain, mut outcome: CallbackFuture<u8, ()>) -> Result<u8, CallbackError<()>> {
    let mut key = None;
    let result = block_on(poll_fn(|cx| {
        chain.poll(&mut key, cx);
        std::pin::Pin::new(&mut outcome).poll(cx)
    }));
    if let Some(key) = key {
        chain.leave(key);
    }
    result
}

#[test]
fn news_reach_one_that_awaits() {
    loom::model(|| {
        let handle = Handle::new();
        let ((done, source), (derived, outcome)) = (pair(), pair());
        handle.0.push(work(source, [derived]));
        let foreign = thread::spawn(move || done.resolve(1));
        assert_eq!(settle(&handle.0, outcome), Ok(1));
        foreign.join().unwrap().unwrap();
    });
}

#[test]
fn work_that_comes_in_reaches_one_that_awaits() {
    loom::model(|| {
        let handle = Handle::new();
        let ((done, source), (derived, outcome)) = (pair(), pair());
        done.resolve(1).unwrap();
        let other = Arc::clone(&handle);
        let foreign = thread::spawn(move || other.0.push(work(source, [derived])));
        assert_eq!(settle(&handle.0, outcome), Ok(1));
        foreign.join().unwrap();
    });
}

#[test]
fn two_that_await_both_get_there() {
    // Three threads are too many for all of their orders; two preemptions find what is found in practice.
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let handle = Handle::new();
        let ((done, source), (first, first_outcome), (second, second_outcome)) =
            (pair(), pair(), pair());
        handle.0.push(work(source, [first, second]));
        let foreign = thread::spawn(move || done.resolve(1));
        let other = Arc::clone(&handle);
        let awaiting = thread::spawn(move || settle(&other.0, first_outcome));
        assert_eq!(settle(&handle.0, second_outcome), Ok(1));
        assert_eq!(awaiting.join().unwrap(), Ok(1));
        foreign.join().unwrap().unwrap();
    });
}

#[test]
fn one_that_gives_up_takes_no_news_with_it() {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(2);
    model.check(|| {
        let handle = Handle::new();
        let ((done, source), (derived, outcome)) = (pair(), pair());
        handle.0.push(work(source, [derived]));
        let foreign = thread::spawn(move || done.resolve(1));
        let other = Arc::clone(&handle);
        let giving_up = thread::spawn(move || {
            let mut key = None;
            block_on(poll_fn(|cx| {
                other.0.poll(&mut key, cx);
                Poll::Ready(())
            }));
            other.0.leave(key.expect("it has polled"));
        });
        assert_eq!(settle(&handle.0, outcome), Ok(1));
        giving_up.join().unwrap();
        foreign.join().unwrap().unwrap();
    });
}

#[test]
fn a_driver_ends_when_the_last_promise_goes() {
    loom::model(|| {
        let handle = Handle::new();
        let driver = Driver::new(&handle);
        let foreign = thread::spawn(move || {
            handle.0.push(Box::pin(async { Next::NOTHING }));
            drop(handle);
        });
        block_on(driver);
        foreign.join().unwrap();
    });
}

#[test]
fn what_comes_in_while_a_driver_is_dropped_is_dropped() {
    loom::model(|| {
        let handle = Handle::new();
        let driver = Driver::new(&handle);
        let ((_done, source), (derived, outcome)) = (pair(), pair());
        let foreign = thread::spawn(move || drop(driver));
        handle.0.push(work(source, [derived]));
        assert_eq!(block_on(outcome), Err(CallbackError::Dropped));
        foreign.join().unwrap();
    });
}

#[test]
fn what_somebody_polls_while_a_driver_is_dropped_is_dropped() {
    loom::model(|| {
        let handle = Handle::new();
        let ((_done, source), (derived, outcome)) = (pair(), pair());
        handle.0.push(work(source, [derived]));
        let other = Arc::clone(&handle);
        let foreign = thread::spawn(move || drop(Driver::new(&other)));
        assert_eq!(settle(&handle.0, outcome), Err(CallbackError::Dropped));
        foreign.join().unwrap();
    });
}
