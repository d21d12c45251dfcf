//! Tests Promises/A+, clause by clause.
//!
//! What the types rule out has no test: handlers that are not functions (2.2.1), repeated calls of a handler or of the
//! constructor's callbacks (parts of 2.2.2.3, 2.2.3.3 and 2.3.3.3.3: they are `FnOnce`), `this` (2.2.5), and objects
//! with an accidental `then` (2.3.3.1, 2.3.3.2, 2.3.4). 2.3.3.3.1 and 2.3.3.3.2 are about the callbacks that a foreign
//! `then` receives; here, `Promise::new` provides them.

use conjoin_adapters::CallbackError::{Panicked, Rejected};
use conjoin_adapters::promise::{Promise, State};
use std::sync::{Arc, OnceLock};

use crate::{Log, poll_once, rejected, resolved, soon};

type Text = &'static str;

#[tokio::test(start_paused = true)]
async fn clause_2_1_1_a_pending_promise_may_become_either() {
    let (fulfilled, resolver) = Promise::<_, Text>::deferred();
    let (failed, rejecter) = Promise::<u8, _>::deferred();
    assert_eq!(
        (fulfilled.state(), failed.state()),
        (State::Pending, State::Pending)
    );
    resolver.resolve(1).unwrap();
    rejecter.reject("no").unwrap();
    assert_eq!(
        (fulfilled.state(), failed.state()),
        (State::Fulfilled(1), State::Rejected(Rejected("no")))
    );
}

#[tokio::test(start_paused = true)]
async fn clause_2_1_2_fulfilled_promise_keeps_its_value() {
    let promise = Promise::<_, Text>::new(|resolve, reject| {
        resolve(1);
        reject("late");
    });
    for _ in 0..3 {
        assert_eq!(promise.state(), State::Fulfilled(1));
        assert_eq!(soon(&promise).await, Ok(1));
    }
}

#[tokio::test(start_paused = true)]
async fn clause_2_1_3_rejected_promise_keeps_its_reason() {
    let promise = Promise::<u8, Text>::new(|resolve, reject| {
        reject("no");
        resolve(1);
    });
    for _ in 0..3 {
        assert_eq!(promise.state(), State::Rejected(Rejected("no")));
        assert_eq!(soon(&promise).await, Err(Rejected("no")));
    }
}

#[tokio::test(start_paused = true)]
async fn clause_2_2_2_handler_is_called_once_with_the_value() {
    let log = Log::new();
    let (promise, resolver) = Promise::<_, Text>::deferred();
    let derived = promise.then(log.noting());
    let caught = promise.catch(|_| unreachable!("it has not failed"));
    assert!(poll_once(&derived).is_pending());
    assert!(log.entries().is_empty());

    resolver.resolve(1).unwrap();
    for _ in 0..2 {
        soon(&derived).await.unwrap();
        soon(&caught).await.unwrap();
    }
    assert_eq!(log.entries(), [1]);
}

#[tokio::test(start_paused = true)]
async fn clause_2_2_3_error_handler_is_called_once() {
    let log = Log::new();
    let (promise, resolver) = Promise::<(), Text>::deferred();
    let derived = promise.catch(log.noting());
    let mapped = promise.then(|()| unreachable!("it has failed"));
    assert!(poll_once(&derived).is_pending());
    assert_eq!(log.entries(), [""; 0]);

    resolver.reject("no").unwrap();
    for _ in 0..2 {
        soon(&derived).await.unwrap();
        soon(&mapped).await.unwrap_err();
    }
    assert_eq!(log.entries(), ["no"]);
}

#[tokio::test]
async fn clause_2_2_4_then_and_resolve_call_no_handler() {
    for is_spawned in [false, true] {
        let log = Log::new();
        let (promise, resolver) = Promise::<_, Text>::deferred();
        if is_spawned {
            promise.run_on(tokio::spawn);
        }
        let _ = promise.then(log.noting());
        assert!(poll_once(&promise).is_pending());
        resolver.resolve(1).unwrap();
        assert_eq!(
            (log.entries(), promise.state()),
            (vec![], State::Fulfilled(1))
        );

        let last = promise.then(log.note(2));
        assert!(log.entries().is_empty());
        soon(last).await.unwrap();
        assert_eq!(log.entries(), [1, 2]);
    }
}

#[tokio::test(start_paused = true)]
async fn clause_2_2_4_nested_handler_runs_after_the_outer() {
    let log = Log::new();
    let promise = resolved(1);
    let (again, inner, outer) = (promise.clone(), log.clone(), log.clone());
    let first = promise.then(move |_| {
        let derived = again.then(inner.note("inner"));
        outer.push("outer");
        derived
    });
    let second = promise.then(log.note("second"));
    soon(soon(first).await.unwrap()).await.unwrap();
    soon(second).await.unwrap();
    assert_eq!(log.entries(), ["outer", "second", "inner"]);
}

