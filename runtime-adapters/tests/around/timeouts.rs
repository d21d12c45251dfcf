//! Tests tasks that time out.

use std::future::pending;
use std::time::Duration;

use conjoin::auto;
use conjoin_adapters::around::{Elapsed, Timeouts};
use tokio::test;
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, PartialEq)]
enum AppError {
    TimedOut,
    Other,
}

impl From<Elapsed> for AppError {
    fn from(_: Elapsed) -> Self {
        AppError::TimedOut
    }
}

async fn takes(seconds: u32) -> Result<u32, AppError> {
    sleep(SECOND * seconds).await;
    if seconds == 0 {
        Err(AppError::Other)
    } else {
        Ok(seconds)
    }
}

#[test(start_paused = true)]
async fn task_that_takes_too_long_fails() {
    let began = Instant::now();
    let graph = auto! {
        #![around(Timeouts::new(SECOND * 2))]
        one => takes(1).await?,
        three: [one] => takes(one + 2).await?,
    };
    assert_eq!(graph.await.map(|done| done.three), Err(AppError::TimedOut));
    // The timeout counts from the start of the task.
    assert_eq!(began.elapsed(), SECOND * 3);
}

#[test(start_paused = true)]
async fn tasks_may_have_times_of_their_own() {
    let timeouts = Timeouts::new(SECOND).of("two", SECOND * 3).never("nine");
    let graph = auto! {
        #![around(&timeouts)]
        two => takes(2).await?,
        nine => takes(9).await?,
        => two + nine,
    };
    assert_eq!(graph.await, Ok(11));
    let only = Timeouts::none().of("nine", SECOND);
    let graph = auto! { #![around(only)] nine => takes(9).await?, two => takes(2).await? };
    assert!(graph.await.is_err());
}

#[test(start_paused = true)]
async fn error_of_a_task_is_its_own() {
    let graph = auto! { #![around(Timeouts::new(SECOND))] zero => takes(0).await?, => zero };
    assert_eq!(graph.await, Err(AppError::Other));
}

#[test(start_paused = true)]
async fn settled_graph_goes_on_without_it() {
    let done = auto! {
        #![around(Timeouts::new(SECOND))]
        #![settle]
        #![error(AppError)]
        never => { pending::<()>().await; takes(1).await? },
        one => takes(1).await?,
        after: [never as _] => Ok::<_, AppError>(1)?,
    };
    let done = done.await;
    assert_eq!(done.never.err(), Some(AppError::TimedOut));
    assert!(done.one.is_done() && done.after.skipped() == Some("never"));
}

#[test(start_paused = true)]
async fn futures_of_tokio_have_the_right_error_already() {
    let graph = auto! {
        #![around(Timeouts::new(SECOND))]
        a => tokio::time::timeout(SECOND / 2, sleep(SECOND)).await?,
    };
    assert!(graph.await.is_err());
}
