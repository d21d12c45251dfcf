//! Tests requests that are delivered again although they are answered, or are being handled.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::jetstream::stream::{Config, RetentionPolicy};
use async_nats::{Message, jetstream};
use conjoin_adapters::broker::{Handlers, Nats};
use futures::StreamExt;
use tokio::sync::Semaphore;

use super::durable::queued;
use super::{broker, ends, subscribe};
use crate::nats_server::NatsServer;
use crate::requests::Echo;

/// Handlers for `Echo` that count their runs, and end when they may.
fn counted(runs: &Arc<AtomicUsize>, may_end: &Arc<Semaphore>) -> Handlers {
    let (runs, may_end) = (Arc::clone(runs), Arc::clone(may_end));
    Handlers::new().on::<Echo>(move |Echo { text }| {
        runs.fetch_add(1, Ordering::SeqCst);
        let may_end = Arc::clone(&may_end);
        async move {
            may_end.acquire().await.expect("open").forget();
            Ok(text)
        }
    })
}

fn echo(text: &str) -> Echo {
    Echo { text: text.into() }
}

/// Stores a message, even if the stream remembers its id for a little longer.
async fn store(jetstream: &jetstream::Context, subject: &str, message: &Message) {
    let headers = message.headers.clone().unwrap_or_default();
    ends(async {
        loop {
            let (headers, body) = (headers.clone(), message.payload.clone());
            let stored = jetstream.publish_with_headers(subject.to_owned(), headers, body);
            if !stored
                .await
                .expect("a server")
                .await
                .expect("a stream")
                .duplicate
            {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
}

/// Waits until the queue is empty.
async fn drained(server: &NatsServer) {
    ends(async {
        while queued(server).await > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn stored_answer_is_sent_and_nothing_runs() {
    let server = NatsServer::start_with_jetstream();
    let (runs, may_end) = (Arc::default(), Arc::new(Semaphore::new(1)));
    let broker = broker(&server, counted(&runs, &may_end)).await;
    let client = async_nats::connect(server.url()).await.expect("a server");
    let mut answers = subscribe(&client, "conjoin.answer.*").await;
    let first = broker.call_durable(&echo("first")).message_id("1");
    assert_eq!(ends(first).await, Ok("first".into()));
    let answer = ends(answers.next()).await.expect("an answer");

    // As if the server had lost the acknowledgement: there is an answer, and the request arrives as a first delivery.
    store(&jetstream::new(client), "conjoin.answer.echo:2", &answer).await;
    let second = broker.call_durable(&echo("second")).message_id("2");
    assert_eq!(ends(second).await, Ok("first".into()));
    drained(&server).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn request_that_comes_twice_runs_once() {
    let server = NatsServer::start_with_jetstream();
    let client = async_nats::connect(server.url()).await.expect("a server");
    let jetstream = jetstream::new(client.clone());
    // A queue that soon accepts the same request again.
    let queue = Config {
        name: "conjoin".into(),
        subjects: vec!["conjoin.durable.>".into()],
        retention: RetentionPolicy::WorkQueue,
        duplicate_window: Duration::from_millis(100),
        ..Config::default()
    };
    jetstream.create_stream(queue).await.expect("a stream");
    let (runs, may_end) = (Arc::default(), Arc::new(Semaphore::new(0)));
    let mut requests = subscribe(&client, "conjoin.durable.echo").await;
    jetstream
        .get_stream("conjoin")
        .await
        .expect("a stream")
        .purge()
        .await
        .expect("what `subscribe` has sent");
    let worker = Nats::new(server.url())
        .ack_wait(Duration::from_millis(400))
        .start(counted(&runs, &may_end));
    let worker = worker.await.expect("a server");

    let call = tokio::spawn(worker.call_durable(&echo("x")).message_id("1"));
    let request = ends(requests.next()).await.expect("a request");
    store(&jetstream, "conjoin.durable.echo", &request).await;
    // A request after the copy: when it runs, the worker has seen the copy.
    let behind = tokio::spawn(worker.call_durable(&echo("behind")));
    ends(async {
        while runs.load(Ordering::SeqCst) < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
    may_end.add_permits(10);
    assert_eq!(ends(call).await.expect("a call"), Ok("x".into()));
    assert_eq!(ends(behind).await.expect("a call"), Ok("behind".into()));
    drained(&server).await;
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}
