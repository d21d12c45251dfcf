//! Tests the traits of the types.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use conjoin_adapters::CallbackError;
use conjoin_adapters::promise::{Driver, Promise, PromiseFuture, State, Thenable};

use crate::{resolved, soon};

/// A type with nothing but what the bounds require.
#[derive(Clone)]
struct Plain;

fn shared<T: Send + Sync + 'static>(_: &T) {}

#[test]
fn promises_and_their_futures_go_to_any_thread() {
    let promise = Promise::<_, Plain>::resolved(Plain);
    shared(&promise);
    shared(&(&promise).into_future());
    shared(&promise.run_on(|driver: Driver| driver));
}

#[test]
fn all_of_them_have_a_debug_form() {
    let (promise, resolver) = Promise::<_, Plain>::deferred();
    let future: PromiseFuture<_, _> = (&promise).into_future();
    assert_eq!(
        format!("{promise:?} {future:?}"),
        "Promise(pending) PromiseFuture(Promise(pending))"
    );
    resolver.resolve(Plain).ok().unwrap();
    assert!(matches!(promise.state(), State::Fulfilled(Plain)));
    assert_eq!(format!("{promise:?}"), "Promise(fulfilled)");
    drop(future);
    assert_eq!(
        promise.run_on(|driver| format!("{driver:?}")),
        "Driver { promises: 1, .. }"
    );
}

#[tokio::test(start_paused = true)]
async fn constructor_closure_may_borrow() {
    let local = Rc::new(Cell::new(0));
    let promise = Promise::<_, &str>::new(|resolve, _| {
        local.set(1);
        resolve(local.get());
    });
    assert_eq!(soon(promise).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn errors_are_converted_by_question_marks_in_handlers() {
    #[derive(Clone, Debug, PartialEq)]
    enum AppError {
        Number(std::num::ParseIntError),
        Io(String),
    }

    impl From<std::num::ParseIntError> for AppError {
        fn from(error: std::num::ParseIntError) -> Self {
            AppError::Number(error)
        }
    }

    impl From<Arc<std::io::Error>> for AppError {
        fn from(error: Arc<std::io::Error>) -> Self {
            AppError::Io(error.to_string())
        }
    }

    let text = Promise::<_, AppError>::resolved("4x");
    let number = text.then_try(|text| Ok(text.parse::<u8>()?));
    assert!(matches!(
        soon(number).await,
        Err(CallbackError::Rejected(AppError::Number(_)))
    ));
    let number = text.and_then(async |text| Ok(text.parse::<u8>()?));
    assert!(matches!(
        soon(number).await,
        Err(CallbackError::Rejected(AppError::Number(_)))
    ));
    let failed = Promise::<u8, _>::rejected(Arc::new(std::io::Error::other("away")));
    let converted = failed.or_else(async |error| Err(AppError::from(error)));
    assert_eq!(
        soon(converted).await,
        Err(CallbackError::Rejected(AppError::Io("away".into())))
    );
}

#[tokio::test(start_paused = true)]
async fn its_outcome_is_an_error_like_any() {
    async fn run() -> Result<u8, Box<dyn std::error::Error>> {
        let text = Promise::resolved("4x");
        Ok(text.then_try(str::parse::<u8>).await?)
    }
    assert_eq!(
        run().await.unwrap_err().to_string(),
        "invalid digit found in string"
    );
}

#[tokio::test(start_paused = true)]
async fn and_then_accepts_every_thenable() {
    fn boxed(
        value: u8,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<u8, &'static str>> + Send>> {
        Box::pin(async move { Ok(value) })
    }
    fn after(next: impl Thenable<u8, &'static str>) -> Promise<u8, &'static str> {
        resolved(()).and_then(|()| next)
    }
    assert_eq!(soon(after(boxed(1))).await, Ok(1));
    assert_eq!(soon(after(std::future::ready(Ok(2)))).await, Ok(2));
    assert_eq!(soon(after(resolved(3))).await, Ok(3));
}

#[tokio::test(start_paused = true)]
async fn tuples_of_one_to_six_are_spread() {
    assert_eq!(soon(resolved((1,)).spread(|a| a)).await, Ok(1));
    assert_eq!(soon(resolved((1, 2)).spread(|a, b| a + b)).await, Ok(3));
    assert_eq!(
        soon(resolved((1, 2, 3)).spread(|a, b, c| a + b + c)).await,
        Ok(6)
    );
    assert_eq!(
        soon(resolved((1, 2, 3, 4)).spread(|a, b, c, d| a + b + c + d)).await,
        Ok(10)
    );
    assert_eq!(
        soon(resolved((1, 2, 3, 4, 5)).spread(|a, b, c, d, e| a + b + c + d + e)).await,
        Ok(15)
    );
    assert_eq!(
        soon(resolved((1, 2, 3, 4, 5, 6)).spread(|a, b, c, d, e, f| a + b + c + d + e + f)).await,
        Ok(21)
    );
}
