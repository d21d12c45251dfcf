//! Tests a server without space for durable requests and their answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::jetstream;
use async_nats::jetstream::stream::{Config, DiscardPolicy, RetentionPolicy, StorageType};
use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Nats};
use futures::future::join_all;

use super::durable::queued;
use super::ends;
use crate::nats_server::NatsServer;
use crate::requests::Echo;

/// The streams, as an operator creates them.
async fn make_streams(server: &NatsServer, storage: StorageType, max_bytes: i64) {
    let client = async_nats::connect(server.url()).await.expect("a server");
    let jetstream = jetstream::new(client);
    let queue = Config {
        name: "conjoin".into(),
        subjects: vec!["conjoin.durable.>".into()],
        retention: RetentionPolicy::WorkQueue,
        discard: DiscardPolicy::New,
        storage,
        max_bytes,
        ..Config::default()
    };
    let answers = Config {
        name: "conjoin-answers".into(),
        subjects: vec!["conjoin.answer.*".into()],
        retention: RetentionPolicy::Limits,
        max_messages_per_subject: 1,
        ..queue.clone()
    };
    jetstream.create_stream(queue).await.expect("a stream");
    jetstream.create_stream(answers).await.expect("a stream");
}

/// 10 kB: a full store has room for a few of these.
fn large() -> Echo {
    Echo {
        text: "x".repeat(10_000),
    }
}

/// Calls until no space is left, and then lets a worker answer. Returns the outcome of the call that was refused.
async fn fill_and_drain(server: &NatsServer) -> String {
    let start = async |handlers| {
        Nats::new(server.url())
            .start(handlers)
            .await
            .expect("a server")
    };
    let caller: Broker = start(Handlers::new()).await;
    let mut waiting = Vec::new();
    let full = loop {
        let mut call = Box::pin(caller.call_durable(&large()));
        // The call is refused, or waits in the queue for a worker.
        let before = queued(server).await;
        let stored = async {
            while queued(server).await == before {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            answer = &mut call => break answer.expect_err("there is no worker"),
            () = ends(stored) => waiting.push(call),
        }
        assert!(waiting.len() < 1_000, "it is never full");
    };
    let BrokerError::Unavailable(why) = full else {
        panic!("{full:?}");
    };
    assert!(!waiting.is_empty());

    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let handlers = Handlers::new().on::<Echo>(move |Echo { text }| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(text) }
    });
    let count = waiting.len();
    let worker = start(handlers).await;
    for answer in ends(join_all(waiting)).await {
        assert_eq!(answer, Ok(large().text));
    }
    worker.shutdown().await;
    assert_eq!(
        queued(server).await,
        0,
        "what cannot be stored ends the request, too"
    );
    assert_eq!(
        runs.load(Ordering::SeqCst),
        count,
        "each request is handled once"
    );
    why
}

#[tokio::test]
async fn full_disk_limit_is_unavailable_and_drains() {
    let server = NatsServer::start_with("jetstream: { store_dir: jetstream, max_file: 65536 }");
    make_streams(&server, StorageType::File, -1).await;
    let why = fill_and_drain(&server).await;
    let expected =
        "the store of JetStream is full: insufficient resources (code 503, error code 10023)";
    assert_eq!(why, expected);
}

#[tokio::test]
async fn full_memory_limit_is_unavailable_and_drains() {
    let server = NatsServer::start_with("jetstream: { store_dir: jetstream, max_mem: 65536 }");
    make_streams(&server, StorageType::Memory, -1).await;
    let why = fill_and_drain(&server).await;
    let expected =
        "the store of JetStream is full: insufficient resources (code 503, error code 10023)";
    assert_eq!(why, expected);
}

#[tokio::test]
async fn full_stream_is_unavailable_and_drains() {
    let server = NatsServer::start_with_jetstream();
    make_streams(&server, StorageType::File, 65_536).await;
    let why = fill_and_drain(&server).await;
    let expected =
        "the store of JetStream is full: maximum bytes exceeded (code 503, error code 10077)";
    assert_eq!(why, expected);
}
