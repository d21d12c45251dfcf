//! Tests what runs the handlers, and until when.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use conjoin_adapters::CallbackError::{Dropped, Rejected};
use conjoin_adapters::from_callback;
use conjoin_adapters::promise::{Promise, State};
use tokio::task::yield_now;

use crate::{Log, Outcome, poll_once, rejected, resolved, soon};

#[tokio::test(start_paused = true)]
async fn await_runs_the_handlers_of_the_whole_chain() {
    let log = Log::new();
    let root = resolved(1);
    let _ = root
        .then(log.note("a sibling that was dropped"))
        .then(log.note("its child"));
    soon(&root).await.unwrap();
    soon(root.then(|_| ())).await.unwrap();
    soon(root.then(|_| ()).then(|()| ())).await.unwrap();
    assert_eq!(log.entries(), ["a sibling that was dropped", "its child"]);
}

#[tokio::test(start_paused = true)]
async fn unawaited_chain_does_not_run() {
    let log = Log::new();
    let derived = resolved(1).then(log.noting());
    for _ in 0..10 {
        yield_now().await;
    }
    assert_eq!((log.entries(), derived.state()), (vec![], State::Pending));
}

#[tokio::test(start_paused = true)]
async fn a_spawned_chain_runs_without_anybody_to_await_it() {
    let log = Log::new();
    let (done, is_done) = tokio::sync::oneshot::channel();
    let promise = Promise::spawn(async { Ok::<_, &str>(1) });
    let _ = promise.then(log.noting());
    let _ = promise
        .and_then(async |n| Err::<(), _>(if n == 1 { "no" } else { "?" }))
        .catch(|error| done.send(error).unwrap());
    drop(promise);
    assert_eq!(soon(is_done).await, Ok("no"));
    assert_eq!(log.entries(), [1]);
}

