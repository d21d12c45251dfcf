//! Tests 400 calls of 50 milliseconds, 20 at a time, during which something is killed.

use std::collections::HashMap;
use std::pin::pin;
use std::time::Duration;

use conjoin_adapters::broker::{Broker, BrokerError, Call};
use futures::StreamExt;
use futures::stream::{self, Stream};
use tokio::sync::mpsc;

use super::ends;
use super::worker::{Poison, Work, Worker, caller};
use crate::nats_server::NatsServer;

const CALLS: u32 = 400;
const IN_FLIGHT: usize = 20;

/// The number of answers after which something is killed.
const BEFORE: usize = 110;

type Answer = Result<(u32, u32, u64), BrokerError<String>>;

fn calls(call: impl Fn(&Work) -> Call<Work>) -> impl Stream<Item = Answer> + Unpin {
    let calls: Vec<_> = (0..CALLS).map(|number| call(&Work { number })).collect();
    stream::iter(calls).buffer_unordered(IN_FLIGHT)
}

/// Two workers, and the one that has just begun to handle a request.
struct Workers {
    by_id: HashMap<u32, Worker>,
    begins: mpsc::UnboundedReceiver<u32>,
}

impl Workers {
    async fn start(server: &NatsServer) -> Self {
        let (begun, begins) = mpsc::unbounded_channel();
        let mut by_id = HashMap::new();
        for _ in 0..2 {
            let worker = Worker::start_observed(server, begun.clone()).await;
            by_id.insert(worker.id(), worker);
        }
        Workers { by_id, begins }
    }

    /// Collects the answers, and meanwhile kills a worker that has just begun to handle a request.
    async fn with_one_killed(
        mut self,
        mut answers: impl Stream<Item = Answer> + Unpin,
    ) -> Vec<Answer> {
        let mut all: Vec<_> = ends(answers.by_ref().take(BEFORE).collect()).await;
        while self.begins.try_recv().is_ok() {}
        loop {
            tokio::select! {
                Some(worker) = self.begins.recv() => {
                    drop(self.by_id.remove(&worker).expect("it lives"));
                    break;
                }
                Some(answer) = answers.next() => all.push(answer),
            }
        }
        all.extend(ends(answers.collect::<Vec<_>>()).await);
        all
    }
}

fn each_answered_once(answers: &[Answer]) {
    let mut numbers: Vec<_> = answers
        .iter()
        .flatten()
        .map(|(number, ..)| *number)
        .collect();
    numbers.sort_unstable();
    assert_eq!(
        numbers,
        (0..CALLS).collect::<Vec<_>>(),
        "{:?}",
        answers.iter().find(|answer| answer.is_err())
    );
}

#[tokio::test]
async fn of_calls_those_that_the_killed_worker_had_time_out() {
    let server = NatsServer::start();
    let workers = Workers::start(&server).await;
    let broker = caller(&server).await.deadline(Duration::from_secs(2));
    let answers = workers
        .with_one_killed(calls(|work| broker.call(work)))
        .await;
    assert_eq!(answers.len(), CALLS as usize);
    let lost: Vec<_> = answers.iter().filter(|answer| answer.is_err()).collect();
    assert!(
        lost.iter().all(|lost| **lost == Err(BrokerError::TimedOut)),
        "{lost:?}"
    );
    assert!((1..=IN_FLIGHT).contains(&lost.len()), "{}", lost.len());
}

#[tokio::test]
async fn killed_worker_loses_no_durable_call() {
    let server = NatsServer::start_with_jetstream();
    let workers = Workers::start(&server).await;
    let broker = caller(&server).await;
    let answers = workers
        .with_one_killed(calls(|work| broker.call_durable(work)))
        .await;
    each_answered_once(&answers);
    let again = answers
        .iter()
        .flatten()
        .filter(|(_, _, delivery)| *delivery > 1)
        .count();
    assert!(again >= 1, "nothing was delivered again");
}

/// Collects the answers, and meanwhile kills and restarts the server.
async fn with_a_restart(
    mut answers: impl Stream<Item = Answer> + Unpin,
    mut server: NatsServer,
) -> (Vec<Answer>, NatsServer) {
    let mut all: Vec<_> = ends(answers.by_ref().take(BEFORE).collect()).await;
    let mut restart = pin!(tokio::task::spawn_blocking(move || {
        server.restart();
        server
    }));
    // The calls continue meanwhile.
    let server = loop {
        tokio::select! {
            server = &mut restart => break server.expect("a server"),
            Some(answer) = answers.next() => all.push(answer),
        }
    };
    all.extend(ends(answers.collect::<Vec<_>>()).await);
    (all, server)
}

/// Waits until a worker answers again.
async fn answers_again(broker: &Broker) {
    ends(async {
        while broker.call(&Work { number: 0 }).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

#[tokio::test]
async fn of_calls_none_hangs_when_the_server_is_restarted() {
    let server = NatsServer::start();
    let workers = Workers::start(&server).await;
    let broker = caller(&server).await.deadline(Duration::from_secs(2));
    let (answers, server) = with_a_restart(calls(|work| broker.call(work)), server).await;
    assert_eq!(answers.len(), CALLS as usize);
    for lost in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        let is_expected = matches!(
            lost,
            BrokerError::TimedOut | BrokerError::NoWorkers | BrokerError::Unavailable(_)
        );
        assert!(is_expected, "{lost:?}");
    }
    answers_again(&broker).await;
    drop((workers, server));
}

#[tokio::test]
async fn restarted_server_loses_no_durable_call() {
    let server = NatsServer::start_with_jetstream();
    let workers = Workers::start(&server).await;
    let broker = caller(&server).await;
    let (answers, server) = with_a_restart(calls(|work| broker.call_durable(work)), server).await;
    each_answered_once(&answers);
    drop((workers, server));
}

#[tokio::test]
async fn deadly_request_is_removed_from_the_queue() {
    let server = NatsServer::start_with_jetstream();
    let first = Worker::start(&server).await;
    let broker = caller(&server).await;
    let answer = tokio::spawn(broker.call_durable(&Poison {}));
    first.gone().await;
    for _ in 1..3 {
        Worker::start(&server).await.gone().await;
    }
    let last = Worker::start(&server).await;
    assert_eq!(
        ends(answer).await.expect("a call"),
        Err(BrokerError::WorkerDied)
    );
    // It is alive.
    let answer = ends(broker.call_durable(&Work { number: 7 })).await;
    assert_eq!(answer, Ok((7, last.id(), 1)));
}
