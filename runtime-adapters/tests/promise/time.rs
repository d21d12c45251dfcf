//! Tests `timeout` and `delay`, on a paused clock.

use std::time::Duration;

use conjoin_adapters::CallbackError::{Panicked, Rejected};
use conjoin_adapters::promise::Promise;
use tokio::time::{Instant, advance};

use crate::{poll_once, rejected, resolved, soon};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn timeout_counts_from_its_call() {
    let start = Instant::now();
    let (promise, resolver) = Promise::<u8, _>::deferred();
    let limited = promise.timeout(3 * SECOND, "late");
    advance(SECOND).await;
    assert_eq!(soon(limited).await, Err(Rejected("late")));
    assert_eq!(start.elapsed(), 3 * SECOND);
    resolver.resolve(1).unwrap();
    assert_eq!(soon(promise).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn outcome_at_the_deadline_wins() {
    assert_eq!(
        soon(resolved(1).timeout(Duration::ZERO, "late")).await,
        Ok(1)
    );
    assert_eq!(
        soon(rejected::<u8>("no").timeout(SECOND, "late")).await,
        Err(Rejected("no"))
    );
    let (promise, resolver) = Promise::<u8, _>::deferred();
    let limited = promise.timeout(SECOND, "late");
    assert!(poll_once(&limited).is_pending());
    advance(SECOND).await;
    resolver.resolve(1).unwrap();
    assert_eq!(soon(limited).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_delay_counts_from_the_value_and_lets_errors_pass() {
    let (promise, resolver) = Promise::<_, &str>::deferred();
    let delayed = promise.delay(SECOND);
    assert!(poll_once(&delayed).is_pending());
    advance(5 * SECOND).await;
    resolver.resolve(1).unwrap();
    let start = Instant::now();
    assert_eq!(soon(delayed).await, Ok(1));
    assert_eq!(start.elapsed(), SECOND);
    assert_eq!(
        soon(rejected::<u8>("no").delay(SECOND)).await,
        Err(Rejected("no"))
    );
    assert_eq!(start.elapsed(), SECOND);
}

#[test]
fn outside_of_a_runtime_they_are_rejected() {
    let is_panicked = |promise: Promise<u8, &'static str>| {
        matches!(
            futures::executor::block_on(promise.into_future()),
            Err(Panicked(_))
        )
    };
    assert!(is_panicked(
        Promise::<u8, _>::from_future(std::future::pending()).timeout(SECOND, "late")
    ));
    assert!(is_panicked(resolved(1).delay(SECOND)));
}

#[tokio::test(start_paused = true)]
async fn a_timeout_beyond_all_time_is_none() {
    let (promise, resolver) = Promise::<u8, _>::deferred();
    let limited = promise.timeout(Duration::MAX, "late");
    advance(SECOND).await;
    resolver.resolve(1).unwrap();
    assert_eq!(soon(limited).await, Ok(1));
}