#[tokio::test(start_paused = true)]
async fn spawned_chain_runs_later_handlers() {
    let (promise, resolver) = Promise::<_, &str>::deferred();
    let task = promise.run_on(tokio::spawn);
    resolver.resolve(1).unwrap();
    yield_now().await;
    let (done, is_done) = tokio::sync::oneshot::channel();
    let _ = promise.then(|n| done.send(n).unwrap());
    assert_eq!(soon(is_done).await, Ok(1));
    assert!(!task.is_finished(), "there is a promise yet");
    drop(promise);
    soon(task).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_second_driver_ends_at_once() {
    let (promise, resolver) = Promise::<_, &str>::deferred();
    let first = promise.run_on(tokio::spawn);
    soon(promise.run_on(|driver| driver)).await;
    assert!(!first.is_finished());
    resolver.resolve(1).unwrap();
    assert_eq!(soon(promise).await, Ok(1));
    soon(first).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn aborted_chain_rejects_its_promises() {
    let (promise, _resolver) = Promise::<u8, &str>::deferred();
    let task = promise.run_on(tokio::spawn);
    let derived = promise.then(|n| n);
    let source = Promise::<u8, &str>::from_future(std::future::pending());
    let other = source.run_on(tokio::spawn);
    yield_now().await;
    task.abort();
    other.abort();
    assert_eq!(soon(&derived).await, Err(Dropped));
    assert_eq!(soon(&source).await, Err(Dropped));
    // The promise can still be settled, but nothing runs its handlers.
    assert_eq!(soon(promise.then(|n| n)).await, Err(Dropped));
    assert_eq!(soon(derived.catch(|_| 0)).await, Err(Dropped));
}

#[tokio::test(start_paused = true)]
async fn dropping_a_chain_that_was_not_spawned_cancels_it() {
    let captured = Arc::new(());
    let held = Arc::clone(&captured);
    let (promise, resolver) = Promise::<u8, &str>::deferred();
    let derived = promise
        .then(move |_| drop(held))
        .delay(std::time::Duration::from_secs(1));
    assert!(poll_once(&derived).is_pending());
    drop(promise);
    assert!(!resolver.is_cancelled(), "a handler waits for it");
    drop(derived);
    assert!(resolver.is_cancelled());
    assert_eq!(Arc::strong_count(&captured), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_is_dropped_when_it_has_been_called() {
    let captured = Arc::new(());
    let held = Arc::clone(&captured);
    let promise = resolved(1);
    let itself = promise.clone();
    soon(promise.then(move |_| drop((itself, Arc::clone(&held)))))
        .await
        .unwrap();
    assert_eq!(Arc::strong_count(&captured), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_await_a_promise_of_its_own_chain() {
    for is_spawned in [false, true] {
        let (root, resolver) = Promise::<_, &str>::deferred();
        if is_spawned {
            root.run_on(tokio::spawn);
        }
        let slow = root
            .delay(std::time::Duration::from_secs(1))
            .then(|n: u8| n + 1);
        let awaited = slow.clone();
        let sum = root.and_then(async move |n| Ok(n + awaited.await.map_err(|_| "no")?));
        resolver.resolve(1).unwrap();
        assert_eq!(soon(sum).await, Ok(3));
    }
}

#[tokio::test(start_paused = true)]
async fn handlers_await_promises_of_another_chain() {
    for _ in 0..2 {
        let (left, resolve_left) = Promise::<_, &str>::deferred();
        let (right, resolve_right) = Promise::<_, &str>::deferred();
        let (of_left, of_right) = (left.then(|n: u8| n), right.then(|n: u8| n));
        let first = left.and_then(move |_| of_right);
        let second = right.and_then(move |_| of_left);
        let tasks = [
            tokio::spawn(first.into_future()),
            tokio::spawn(second.into_future()),
        ];
        yield_now().await;
        resolve_left.resolve(1).unwrap();
        yield_now().await;
        resolve_right.resolve(2).unwrap();
        let [first, second] = tasks;
        assert_eq!(
            (soon(first).await.unwrap(), soon(second).await.unwrap()),
            (Ok(2), Ok(1))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn unpolled_task_blocks_no_other() {
    let (promise, resolver) = Promise::<_, &str>::deferred();
    let derived = promise.then(|n: u8| n + 1);
    let mut stalled = derived.clone().into_future();
    assert!(poll_once(&mut stalled).is_pending());
    let task = tokio::spawn(derived.into_future());
    yield_now().await;
    resolver.resolve(1).unwrap();
    assert_eq!(soon(task).await.unwrap(), Ok(2));
    assert_eq!(soon(stalled).await, Ok(2));
}

#[test]
fn nothing_is_polled_without_news() {
    struct Counted(AtomicUsize);

    impl Wake for Counted {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    for is_asynchronous in [false, true] {
        let counted = Arc::new(Counted(AtomicUsize::new(0)));
        let waker = Waker::from(Arc::clone(&counted));
        let mut cx = Context::from_waker(&waker);
        let (promise, resolver) = Promise::<u8, &str>::deferred();
        let derived = if is_asynchronous {
            promise.and_then(|_| std::future::pending::<Result<u8, &str>>())
        } else {
            promise.then(|n| n)
        };
        let mut awaiting = pin!(derived.then(|n| n).into_future());
        let mut driver = pin!(derived.run_on(|driver| driver));
        for _ in 0..3 {
            assert!(awaiting.as_mut().poll(&mut cx).is_pending());
            assert!(driver.as_mut().poll(&mut cx).is_pending());
        }
        assert_eq!(counted.0.load(Ordering::Relaxed), 0);
        resolver.resolve(1).unwrap();
        assert_eq!(counted.0.swap(0, Ordering::Relaxed), 1);
        for _ in 0..3 {
            assert!(driver.as_mut().poll(&mut cx).is_pending());
        }
        // The awaiting task gets the outcome, if there is one. The driver has nothing to do.
        assert_eq!(
            counted.0.load(Ordering::Relaxed),
            usize::from(!is_asynchronous)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn dropped_await_leaves_the_promise_unchanged() {
    let (promise, resolver) = Promise::<_, &str>::deferred();
    let derived = promise.then(|n: u8| n + 1);
    for _ in 0..3 {
        assert!(poll_once(&derived).is_pending());
    }
    resolver.resolve(1).unwrap();
    assert_eq!(soon(derived).await, Ok(2));
}

#[test]
fn tasks_are_woken_in_the_order_of_their_coming() {
    struct Noting(Log<u8>, u8);

    impl Wake for Noting {
        fn wake(self: Arc<Self>) {
            self.0.push(self.1);
        }
    }

    let log = Log::new();
    let (promise, resolver) = Promise::<u8, &str>::deferred();
    let come = |task| {
        let waker = Waker::from(Arc::new(Noting(log.clone(), task)));
        let mut future = promise.clone().into_future();
        let polled = pin!(&mut future).poll(&mut Context::from_waker(&waker));
        assert!(polled.is_pending());
        future
    };
    let [first, _second, third] = [1, 2, 3].map(come);
    drop(first);
    let _fourth = come(4);
    drop(third);
    let _fifth = come(5);
    resolver.resolve(1).unwrap();
    assert_eq!(log.entries(), [2, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn consumers_before_and_after_it_settles_get_the_same() {
    let (promise, resolver) = Promise::<u8, &str>::deferred();
    let before =
        [promise.then(|n| n), promise.clone()].map(|promise| tokio::spawn(promise.into_future()));
    yield_now().await;
    resolver.reject("no").unwrap();
    let expected: Outcome<u8> = Err(Rejected("no"));
    for task in before {
        assert_eq!(soon(task).await.unwrap(), expected);
    }
    assert_eq!(soon(promise.then(|n| n)).await, expected);
    assert_eq!(soon(promise).await, expected);
}

#[tokio::test(start_paused = true)]
async fn dropped_resolver_rejects_the_promise() {
    let (promise, resolver) = Promise::<u8, &str>::deferred();
    drop(resolver);
    assert_eq!(promise.state(), State::Rejected(Dropped));
    assert_eq!(soon(promise.then(|n| n).catch(|_| 0)).await, Err(Dropped));
    assert_eq!(
        soon(Promise::<u8, &str>::new(|_, _| ())).await,
        Err(Dropped)
    );
    let lost = Promise::from(from_callback::<u8, &str, _>(drop));
    assert_eq!(soon(lost.settled()).await.unwrap(), Err(Dropped));
}

#[tokio::test(start_paused = true)]
async fn only_a_rejection_is_for_the_handlers_of_errors() {
    let (promise, resolver) = Promise::<u8, &str>::deferred();
    resolver.cancel();
    let recovered = promise.or_else(async |_| Ok::<u8, String>(0));
    assert_eq!(
        soon(recovered).await,
        Err(conjoin_adapters::CallbackError::Cancelled)
    );
    assert_eq!(
        soon(rejected::<u8>("no").or_else(async |_| Ok::<u8, String>(0))).await,
        Ok(0)
    );
}
