//! Tests how workers and their broker end, gracefully and otherwise.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use conjoin_adapters::broker::{Broker, BrokerError, WorkerState};
use rustix::process::Signal;
use tokio::runtime::Builder;

use super::death::patient;
use super::requests::{Block, Counted, Sleep};
use super::{BEHAVIOUR, HANGING, is_alive, pids, signal, started, until, within_limits, workers};
use crate::requests::{Echo, Hang, Pid};

#[tokio::test]
async fn terminated_worker_answers_and_is_replaced() {
    let broker = started(workers(1)).await;
    let old = pids(&broker)[0];
    let calls: Vec<_> = (0..10)
        .map(|_| tokio::spawn(broker.call(&Sleep { millis: 300 })))
        .collect();
    until(|| format!("{broker:?}").contains("calls: 10, queued: 0")).await;
    signal(old, Signal::TERM);
    until(|| broker.health() == [WorkerState::Draining]).await;
    // It gets no new calls: this one waits for the next worker.
    let new = within_limits(broker.call(&Pid {})).await.expect("a pid");
    assert_ne!(new, old);
    for call in calls {
        assert_eq!(call.await.expect("a call"), Ok(old));
    }
    assert!(!is_alive(old));
}

#[tokio::test]
async fn repeated_termination_loses_no_call() {
    let broker = started(workers(2)).await;
    let roll = async {
        // More often than a worker may crash.
        for _ in 0..4 {
            for index in 0..2 {
                until(|| {
                    pids(&broker).len() == 2
                        && broker.health() == [WorkerState::Ready, WorkerState::Ready]
                })
                .await;
                let pid = pids(&broker)[index];
                signal(pid, Signal::TERM);
                until(|| !is_alive(pid)).await;
            }
        }
    };
    let calls = async {
        for number in 0..200 {
            let text = number.to_string();
            assert_eq!(broker.call(&Echo { text: text.clone() }).await, Ok(text));
            assert!(broker.call(&Sleep { millis: 2 }).await.is_ok());
        }
    };
    within_limits(async { tokio::join!(roll, calls) }).await;
}

#[tokio::test]
async fn worker_is_killed_after_its_grace() {
    let broker = started(workers(1).grace(Duration::from_millis(50))).await;
    let hanging = tokio::spawn(broker.call(&Hang {}).deadline(Duration::MAX));
    until(|| format!("{broker:?}").contains("calls: 1, queued: 0")).await;
    signal(pids(&broker)[0], Signal::TERM);
    assert_eq!(
        within_limits(hanging).await.expect("a call"),
        Err(BrokerError::WorkerDied)
    );
    assert!(
        within_limits(broker.call(&Pid {})).await.is_ok(),
        "there is another"
    );
}

#[tokio::test]
async fn shutdown_answers_calls_and_ends_processes() {
    let broker = started(workers(2)).await;
    let pids = pids(&broker);
    let calls: Vec<_> = (0..10)
        .map(|_| tokio::spawn(broker.call(&Sleep { millis: 100 })))
        .collect();
    until(|| format!("{broker:?}").contains("calls_under_way: 10")).await;
    within_limits(async { tokio::join!(broker.shutdown(), broker.shutdown()) }).await;
    for call in calls {
        assert!(call.await.expect("a call").is_ok());
    }
    assert_eq!(
        broker.health(),
        [WorkerState::Stopped, WorkerState::Stopped]
    );
    assert!(!pids.into_iter().any(is_alive));
    assert_eq!(broker.call(&Pid {}).await, Err(BrokerError::Closed));
}