#[tokio::test(start_paused = true)]
async fn clause_2_2_6_handlers_run_in_registration_order() {
    let log = Log::new();
    let (promise, resolver) = Promise::<_, Text>::deferred();
    let awaited_and_given_up = poll_once(&promise);
    assert!(awaited_and_given_up.is_pending());
    let derived: Vec<_> = (0..5).map(|n| promise.then(log.note(n))).collect();
    let others = (
        promise.finally({
            let log = log.clone();
            move || log.push(5)
        }),
        promise.and_then({
            let log = log.clone();
            move |()| {
                log.push(6);
                async { Ok(()) }
            }
        }),
        promise.tap({
            let log = log.clone();
            move |()| log.push(7)
        }),
    );
    assert!(poll_once(derived.last().unwrap()).is_pending());
    resolver.resolve(()).unwrap();
    for promise in derived.into_iter().rev() {
        soon(promise).await.unwrap();
    }
    soon(others.1).await.unwrap();
    assert_eq!(log.entries(), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[tokio::test(start_paused = true)]
async fn clause_2_2_6_failing_handler_stops_no_other() {
    let log = Log::new();
    let promise = rejected::<()>("no");
    let first = promise.catch(|_| panic!("oh"));
    let second = promise.catch(log.noting());
    soon(second).await.unwrap();
    assert_eq!(soon(first).await, Err(Panicked("oh".into())));
    assert_eq!(log.entries(), ["no"]);
}

#[tokio::test(start_paused = true)]
async fn clause_2_2_7_1_returned_value_fulfils() {
    assert_eq!(soon(resolved(1).then(|n| n + 1)).await, Ok(2));
    assert_eq!(soon(rejected::<usize>("no").catch(str::len)).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn clause_2_2_7_2_thrown_error_rejects() {
    assert_eq!(
        soon(resolved(1).then_try(|_| Err::<u8, _>("thrown"))).await,
        Err(Rejected("thrown"))
    );
    assert_eq!(
        soon(resolved(1).and_then(async |_| Err::<u8, _>("thrown"))).await,
        Err(Rejected("thrown"))
    );
    assert_eq!(
        soon(rejected::<u8>("no").or_else(async |_| Err("thrown"))).await,
        Err(Rejected("thrown"))
    );
    assert_eq!(
        soon(resolved(1).then(|_| panic!("thrown"))).await,
        Err::<(), _>(Panicked("thrown".into()))
    );
}

#[tokio::test(start_paused = true)]
async fn clause_2_2_7_3_value_passes_error_handlers() {
    let passed = resolved(1)
        .catch(|_| 2)
        .or_else(async |_| Err::<_, Text>("no"))
        .delay(std::time::Duration::ZERO);
    assert_eq!(soon(passed).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn clause_2_2_7_4_error_passes_value_handlers() {
    let passed = rejected::<(u8, u8)>("no")
        .spread(|a, b| a + b)
        .and_then(async |n| Ok(n))
        .tap(|_| ())
        .then_try(Ok);
    assert_eq!(soon(passed).await, Err(Rejected("no")));
}

#[tokio::test(start_paused = true)]
async fn clause_2_3_1_promise_settled_with_itself_rejects() {
    let itself = Arc::new(OnceLock::<Promise<u8, Text>>::new());
    let cell = Arc::clone(&itself);
    let promise = resolved(1).and_then(move |_| cell.get().unwrap().clone());
    itself.set(promise.clone()).unwrap();
    let error = soon(promise).await.unwrap_err();
    assert_eq!(
        error,
        Panicked("a handler returned the promise that it settles; help: return another promise or a future".into())
    );
}

#[tokio::test(start_paused = true)]
async fn clause_2_3_2_1_adopting_a_pending_promise_waits() {
    let (adopted, resolver) = Promise::<_, Text>::deferred();
    let promise = resolved(1).and_then(move |_| adopted);
    assert!(poll_once(&promise).is_pending());
    assert_eq!(promise.state(), State::Pending);
    resolver.resolve(2).unwrap();
    assert_eq!(soon(promise).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn clause_2_3_2_2_adopts_the_value_of_a_promise() {
    assert_eq!(soon(resolved(1).and_then(|n| resolved(n + 1))).await, Ok(2));
    assert_eq!(soon(rejected("no").or_else(|_| resolved(2))).await, Ok(2));
}

#[tokio::test(start_paused = true)]
async fn clause_2_3_2_3_adopts_the_error_of_a_promise() {
    assert_eq!(
        soon(resolved(1).and_then(|_| rejected::<u8>("no"))).await,
        Err(Rejected("no"))
    );
    let broken = resolved(1).then(|_| -> u8 { panic!("oh") });
    assert_eq!(
        soon(resolved(1).and_then(|_| broken)).await,
        Err(Panicked("oh".into()))
    );
}

#[tokio::test(start_paused = true)]
async fn clause_2_3_3_3_3_first_callback_counts() {
    let first = Promise::<_, Text>::new(|resolve, reject| (resolve(1), reject("late")));
    assert_eq!(soon(first).await, Ok(1));
    let second = Promise::<u8, _>::new(|resolve, reject| (reject("no"), resolve(1)));
    assert_eq!(soon(second).await, Err(Rejected("no")));
}

#[tokio::test(start_paused = true)]
async fn clause_2_3_3_3_4_1_panic_after_callback_is_ignored() {
    let promise = Promise::<_, Text>::new(|resolve, _| {
        resolve(1);
        panic!("late");
    });
    assert_eq!(soon(promise).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn clause_2_3_3_3_4_2_panic_before_callback_rejects() {
    let promise = Promise::<u8, Text>::new(|_, _| panic!("oh"));
    assert_eq!(soon(promise).await, Err(Panicked("oh".into())));
}
