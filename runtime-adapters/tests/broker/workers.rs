//! Tests handlers that run in child processes.
//!
//! A worker is this test binary, which runs the single test [`worker`]; a variable selects its behaviour. Its frames go
//! over a socket, so the output of the test harness does not matter.

mod calls;
mod death;
mod ending;
mod limits;
mod misfits;
mod output;
mod requests;
mod start;

use std::env;
use std::future::pending;
use std::process;
use std::time::Duration;

use conjoin_adapters::broker::{Backoff, Broker, Workers, is_worker};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

use self::requests::handlers;

/// A time beyond what any step takes: a test that gets here has failed.
const HANGING: Duration = Duration::from_secs(60);

const BEHAVIOUR: &str = "CONJOIN_TEST_WORKER";

/// Runs in a child process.
#[test]
fn worker() {
    let Ok(behaviour) = env::var(BEHAVIOUR) else {
        return;
    };
    let _ends_anyway = std::thread::spawn(|| {
        std::thread::sleep(2 * HANGING);
        process::exit(99);
    });
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_all().build().expect("a runtime");
    runtime.block_on(async {
        match behaviour.as_str() {
            "serve" => drop(Workers::new(1).start(handlers()).await),
            "parent" => parent().await,
            "grandchild" => grandchild().await,
            "exit" => process::exit(3),
            "noisy" => output::noisy_parent().await,
            other => misfits::behave(other),
        }
    });
    unreachable!("a worker ends otherwise");
}

/// A parent that the test kills, after it has printed the ids of its workers.
async fn parent() {
    let broker = started(workers(2)).await;
    let pids = pids(&broker);
    // Written at once, unlike with `println!`, so that other output to the same pipe cannot come in between.
    let line = format!("\nworkers {} {}\n", pids[0], pids[1]);
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).expect("a reader");
    pending::<()>().await;
}

/// A program that a worker has started: this one, as a parent of its own workers. It prints whether it is a worker, and
/// which process answers it.
async fn grandchild() {
    let is_worker = is_worker();
    let broker = started(workers(1)).await;
    let answered = broker.call(&crate::requests::Pid {}).await;
    let is_parent = answered.is_ok_and(|pid| pid != process::id());
    let line = format!("\ngrandchild {is_worker} {is_parent}\n");
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).expect("a reader");
    process::exit(0);
}

/// Workers that restart at once, and are given up at the third quick end in a row.
fn workers(count: usize) -> Workers {
    behaving(count, "serve")
}

fn behaving(count: usize, behaviour: &str) -> Workers {
    let soon = Duration::from_millis(5);
    Workers::new(count)
        .args([
            "--exact",
            "workers::worker",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(BEHAVIOUR, behaviour)
        .backoff(Backoff::new().first(soon).longest(soon).give_up_after(3))
}

async fn started(workers: Workers) -> Broker {
    within_limits(workers.start(handlers()))
        .await
        .expect("workers")
}

async fn within_limits<F: Future>(future: F) -> F::Output {
    timeout(HANGING, future).await.expect("an end")
}

/// Waits for a condition that becomes true by itself.
async fn until(mut condition: impl FnMut() -> bool) {
    within_limits(async {
        while !condition() {
            sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

/// The ids of the workers' processes, by index.
fn pids(broker: &Broker) -> Vec<u32> {
    let shown = format!("{broker:?}");
    shown
        .split("pid: Some(")
        .skip(1)
        .map(|rest| rest[..rest.find(')').expect("a )")].parse().expect("a pid"))
        .collect()
}

fn signal(pid: u32, signal: Signal) {
    kill_process(to_pid(pid), signal).expect("a process");
}

fn is_alive(pid: u32) -> bool {
    test_kill_process(to_pid(pid)).is_ok()
}

fn to_pid(pid: u32) -> Pid {
    let pid = i32::try_from(pid).ok();
    pid.and_then(Pid::from_raw).expect("a pid")
}
