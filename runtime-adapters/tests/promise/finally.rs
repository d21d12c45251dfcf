//! Tests that `finally` is called once, whatever happens to its chain.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use conjoin_adapters::CallbackError::{Dropped, Panicked};
use conjoin_adapters::promise::{Promise, State};
use tokio::task::yield_now;

use crate::threads::{ROUNDS, race};
use crate::{Log, poll_once, resolved, soon};

type Number = Promise<u8, &'static str>;

/// A closure for `finally` that records this value, and its thread.
fn note(log: &Log<(u8, thread::ThreadId)>, entry: u8) -> impl FnOnce() + Send + use<> {
    let log = log.clone();
    move || log.push((entry, thread::current().id()))
}

fn here(entries: &[u8]) -> Vec<(u8, thread::ThreadId)> {
    let here = thread::current().id();
    entries.iter().map(|&entry| (entry, here)).collect()
}

/// Attaches closures in several places of a chain, in the order of a run. Returns the last promise of each branch.
fn tree(root: &Number, log: &Log<(u8, thread::ThreadId)>) -> [Number; 3] {
    let first = root.finally(note(log, 1));
    let later = root.then(|n| n).finally(note(log, 3)).finally(note(log, 5));
    let second = root.and_then(async |n| Ok(n)).finally(note(log, 4));
    drop(root.finally(note(log, 2)));
    [first, later, second]
}

#[tokio::test(start_paused = true)]
async fn all_are_called_in_order_in_a_run() {
    let log = Log::new();
    let (root, resolver) = Number::deferred();
    let [first, later, second] = tree(&root, &log);
    resolver.resolve(1).unwrap();
    assert_eq!(soon(later).await, Ok(1));
    assert_eq!(soon(second).await, Ok(1));
    assert_eq!(soon(first).await, Ok(1));
    assert_eq!(log.entries(), here(&[1, 2, 3, 5, 4]));
}

#[tokio::test(start_paused = true)]
async fn all_are_called_by_the_drop_of_the_last_promise() {
    for (is_settled, is_polled) in [(false, false), (false, true), (true, false)] {
        let log = Log::new();
        let (root, resolver) = Number::deferred();
        let derived = tree(&root, &log);
        if is_polled {
            assert!(poll_once(&derived[1]).is_pending());
        }
        if is_settled {
            resolver.resolve(1).unwrap();
        } else {
            drop(resolver);
        }
        drop(root);
        assert_eq!(log.entries(), []);
        drop(derived);
        assert_eq!(log.entries(), here(&[1, 2, 3, 4, 5]));
    }
}

#[tokio::test(start_paused = true)]
async fn all_are_called_by_the_abort_of_the_task() {
    for is_settled in [false, true] {
        let log = Log::new();
        let (root, resolver) = Number::deferred();
        let derived = tree(&root, &log);
        let task = root.run_on(tokio::spawn);
        yield_now().await;
        if is_settled {
            resolver.resolve(1).unwrap();
        }
        task.abort();
        assert!(soon(task).await.unwrap_err().is_cancelled());
        assert_eq!(log.entries(), here(&[1, 2, 3, 4, 5]));
        for promise in derived {
            assert_eq!(soon(promise).await, Err(Dropped));
        }
    }
}

#[test]
fn all_are_called_at_the_end_of_the_runtime() {
    let log = Log::new();
    let (root, _resolver) = Number::deferred();
    let _derived = tree(&root, &log);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async { drop(root.run_on(tokio::spawn)) });
    drop(runtime);
    assert_eq!(log.entries(), here(&[1, 2, 3, 4, 5]));
}

#[tokio::test(start_paused = true)]
async fn dropped_driver_settles_the_promise_first() {
    let (root, resolver) = Number::deferred();
    let slow = root.and_then(|_| pending::<Result<u8, &str>>());
    let states = Log::new();
    let (seen, watched) = (states.clone(), slow.clone());
    let after = slow.finally(move || seen.push(watched.state()));
    let mut driver = root.run_on(|driver| driver);
    resolver.resolve(1).unwrap();
    assert!(poll_once(&mut driver).is_pending());
    drop(driver);
    assert_eq!(states.entries(), [State::Rejected(Dropped)]);
    assert_eq!(after.state(), State::Rejected(Dropped));
}

#[tokio::test(start_paused = true)]
async fn aborted_chain_calls_a_later_one_at_once() {
    let log = Log::new();
    let promise = resolved(1_u8);
    drop(promise.run_on(|driver| driver));
    let later = promise.finally(note(&log, 1));
    assert_eq!(log.entries(), here(&[1]));
    assert_eq!(soon(later).await, Err(Dropped));
}

#[tokio::test(start_paused = true)]
async fn panic_in_a_drop_goes_no_further() {
    let log = Log::new();
    let (promise, resolver) = Number::deferred();
    let derived = promise.finally(|| panic!("oh"));
    let second = promise.finally(note(&log, 2));
    drop((promise, derived));
    assert_eq!(log.entries(), []);
    drop(second);
    assert_eq!(log.entries(), here(&[2]));
    assert!(resolver.is_cancelled());
}

#[tokio::test(start_paused = true)]
async fn panic_in_clone_keeps_none_from_being_called() {
    struct Unique;

    impl Clone for Unique {
        fn clone(&self) -> Self {
            panic!("oh")
        }
    }

    let log = Log::new();
    let same = Promise::<_, &str>::resolved(Unique).finally(note(&log, 1));
    assert!(matches!(soon(same.settled()).await, Ok(Err(Panicked(message))) if message == "oh"));
    assert_eq!(log.entries(), here(&[1]));
}

#[tokio::test(start_paused = true)]
async fn closure_may_use_its_own_chain_in_a_drop() {
    let (promise, _resolver) = Number::deferred();
    let mut driver = promise.run_on(|driver| driver);
    assert!(poll_once(&mut driver).is_pending());
    let log = Log::new();
    let (itself, inner) = (promise.clone(), log.clone());
    drop(promise.finally(move || {
        drop(itself.then(|_| ()));
        drop(itself.finally(note(&inner, 1)));
        drop(itself.run_on(|driver| driver));
        assert_eq!(itself.state(), State::Pending);
        inner.push((2, thread::current().id()));
    }));
    drop(promise);
    drop(driver);
    assert_eq!(log.entries(), here(&[1, 2]));
}

#[test]
fn racing_with_a_drop_it_is_called_once() {
    for round in 0..ROUNDS {
        let (root, resolver) = Number::deferred();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let last = root.then(|n| n).finally(move || {
            counted.fetch_add(1, Ordering::Relaxed);
        });
        let driver = (round % 2 == 0).then(|| root.run_on(|driver| driver));
        race(
            || {
                let _ = resolver.resolve(1);
            },
            || {
                if let Some(mut driver) = driver {
                    let _ = poll_once(&mut driver);
                    drop(driver);
                } else {
                    drop((root, last));
                }
            },
        );
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}
