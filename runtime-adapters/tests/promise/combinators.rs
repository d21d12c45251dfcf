//! Tests the combinators.

use std::sync::Arc;
use std::time::Duration;

use conjoin_adapters::CallbackError::{Dropped, Panicked, Rejected};
use conjoin_adapters::promise::Promise;

use crate::{poll_once, rejected, resolved, soon};

fn later<T: Clone + Send + Sync + 'static>(seconds: u64, value: T) -> Promise<T, &'static str> {
    resolved(value).delay(Duration::from_secs(seconds))
}

fn failing(seconds: u64, error: &'static str) -> Promise<u8, &'static str> {
    later(seconds, ()).then_try(move |()| Err(error))
}

#[tokio::test(start_paused = true)]
async fn all_has_the_values_in_order_or_the_first_error() {
    assert_eq!(
        soon(Promise::all([later(3, 1), later(1, 2), later(2, 3)])).await,
        Ok(vec![1, 2, 3])
    );
    let start = tokio::time::Instant::now();
    assert_eq!(
        soon(Promise::all([
            later(9, 1),
            failing(2, "second"),
            failing(1, "first")
        ]))
        .await,
        Err(Rejected("first"))
    );
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    let many: Vec<_> = (0..100).map(|n| later(100 - n, n)).collect();
    assert_eq!(soon(Promise::all(many)).await, Ok((0..100).collect()));
}

#[tokio::test(start_paused = true)]
async fn all_settled_has_every_outcome() {
    let outcomes = Promise::all_settled([
        later(2, 1),
        failing(1, "no"),
        resolved(1).then(|_| panic!("oh")),
    ]);
    assert_eq!(
        soon(outcomes).await.unwrap(),
        [Ok(1), Err(Rejected("no")), Err(Panicked("oh".into()))]
    );
}

#[tokio::test(start_paused = true)]
async fn any_has_the_first_value_or_all_errors_in_order() {
    assert_eq!(
        soon(Promise::any([failing(1, "no"), later(3, 1), later(2, 2)])).await,
        Ok(2)
    );
    let errors = vec![Rejected("late"), Rejected("early")];
    assert_eq!(
        soon(Promise::any([failing(2, "late"), failing(1, "early")])).await,
        Err(Rejected(errors))
    );
}

#[tokio::test(start_paused = true)]
async fn race_has_the_first_outcome() {
    assert_eq!(
        soon(Promise::race([later(2, 1), failing(1, "no")])).await,
        Err(Rejected("no"))
    );
    assert_eq!(
        soon(Promise::race([later(1, 1), failing(2, "no")])).await,
        Ok(1)
    );
}

#[tokio::test(start_paused = true)]
async fn of_nothing_each_settles_at_once() {
    let none = || std::iter::empty::<Promise<u8, &str>>();
    assert_eq!(soon(Promise::all(none())).await, Ok(vec![]));
    assert_eq!(soon(Promise::all_settled(none())).await, Ok(vec![]));
    assert_eq!(soon(Promise::any(none())).await, Err(Rejected(vec![])));
    assert_eq!(soon(Promise::race(none())).await, Err(Dropped));
}

#[tokio::test(start_paused = true)]
async fn losing_promise_can_still_be_awaited() {
    let slow = later(2, 1);
    let race = Promise::race([slow.clone(), later(1, 2)]);
    assert_eq!((soon(race).await, soon(slow).await), (Ok(2), Ok(1)));
}

#[tokio::test(start_paused = true)]
async fn all_accepts_one_promise_twice() {
    let root = later(1, 1);
    let derived = root.then(|n| n + 1);
    assert_eq!(
        soon(Promise::all([root.clone(), derived, root])).await,
        Ok(vec![1, 2, 1])
    );
}

#[tokio::test(start_paused = true)]
async fn dropping_it_cancels_what_nobody_else_holds() {
    let (promise, resolver) = Promise::<u8, &str>::deferred();
    let all = Promise::all([promise, rejected("no").or_else(|_| later(9, 1))]);
    assert!(poll_once(&all).is_pending());
    assert!(!resolver.is_cancelled());
    drop(all);
    assert!(resolver.is_cancelled());
}

#[test]
fn chain_ends_with_its_last_promise() {
    let alive = Arc::new(());
    let inside = Arc::clone(&alive);
    let user = Promise::<_, ()>::from_future(async move {
        std::future::pending::<()>().await;
        drop(inside);
        Ok(1)
    });
    let posts = user.then(|user| user + 1);
    let both = user.zip(&posts);
    drop((user, posts));
    assert_eq!(Arc::strong_count(&alive), 2);
    drop(both);
    assert_eq!(Arc::strong_count(&alive), 1);
}
