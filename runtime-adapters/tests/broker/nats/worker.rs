//! A worker that can be killed: this test program, started again.

use std::io::{BufRead, BufReader, Read, stdin};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use conjoin_adapters::broker::{Delivery, Handlers, Request};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{ends, impatient};
use crate::nats_server::NatsServer;

/// The address of the worker's server.
const URL: &str = "CONJOIN_TEST_NATS_URL";

/// Takes 50 milliseconds. The answer is the process and the attempt.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Work {
    pub(super) number: u32,
}

impl Request for Work {
    const NAME: &'static str = "work";
    type Response = (u32, u32, u64);
    type Error = String;
}

/// Kills the process that handles it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Poison {}

impl Request for Poison {
    const NAME: &'static str = "poison";
    type Response = ();
    type Error = String;
}

fn handlers() -> Handlers {
    Handlers::new()
        .on_delivery::<Work>(async |Work { number }, delivery: Delivery| {
            eprintln!("begun");
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok((number, std::process::id(), delivery.attempt()))
        })
        .on::<Poison>(async |Poison {}| std::process::abort())
}

/// Runs in the other process. In this one it does nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process() {
    let Ok(url) = std::env::var(URL) else { return };
    let nats = conjoin_adapters::broker::Nats::new(url).ack_wait(Duration::from_millis(400));
    let _broker = ends(nats.start(handlers())).await.expect("a server");
    eprintln!("ready");
    // Runs until its parent has ended.
    let end = tokio::task::spawn_blocking(|| stdin().read_to_end(&mut Vec::new()));
    end.await.expect("a thread").expect("a pipe");
}

/// A worker process. Dropping it kills it with `SIGKILL`.
pub(super) struct Worker {
    child: Child,
    _life: ChildStdin,
}

impl Worker {
    /// Returns when it accepts requests.
    pub(super) async fn start(server: &NatsServer) -> Self {
        Self::start_observed(server, mpsc::unbounded_channel().0).await
    }

    /// It reports its id whenever it begins to handle `Work`.
    pub(super) async fn start_observed(
        server: &NatsServer,
        begins: mpsc::UnboundedSender<u32>,
    ) -> Self {
        let url = server.url();
        let start = tokio::task::spawn_blocking(move || {
            let mut child = Command::new(std::env::current_exe().expect("this program"))
                .args(["--exact", "nats::worker::process", "--nocapture"])
                .env(URL, url)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .expect("a process");
            let life = child.stdin.take().expect("a pipe");
            let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
            let is_ready = lines.any(|line| line.is_ok_and(|line| line == "ready"));
            assert!(is_ready, "the worker does not start");
            let id = child.id();
            std::thread::spawn(move || {
                for _ in lines.filter(|line| line.as_ref().is_ok_and(|line| line == "begun")) {
                    // There may be no receiver.
                    let _ = begins.send(id);
                }
            });
            Worker { child, _life: life }
        });
        ends(start).await.expect("a worker")
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it ends by itself.
    pub(super) async fn gone(mut self) {
        ends(async {
            while self.child.try_wait().expect("a child").is_none() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await;
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Fails if it has ended already, which is fine.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A broker that only calls.
pub(super) async fn caller(server: &NatsServer) -> conjoin_adapters::broker::Broker {
    impatient(server)
        .start(Handlers::new())
        .await
        .expect("a server")
}