#[tokio::test]
async fn shutdown_kills_a_blocked_worker() {
    let broker = started(workers(1).grace(Duration::from_millis(50))).await;
    let pid = pids(&broker)[0];
    let blocked = broker
        .call(&Block { millis: 100_000 })
        .deadline(Duration::from_millis(20));
    assert_eq!(blocked.await, Err(BrokerError::TimedOut));
    within_limits(broker.shutdown()).await;
    assert_eq!(broker.health(), [WorkerState::Stopped]);
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn shutdown_ends_a_wait_for_the_next_start() {
    let long = Duration::from_secs(60 * 60);
    let backoff = conjoin_adapters::broker::Backoff::new()
        .first(long)
        .longest(long);
    let broker = started(workers(1).backoff(backoff)).await;
    signal(pids(&broker)[0], Signal::KILL);
    until(|| broker.health() == [WorkerState::Backoff("killed by signal 9".into())]).await;
    within_limits(broker.shutdown()).await;
    assert_eq!(broker.health(), [WorkerState::Stopped]);
}

#[tokio::test]
async fn shutdown_waits_for_a_starting_worker() {
    let broker = started(workers(1).backoff(patient())).await;
    let stopped = within_limits(async {
        loop {
            let old = pids(&broker)[0];
            signal(old, Signal::KILL);
            until(|| pids(&broker).first().is_some_and(|&pid| pid != old)).await;
            let new = pids(&broker)[0];
            signal(new, Signal::STOP);
            if broker.health() == [WorkerState::Starting] {
                break new;
            }
        }
    })
    .await;
    within_limits(broker.shutdown()).await;
    assert_eq!(broker.health(), [WorkerState::Stopped]);
    assert!(!is_alive(stopped));
}

#[test]
fn shutdown_ends_without_the_workers_runtime() {
    let first = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let broker = first.block_on(started(workers(2)));
    let pids = pids(&broker);
    let other = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime");
    other.block_on(broker.shutdown());
    let begun = std::time::Instant::now();
    while pids.iter().any(|&pid| is_alive(pid)) {
        assert!(begun.elapsed() < HANGING, "{pids:?} are still there");
        thread::sleep(Duration::from_millis(1));
    }
}

#[tokio::test]
async fn dropping_the_broker_kills_its_workers() {
    let broker = started(workers(2)).await;
    let pids = pids(&broker);
    let call = broker.call(&Counted {});
    drop(broker);
    // The call holds the broker, too.
    let call = tokio::spawn(call);
    tokio::task::yield_now().await;
    assert!(pids.iter().all(|&pid| is_alive(pid)));
    call.abort();
    drop(call.await);
    until(|| !pids.iter().any(|&pid| is_alive(pid))).await;
}

#[test]
fn dropped_broker_kills_workers_without_a_runtime() {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let broker = runtime.block_on(started(workers(2)));
    let pids = pids(&broker);
    drop(broker);
    let begun = std::time::Instant::now();
    while pids.iter().any(|&pid| is_alive(pid)) {
        assert!(begun.elapsed() < HANGING, "{pids:?} are still there");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn runtime_end_fails_calls_from_another() {
    let runtime = || {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    };
    let first = runtime();
    let broker = first.block_on(started(workers(2)));
    let pids = pids(&broker);
    let other = runtime();
    assert!(
        other
            .block_on(broker.call(&Pid {}).deadline(Duration::from_millis(10)))
            .is_err(),
        "nothing runs the first"
    );
    drop(first);
    other.block_on(async {
        let answer = within_limits(broker.call(&Pid {}).deadline(Duration::MAX)).await;
        assert_eq!(answer, Err(BrokerError::NoWorkers));
        let gone = WorkerState::Failed("the runtime that it was started on is gone".into());
        assert_eq!(broker.health(), [gone.clone(), gone]);
        until(|| !pids.iter().any(|&pid| is_alive(pid))).await;
        within_limits(broker.shutdown()).await;
    });
}

#[test]
fn call_ends_with_the_workers_runtime() {
    let runtime = || {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    };
    let first = runtime();
    let broker = first.block_on(started(workers(1)));
    let hanging = broker.call(&Hang {}).deadline(Duration::MAX);
    let hanging = thread::spawn(move || runtime().block_on(within_limits(hanging)));
    first.block_on(until(|| {
        format!("{broker:?}").contains("calls: 1, queued: 0")
    }));
    drop(first);
    assert_eq!(
        hanging.join().expect("a call"),
        Err(BrokerError::WorkerDied)
    );
}

#[test]
fn no_worker_outlives_a_parent_that_is_killed() {
    let mut parent = Command::new(env::current_exe().expect("a path"))
        .args([
            "--exact",
            "workers::worker",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(BEHAVIOUR, "parent")
        .stdout(Stdio::piped())
        .spawn()
        .expect("a process");
    let stdout = BufReader::new(parent.stdout.take().expect("a pipe"));
    let mut lines = stdout.lines().map_while(Result::ok);
    let pids = lines
        .find_map(|line| Some(line.strip_prefix("workers ")?.to_owned()))
        .expect("workers");
    let pids: Vec<u32> = pids
        .split(' ')
        .map(|pid| pid.parse().expect("a pid"))
        .collect();
    assert!(pids.iter().all(|&pid| is_alive(pid)));
    parent.kill().expect("a process");
    parent.wait().expect("a process");
    let begun = std::time::Instant::now();
    // They are orphans now, and remain as long as their new parent does not reap them.
    while pids.iter().any(|&pid| is_running(pid)) {
        assert!(begun.elapsed() < HANGING, "{pids:?} are still there");
        thread::sleep(Duration::from_millis(1));
    }
}

/// Whether the process exists and is not a zombie.
fn is_running(pid: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    match status {
        Ok(status) => !status
            .rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with(['Z', 'X'])),
        Err(_) => cfg!(not(target_os = "linux")) && is_alive(pid),
    }
}

#[tokio::test]
async fn a_broker_and_its_call_can_be_sent_to_other_threads() {
    fn is_send_and_sync<T: Send + Sync>(_: &T) {}
    let broker: Broker = started(workers(1)).await;
    is_send_and_sync(&broker);
    assert!(
        tokio::spawn(broker.call(&Pid {}))
            .await
            .expect("a call")
            .is_ok()
    );
}
