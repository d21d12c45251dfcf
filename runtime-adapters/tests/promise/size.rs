//! Tests long chains and many consumers: no recursion, no quadratic cost.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conjoin_adapters::CallbackError::Rejected;
use conjoin_adapters::promise::Promise;

use crate::{poll_once, soon};

const LONG: usize = 100_000;

fn long(root: &Promise<usize, &'static str>) -> Promise<usize, &'static str> {
    (0..LONG).fold(root.clone(), |promise, _| promise.then(|n| n + 1))
}

#[tokio::test(start_paused = true)]
async fn a_long_chain_runs_and_is_dropped_without_recursion() {
    let (root, resolver) = Promise::deferred();
    let last = long(&root);
    assert!(poll_once(&last).is_pending());
    resolver.resolve(0).unwrap();
    assert_eq!(soon(last).await, Ok(LONG));

    let (root, resolver) = Promise::deferred();
    let last = long(&root);
    resolver.reject("no").unwrap();
    assert_eq!(soon(last).await, Err(Rejected("no")));
}

#[tokio::test(start_paused = true)]
async fn a_long_chain_is_dropped_unrun_without_recursion() {
    for is_polled in [false, true] {
        let (root, resolver) = Promise::deferred();
        let last = long(&root);
        if is_polled {
            assert!(poll_once(&last).is_pending());
        }
        drop(root);
        assert!(!resolver.is_cancelled());
        drop(last);
        assert!(resolver.is_cancelled());
    }
}

#[tokio::test(start_paused = true)]
async fn a_long_spawned_chain_may_lose_its_task() {
    let (root, _resolver) = Promise::deferred();
    let task = root.run_on(tokio::spawn);
    let last = long(&root);
    tokio::task::yield_now().await;
    task.abort();
    soon(last).await.unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn long_asynchronous_chain_does_not_recurse() {
    let (root, resolver) = Promise::<_, &str>::deferred();
    let last = (0..LONG).fold(root.clone(), |promise, at| match at % 2 {
        0 => promise.and_then(async |n| Ok(n + 1)),
        _ => promise.and_then(|n| Promise::resolved(n + 1)),
    });
    resolver.resolve(0).unwrap();
    assert_eq!(soon(last).await, Ok(LONG));
}

#[tokio::test(start_paused = true)]
async fn many_consumers_are_notified_in_order() {
    let (promise, resolver) = Promise::<_, &str>::deferred();
    let next = Arc::new(AtomicUsize::new(0));
    let derived: Vec<_> = (0..10_000)
        .map(|at| {
            let next = Arc::clone(&next);
            promise.then(move |()| assert_eq!(next.fetch_add(1, Ordering::Relaxed), at))
        })
        .collect();
    let awaiting: Vec<_> = derived
        .iter()
        .map(|promise| tokio::spawn(promise.into_future()))
        .collect();
    tokio::task::yield_now().await;
    resolver.resolve(()).unwrap();
    for task in awaiting {
        assert_eq!(soon(task).await.unwrap(), Ok(()));
    }
    assert_eq!(next.load(Ordering::Relaxed), 10_000);
}
