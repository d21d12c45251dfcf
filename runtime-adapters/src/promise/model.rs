//! Everything that threads can do to one another over promises, by exhaustion:
//! `RUSTFLAGS="--cfg loom" cargo test -p conjoin-adapters --lib --release`.
//!
//! Loom replaces the locks, which is all that threads meet at: futures of other crates (the set of a chain that has
//! asynchronous handlers) are beyond it, and so are reference counts.

use std::future::{IntoFuture, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use loom::sync::Arc;
use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::thread;

use super::{Promise, State};
use crate::CallbackError::Dropped;

type Number = Promise<u8, ()>;

/// Explores all orders of two threads, and those of three with up to three preemptions.
fn check(threads: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = (threads > 2).then_some(3);
    builder.check(model);
}

fn outcome(promise: &Number) -> super::node::PromiseResult<u8, ()> {
    block_on(promise.into_future())
}

/// A closure that counts its calls.
fn count(calls: &Arc<AtomicUsize>) -> impl FnOnce() + Send + use<> {
    let calls = Arc::clone(calls);
    move || {
        calls.fetch_add(1, Ordering::Relaxed);
    }
}

/// Awaits it, for one poll.
fn give_up(promise: &Number) {
    let mut future = pin!(promise.into_future());
    let _ = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
}

#[test]
fn settling_wakes_the_task_that_awaits() {
    check(2, || {
        let (promise, resolver) = Number::deferred();
        let foreign = thread::spawn(move || resolver.resolve(1).unwrap());
        assert_eq!(outcome(&promise), Ok(1));
        foreign.join().unwrap();
    });
}

#[test]
fn dropping_the_resolver_wakes_the_task_that_awaits() {
    check(2, || {
        let (promise, resolver) = Number::deferred();
        let foreign = thread::spawn(move || drop(resolver));
        assert_eq!(outcome(&promise.then(|n| n)), Err(Dropped));
        foreign.join().unwrap();
    });
}

#[test]
fn looking_takes_no_wake() {
    check(3, || {
        let (promise, resolver) = Number::deferred();
        let looking = promise.clone();
        let foreign = thread::spawn(move || resolver.resolve(1).unwrap());
        let other = thread::spawn(move || {
            assert!(matches!(
                looking.state(),
                State::Pending | State::Fulfilled(1)
            ));
        });
        assert_eq!(outcome(&promise), Ok(1));
        foreign.join().unwrap();
        other.join().unwrap();
    });
}

#[test]
fn giving_up_takes_no_wake() {
    for is_derived in [false, true] {
        check(3, move || {
            let (root, resolver) = Number::deferred();
            let promise = if is_derived { root.then(|n| n) } else { root };
            let given_up = promise.clone();
            let foreign = thread::spawn(move || resolver.resolve(1).unwrap());
            let other = thread::spawn(move || give_up(&given_up));
            assert_eq!(outcome(&promise), Ok(1));
            foreign.join().unwrap();
            other.join().unwrap();
        });
    }
}

#[test]
fn two_tasks_that_await_a_promise_wake() {
    check(3, || {
        let (promise, resolver) = Number::deferred();
        let other = promise.clone();
        let foreign = thread::spawn(move || resolver.resolve(1).unwrap());
        let awaiting = thread::spawn(move || outcome(&other));
        assert_eq!(outcome(&promise), Ok(1));
        assert_eq!(awaiting.join().unwrap(), Ok(1));
        foreign.join().unwrap();
    });
}

#[test]
fn two_tasks_that_await_a_chain_wake() {
    check(3, || {
        let (root, resolver) = Number::deferred();
        let (left, right) = (root.then(|n| n + 1), root.then(|n| n + 2));
        let foreign = thread::spawn(move || resolver.resolve(1).unwrap());
        let awaiting = thread::spawn(move || outcome(&left));
        assert_eq!(outcome(&right), Ok(3));
        assert_eq!(awaiting.join().unwrap(), Ok(2));
        foreign.join().unwrap();
    });
}

#[test]
fn handler_registered_while_it_settles_runs() {
    check(2, || {
        let (promise, resolver) = Number::deferred();
        let calls = Arc::new(AtomicUsize::new(0));
        let counting = || {
            let counted = count(&calls);
            promise.tap(|_| counted())
        };
        let first = counting();
        let foreign = thread::spawn(move || resolver.resolve(1).unwrap());
        let second = counting();
        assert_eq!(outcome(&second), Ok(1));
        assert_eq!(outcome(&first), Ok(1));
        assert_eq!(calls.load(Ordering::Relaxed), 2);
        foreign.join().unwrap();
    });
}

#[test]
fn promise_dropped_while_it_settles_takes_no_wake() {
    check(3, || {
        let (promise, resolver) = Number::deferred();
        let (kept, dropped) = (promise.then(|n| n), promise.then(|n| n));
        drop(promise);
        let foreign = thread::spawn(move || resolver.resolve(1).unwrap());
        let other = thread::spawn(move || drop(dropped));
        assert_eq!(outcome(&kept), Ok(1));
        foreign.join().unwrap();
        other.join().unwrap();
    });
}

#[test]
fn looking_keeps_no_driver_from_its_handlers() {
    check(3, || {
        let (promise, resolver) = Number::deferred();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = count(&calls);
        drop(promise.tap(|_| counted()));
        let driver = promise.run_on(|driver| driver);
        let foreign = thread::spawn(move || resolver.resolve(1).unwrap());
        let other = thread::spawn(move || {
            drop(promise.state());
            give_up(&promise);
        });
        block_on(driver);
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        foreign.join().unwrap();
        other.join().unwrap();
    });
}

#[test]
fn handler_of_a_settled_promise_wakes_the_driver() {
    check(2, || {
        let promise = Number::resolved(1);
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = count(&calls);
        let mut driver = promise.run_on(|driver| driver);
        let foreign = thread::spawn(move || {
            drop(promise.tap(|_| counted()));
            // Its drop wakes, too.
            promise
        });
        block_on(poll_fn(|cx| {
            assert!(Pin::new(&mut driver).poll(cx).is_pending());
            match calls.load(Ordering::Relaxed) {
                0 => Poll::Pending,
                _ => Poll::Ready(()),
            }
        }));
        foreign.join().unwrap();
    });
}

#[test]
fn driver_ends_after_the_last_promise() {
    check(2, || {
        let (promise, resolver) = Number::deferred();
        let driver = promise.run_on(|driver| driver);
        let foreign = thread::spawn(move || {
            resolver.resolve(1).unwrap();
            drop(promise.then(|n| n));
        });
        block_on(driver);
        foreign.join().unwrap();
    });
}

#[test]
fn driver_dropped_between_turns_leaves_none_pending() {
    check(2, || {
        let (promise, _resolver) = Number::deferred();
        let mut driver = promise.run_on(|driver| driver);
        block_on(poll_fn(|cx| {
            Poll::Ready(Pin::new(&mut driver).poll(cx).is_ready())
        }));
        let foreign = thread::spawn(move || drop(driver));
        assert_eq!(outcome(&promise.then(|n| n)), Err(Dropped));
        foreign.join().unwrap();
    });
}

#[test]
fn driver_dropped_during_a_turn_leaves_none_pending() {
    check(2, || {
        let (promise, _resolver) = Number::deferred();
        let derived = promise.then(|n| n);
        let other = derived.clone();
        let foreign = thread::spawn(move || drop(other.run_on(|driver| driver)));
        assert_eq!(outcome(&derived), Err(Dropped));
        foreign.join().unwrap();
    });
}

#[test]
fn finally_runs_once_when_its_chain_is_dropped() {
    check(2, || {
        let (promise, resolver) = Number::deferred();
        let calls = Arc::new(AtomicUsize::new(0));
        let last = promise.then(|n| n).finally(count(&calls));
        let foreign = thread::spawn(move || resolver.resolve(1));
        give_up(&last);
        drop((promise, last));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        let _ = foreign.join().unwrap();
    });
}

#[test]
fn finally_runs_once_when_its_driver_is_dropped() {
    check(3, || {
        let (promise, resolver) = Number::deferred();
        let calls = Arc::new(AtomicUsize::new(0));
        let last = promise.then(|n| n).finally(count(&calls));
        let mut driver = promise.run_on(|driver| driver);
        let foreign = thread::spawn(move || resolver.resolve(1).unwrap());
        let aborted = thread::spawn(move || {
            let _ = Pin::new(&mut driver).poll(&mut Context::from_waker(Waker::noop()));
        });
        drop(promise.finally(count(&calls)));
        aborted.join().unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 2);
        assert_ne!(last.state(), State::Pending);
        foreign.join().unwrap();
    });
}
