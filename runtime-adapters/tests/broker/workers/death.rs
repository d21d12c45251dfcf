//! Tests what happens to calls when a worker dies.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use conjoin_adapters::broker::{Backoff, BrokerError, WorkerState};
use futures::future::join_all;
use futures::{StreamExt, stream};
use rustix::process::Signal;
use tokio::sync::Notify;

use super::requests::{Die, DieIdempotently, Sleep};
use super::{pids, signal, started, until, within_limits, workers};
use crate::requests::{Echo, Hang, Pid};

#[tokio::test]
async fn its_calls_fail_and_the_next_ones_have_another() {
    let broker = started(workers(1)).await;
    let before = broker.call(&Pid {}).await;
    let calls = join_all([broker.call(&Hang {}), broker.call(&Hang {})]);
    let kill = async {
        until(|| format!("{broker:?}").contains("calls: 2, queued: 0")).await;
        signal(pids(&broker)[0], Signal::KILL);
    };
    let (answers, ()) = within_limits(async { tokio::join!(calls, kill) }).await;
    assert_eq!(
        answers,
        [Err(BrokerError::WorkerDied), Err(BrokerError::WorkerDied)]
    );
    let after = broker.call(&Pid {}).await;
    assert!(after.is_ok() && after != before, "{before:?} {after:?}");
}

#[tokio::test]
async fn only_what_may_be_done_twice_is_tried_again() {
    let broker = started(workers(1).backoff(patient())).await;
    assert_eq!(
        broker.call(&Die { until: 1 }).await,
        Err(BrokerError::WorkerDied)
    );
    assert_eq!(broker.call_durable(&Die { until: 1 }).await, Ok(2));
    assert_eq!(broker.call(&DieIdempotently { until: 2 }).await, Ok(3));
    assert_eq!(
        broker.call(&DieIdempotently { until: 3 }).await,
        Err(BrokerError::WorkerDied)
    );
}

#[tokio::test]
async fn unsent_requests_go_to_another_worker() {
    let broker = started(workers(1)).await;
    let victim = pids(&broker)[0];
    // It reads nothing, so of this much only the first can have been sent.
    signal(victim, Signal::STOP);
    let text = "x".repeat(1_000_000);
    let calls = join_all((0..8).map(|_| broker.call(&Echo { text: text.clone() })));
    let kill = async {
        until(|| format!("{broker:?}").contains("calls: 8")).await;
        signal(victim, Signal::KILL);
    };
    let (answers, ()) = within_limits(async { tokio::join!(calls, kill) }).await;
    let is_expected = |answer: &_| matches!(answer, Ok(_) | Err(BrokerError::WorkerDied));
    assert!(
        answers.iter().all(is_expected),
        "{:?}",
        answers.iter().filter(|a| a.is_err()).collect::<Vec<_>>()
    );
    assert!(answers.iter().filter(|answer| answer.is_ok()).count() >= 6);
}

/// Prints how long after the death its last call ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_400_calls_each_ends_when_a_worker_is_killed() {
    let broker = started(workers(2)).await;
    let victim = pids(&broker)[0];
    let (a_quarter, is_time) = (AtomicUsize::new(100), Notify::new());
    let calls = stream::iter(0..400).map(|_| {
        let call = tokio::spawn(broker.call(&Sleep { millis: 50 }));
        async {
            let end = (call.await.expect("a call"), Instant::now());
            if a_quarter.fetch_sub(1, Ordering::Relaxed) == 1 {
                is_time.notify_one();
            }
            end
        }
    });
    let calls = calls.buffer_unordered(20).collect::<Vec<_>>();
    let kill = async {
        is_time.notified().await;
        // In the middle of the next calls, normally.
        tokio::time::sleep(Duration::from_millis(20)).await;
        signal(victim, Signal::KILL);
        Instant::now()
    };
    let (ends, death) = within_limits(async { tokio::join!(calls, kill) }).await;

    assert_eq!(ends.len(), 400);
    let died = |end: &&(Result<u32, _>, Instant)| end.0 == Err(BrokerError::WorkerDied);
    let last = ends.iter().filter(died).map(|&(_, end)| end - death).max();
    println!(
        "{} calls died, the last one {last:?} after its worker",
        ends.iter().filter(died).count()
    );
    assert!(
        ends.iter().filter(died).count() <= 20,
        "those under way, and no others"
    );
    let answering: BTreeSet<_> = ends
        .iter()
        .filter(|end| !died(end))
        .map(|(pid, _)| pid.clone().expect("a pid"))
        .collect();
    assert!((2..=3).contains(&answering.len()), "{answering:?}");
    until(|| broker.health() == [WorkerState::Ready, WorkerState::Ready]).await;
    assert!(
        !pids(&broker).contains(&victim),
        "another has taken its place"
    );
}

