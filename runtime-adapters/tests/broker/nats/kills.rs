//! Tests at-least-once delivery when the server is killed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conjoin_adapters::broker::{Broker, Handlers, Nats, Request};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use serde::{Deserialize, Serialize};

use super::ends;
use crate::nats_server::NatsServer;

const CALLS: u32 = 400;

/// How many handlers run in one worker.
const CONCURRENCY: u32 = 32;

#[derive(Clone, Serialize, Deserialize)]
struct Order(u32);

impl Request for Order {
    const NAME: &'static str = "order";
    type Response = u32;
    type Error = String;
}

/// How often each order was handled.
type Runs = Arc<Mutex<HashMap<u32, u32>>>;

async fn worker(server: &NatsServer, runs: &Runs) -> Broker {
    let runs = Arc::clone(runs);
    let handlers = Handlers::new().on::<Order>(move |Order(number)| {
        *runs.lock().expect("no panic").entry(number).or_default() += 1;
        async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(number)
        }
    });
    let nats = Nats::new(server.url())
        .concurrency(CONCURRENCY)
        .ack_wait(Duration::from_secs(2));
    nats.start(handlers).await.expect("a server")
}

/// Makes durable calls, and kills the server when half of them are answered. All must be answered. Returns how many
/// orders were handled more than once.
async fn handled_twice(workers: usize) -> usize {
    let mut server = NatsServer::start_with_jetstream();
    let runs = Runs::default();
    let mut brokers = Vec::new();
    for _ in 0..workers {
        brokers.push(worker(&server, &runs).await);
    }
    let caller = super::broker(&server, Handlers::new()).await;
    let mut calls: FuturesUnordered<_> = (0..CALLS)
        .map(|number| tokio::spawn(caller.call_durable(&Order(number)).deadline(super::HANGING)))
        .collect();
    let mut answered = 0;
    while let Some(answer) = ends(calls.next()).await {
        assert!(answer.expect("a call").is_ok());
        answered += 1;
        if answered == CALLS / 2 {
            server.kill();
            server.restart();
        }
    }
    assert_eq!(answered, CALLS);
    let runs = runs.lock().expect("no panic");
    assert_eq!(runs.len(), CALLS as usize);
    let twice = runs.values().filter(|&&runs| runs > 1).count();
    println!("{workers} workers: {answered} of {CALLS} answered, {twice} handled more than once");
    twice
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_server_repeats_no_work_of_one_worker() {
    assert_eq!(handled_twice(1).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_server_repeats_only_work_under_way() {
    // Those that were running, and those that had ended but were not stored yet.
    assert!(handled_twice(2).await <= 3 * CONCURRENCY as usize);
}
