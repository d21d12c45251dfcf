//! Tests how workers start, and why they fail to.

use std::env::current_exe;
use std::error::Error;
use std::time::Duration;

use conjoin_adapters::broker::{Broker, StartError, WorkerState, Workers};
use futures::StreamExt;

use super::requests::handlers;
use super::{behaving, started, within_limits, workers};
use crate::requests::Pid;

async fn fails(workers: Workers) -> StartError {
    within_limits(workers.start(handlers()))
        .await
        .expect_err("no workers")
}

#[tokio::test]
async fn a_program_that_is_not_there_is_an_error() {
    let error = fails(workers(2).program("/nowhere/at/all")).await;
    assert!(
        matches!(&error, StartError::Spawn(error) if error.kind() == std::io::ErrorKind::NotFound),
        "{error:?}"
    );
    assert_eq!(error.to_string(), "a worker process cannot be started");
    assert!(error.source().is_some());
}

#[tokio::test]
async fn a_program_that_ends_instead_of_serving_is_an_error() {
    let error = fails(behaving(2, "exit")).await;
    assert!(matches!(&error, StartError::Unready(_)), "{error:?}");
    assert_eq!(
        error.to_string(),
        "a worker process did not become ready: it ended before it sent its hello: exit status 3"
    );
}

#[tokio::test]
async fn a_program_that_knows_nothing_of_it_is_given_up() {
    let sleep = Workers::new(1)
        .program("/bin/sleep")
        .args(["1000"])
        .ready_within(Duration::from_millis(50));
    let error = fails(sleep).await;
    assert_eq!(
        error.to_string(),
        "a worker process did not become ready: it sent no hello within 50ms"
    );
}

#[tokio::test]
async fn another_path_to_the_program_does_as_well() {
    let broker = started(workers(1).program(current_exe().expect("a path"))).await;
    assert!(broker.call(&Pid {}).await.is_ok());
}

#[tokio::test]
#[should_panic(expected = "there must be a worker")]
async fn there_must_be_a_worker() {
    drop(Broker::workers(0, handlers()).await);
}

#[tokio::test]
async fn health_stream_ends_with_the_broker() {
    let broker = started(workers(1)).await;
    let mut changes = Box::pin(broker.health_changes());
    assert_eq!(
        within_limits(changes.next()).await,
        Some(vec![WorkerState::Ready])
    );
    broker.shutdown().await;
    let stopped = within_limits(async {
        while let Some(states) = changes.next().await {
            if states == [WorkerState::Stopped] {
                return true;
            }
        }
        false
    });
    assert!(stopped.await);
    drop(broker);
    assert_eq!(within_limits(changes.next()).await, None);

    let broker = Broker::in_process(handlers());
    assert_eq!(broker.health(), []);
    assert_eq!(within_limits(broker.health_changes().next()).await, None);
}

#[tokio::test]
async fn unstarted_workers_have_debug_output() {
    let shown = format!(
        "{:?}",
        workers(2)
            .max_frame(5)
            .pending(7)
            .grace(Duration::from_secs(3))
    );
    assert!(
        shown.starts_with("Workers { count: 2, pending: 7, program: Program {"),
        "{shown}"
    );
    assert!(
        shown.contains("max_frame: 5")
            && shown.ends_with("ready_within: 10s, grace: 3s, heartbeat: 30s, format: Cbor }"),
        "{shown}"
    );
}