#[tokio::test]
async fn calls_wait_for_a_worker_until_their_deadline() {
    let wait = Duration::from_secs(6);
    let broker = started(workers(1).backoff(Backoff::new().first(wait).longest(wait))).await;
    assert_eq!(
        broker.call(&Die { until: 1 }).await,
        Err(BrokerError::WorkerDied)
    );
    assert_eq!(
        broker
            .call(&Pid {})
            .deadline(Duration::from_millis(20))
            .await,
        Err(BrokerError::TimedOut)
    );
    // `until` would wait for the state after the next.
    let died =
        || matches!(&broker.health()[..], [WorkerState::Backoff(why)] if why == "exit status 7");
    until(died).await;
    assert!(
        within_limits(broker.call(&Pid {}).deadline(Duration::MAX))
            .await
            .is_ok()
    );
    assert_eq!(broker.health(), [WorkerState::Ready]);
}

#[tokio::test]
async fn a_crash_loop_has_an_end_and_is_seen() {
    let broker = started(workers(1)).await;
    let changes = broker.health_changes();
    for _ in 0..3 {
        assert_eq!(
            within_limits(broker.call(&Die { until: 1 })).await,
            Err(BrokerError::WorkerDied)
        );
    }
    let waiting = broker.call(&Pid {}).deadline(Duration::MAX);
    assert_eq!(within_limits(waiting).await, Err(BrokerError::NoWorkers));
    assert_eq!(broker.call(&Pid {}).await, Err(BrokerError::NoWorkers));
    assert_eq!(
        broker.health(),
        [WorkerState::Failed("exit status 7".into())]
    );
    broker.shutdown().await;
    assert_eq!(broker.call(&Pid {}).await, Err(BrokerError::Closed));

    drop(broker);
    let seen: Vec<_> = within_limits(changes.collect::<Vec<_>>()).await;
    assert_eq!(
        seen.last(),
        Some(&vec![WorkerState::Failed("exit status 7".into())])
    );
}

#[tokio::test]
async fn other_workers_take_over_from_a_failed_one() {
    let broker = started(workers(2)).await;
    let other = pids(&broker)[1];
    for _ in 0..3 {
        until(|| broker.health()[0] == WorkerState::Ready).await;
        let victim = pids(&broker)[0];
        signal(victim, Signal::KILL);
        until(|| pids(&broker).first() != Some(&victim)).await;
    }
    let failed = WorkerState::Failed("killed by signal 9".into());
    assert_eq!(broker.health(), [failed, WorkerState::Ready]);
    assert_eq!(within_limits(broker.call(&Pid {})).await, Ok(other));
}

#[tokio::test]
async fn stopped_worker_is_replaced() {
    // Long enough for a worker on a busy machine to answer.
    let time = Duration::from_secs(3);
    let broker = started(workers(1).heartbeat(time).backoff(patient())).await;
    let victim = pids(&broker)[0];
    signal(victim, Signal::STOP);
    // The signal takes effect a little later.
    let died = within_limits(async {
        loop {
            let call = broker.call(&Echo { text: "x".into() });
            if let Err(error) = call.deadline(Duration::MAX).await {
                break error;
            }
        }
    });
    assert_eq!(died.await, BrokerError::WorkerDied);
    until(|| !pids(&broker).contains(&victim) && broker.health() == [WorkerState::Ready]).await;
    assert!(!super::is_alive(victim));
}

/// Never gives up.
pub(super) fn patient() -> Backoff {
    Backoff::new()
        .first(Duration::from_millis(5))
        .longest(Duration::from_millis(5))
        .give_up_after(1_000)
}
