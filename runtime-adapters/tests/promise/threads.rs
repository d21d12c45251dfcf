//! Tests promises on threads, in random order.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;

use conjoin_adapters::CallbackError::Dropped;
use conjoin_adapters::promise::Promise;
use futures::executor::block_on;

use crate::soon;

pub(crate) const ROUNDS: usize = 2_000;

/// The threads begin at the same moment; a limit keeps a failure from hanging.
pub(crate) fn race(first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
    let start = Barrier::new(2);
    thread::scope(|threads| {
        threads.spawn(|| {
            start.wait();
            first();
        });
        start.wait();
        second();
    });
}

pub(crate) fn wait<T>(future: impl IntoFuture<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(soon(future))
}

#[test]
fn two_threads_await_a_settling_chain() {
    for _ in 0..ROUNDS / 4 {
        let (root, resolver) = Promise::<_, &str>::deferred();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let left = root.then(move |n: usize| n + counted.fetch_add(1, Ordering::Relaxed));
        let right = left.then(|n| n + 1);
        let resolving = thread::spawn(move || resolver.resolve(1).unwrap());
        race(
            || assert_eq!(wait(left), Ok(1)),
            || assert_eq!(wait(right), Ok(2)),
        );
        resolving.join().unwrap();
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}

#[test]
fn handlers_added_while_settling_run_once() {
    for _ in 0..ROUNDS {
        let (root, resolver) = Promise::<_, &str>::deferred();
        let calls = Arc::new(AtomicUsize::new(0));
        let register = || {
            let counted = Arc::clone(&calls);
            root.then(move |()| counted.fetch_add(1, Ordering::Relaxed))
        };
        let before = register();
        race(
            || resolver.resolve(()).unwrap(),
            || {
                assert_eq!(block_on(before.into_future()), Ok(0));
                assert_eq!(block_on(register().into_future()), Ok(1));
            },
        );
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }
}

#[test]
fn driver_serves_another_thread_until_the_end() {
    for _ in 0..ROUNDS {
        let (root, resolver) = Promise::<_, &str>::deferred();
        let driver = root.run_on(|driver| driver);
        race(
            || block_on(driver),
            || {
                let first = root.then(|n: usize| n + 1);
                resolver.resolve(1).unwrap();
                let second = first.and_then(async |n| Ok(n + 1));
                drop((root, first));
                assert_eq!(block_on(second.into_future()), Ok(3));
            },
        );
    }
}

#[test]
fn dropped_driver_leaves_no_handler_waiting() {
    for _ in 0..ROUNDS {
        let (root, _resolver) = Promise::<usize, &str>::deferred();
        let mut driver = root.run_on(|driver| driver);
        let _ = block_on(async { futures::poll!(&mut driver) });
        race(
            || drop(driver),
            || {
                let derived = root.then(|n| n).and_then(async |n| Ok(n));
                assert_eq!(block_on(derived.into_future()), Err(Dropped));
            },
        );
    }
}

#[test]
fn dropped_await_does_not_stop_other_threads() {
    for _ in 0..ROUNDS {
        let (root, resolver) = Promise::<_, &str>::deferred();
        let (given_up, kept) = (root.then(|n: usize| n + 1), root.then(|n| n + 2));
        let resolving = thread::spawn(move || resolver.resolve(1).unwrap());
        race(
            || {
                for _ in 0..3 {
                    let mut future = given_up.clone().into_future();
                    let _ = block_on(async { futures::poll!(&mut future) });
                }
            },
            || assert_eq!(block_on(kept.into_future()), Ok(3)),
        );
        resolving.join().unwrap();
    }
}

#[test]
fn last_promise_is_dropped_during_a_wake() {
    for _ in 0..ROUNDS {
        let (root, resolver) = Promise::<usize, &str>::deferred();
        let mut future = root.then(|n| n + 1).into_future();
        drop(root);
        let _ = block_on(async { futures::poll!(&mut future) });
        // The code that wakes must not hold the last reference to the source, whose lock it has taken.
        race(
            || {
                let _ = resolver.resolve(1);
            },
            || drop(future),
        );
    }
}
