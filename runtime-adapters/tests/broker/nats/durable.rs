//! Tests requests that survive their workers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_nats::jetstream;
use conjoin_adapters::broker::{
    Broker, BrokerError, Delivery, Handlers, Nats, Request, StartError,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc};

use super::{broker, ends, impatient};
use crate::nats_server::NatsServer;
use crate::requests::{Echo, Fail, HowDelivered, Panic};

/// Handlers for `Echo` that report each start, with its attempt, and end when they may.
fn held(begins: mpsc::UnboundedSender<u64>, may_end: Arc<Semaphore>) -> Handlers {
    Handlers::new().on_delivery::<Echo>(move |Echo { text }, delivery: Delivery| {
        let (begins, may_end) = (begins.clone(), Arc::clone(&may_end));
        async move {
            begins.send(delivery.attempt()).expect("the test");
            may_end.acquire().await.expect("open").forget();
            Ok(text)
        }
    })
}

fn echo() -> Echo {
    Echo { text: "x".into() }
}

/// The number of requests in the queue.
pub(super) async fn queued(server: &NatsServer) -> u64 {
    let client = async_nats::connect(server.url()).await.expect("a server");
    let stream = jetstream::new(client)
        .get_stream("conjoin")
        .await
        .expect("the queue");
    stream.cached_info().state.messages
}

#[tokio::test]
async fn failures_and_panics_are_not_redelivered() {
    let server = NatsServer::start_with_jetstream();
    let runs = Arc::new(AtomicU64::new(0));
    let (failing, panicking) = (Arc::clone(&runs), Arc::clone(&runs));
    let handlers = Handlers::new()
        .on::<Fail>(move |Fail { reason }| {
            failing.fetch_add(1, Ordering::SeqCst);
            async { Err(reason) }
        })
        .on::<Panic>(move |Panic { .. }| {
            panicking.fetch_add(1, Ordering::SeqCst);
            async { panic!("it does not work") }
        });
    let broker = broker(&server, handlers).await;
    let failed = ends(broker.call_durable(&Fail {
        reason: "no".into(),
    }))
    .await;
    assert_eq!(failed, Err(BrokerError::Failed("no".into())));
    let panicked = ends(broker.call_durable(&Panic { is_late: true })).await;
    assert_eq!(
        panicked,
        Err(BrokerError::Panicked("it does not work".into()))
    );
    broker.shutdown().await;
    assert_eq!(queued(&server).await, 0);
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn calls_with_one_id_are_handled_once() {
    let server = NatsServer::start_with_jetstream();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let may_end = Arc::new(Semaphore::new(0));
    let worker = broker(&server, held(begun, Arc::clone(&may_end))).await;
    let other = broker(&server, Handlers::new()).await;
    let id = "order 7, line *.>";

    let first = tokio::spawn(worker.call_durable(&echo()).message_id(id));
    assert_eq!(ends(begins.recv()).await, Some(1));
    let mut second = Box::pin(
        other
            .call_durable(&Echo {
                text: "ignored".into(),
            })
            .message_id(id),
    );
    assert!(futures::poll!(&mut second).is_pending());
    may_end.add_permits(1);
    assert_eq!(ends(first).await.expect("a call"), Ok("x".into()));
    assert_eq!(ends(second).await, Ok("x".into()));
    assert_eq!(
        ends(other.call_durable(&echo()).message_id(id)).await,
        Ok("x".into())
    );
    assert!(begins.try_recv().is_err());

    // Without an id, or with a different one, it is a different request.
    may_end.add_permits(2);
    assert_eq!(
        ends(other.call_durable(&echo()).message_id("order 7, line x>")).await,
        Ok("x".into())
    );
    assert_eq!(ends(other.call_durable(&echo())).await, Ok("x".into()));
    assert_eq!((begins.try_recv(), begins.try_recv()), (Ok(1), Ok(1)));
}

/// A different request than `Echo`, which may have the same ids.
#[derive(Clone, Serialize, Deserialize)]
struct Shout(String);

impl Request for Shout {
    const NAME: &'static str = "echo.loud";
    type Response = String;
    type Error = String;
}

#[tokio::test]
async fn requests_of_two_names_may_have_the_same_id() {
    let server = NatsServer::start_with_jetstream();
    let handlers = Handlers::new()
        .on::<Echo>(async |Echo { text }| Ok(text))
        .on::<Shout>(async |Shout(text)| Ok(text.to_uppercase()));
    let broker = broker(&server, handlers).await;
    assert_eq!(
        ends(broker.call_durable(&echo()).message_id("1")).await,
        Ok("x".into())
    );
    assert_eq!(
        ends(broker.call_durable(&Shout("x".into())).message_id("1")).await,
        Ok("X".into())
    );
}

#[tokio::test]
async fn handler_may_run_longer_than_ack_wait() {
    let server = NatsServer::start_with_jetstream();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let handlers = Handlers::new().on::<Echo>(move |Echo { text }| {
        begun.send(()).expect("the test");
        async {
            tokio::time::sleep(Duration::from_secs(3)).await;
            Ok(text)
        }
    });
    let nats = Nats::new(server.url()).ack_wait(Duration::from_secs(1));
    let _worker = nats
        .clone()
        .start(handlers.clone())
        .await
        .expect("a server");
    let broker = nats.start(handlers).await.expect("a server");
    assert_eq!(ends(broker.call_durable(&echo())).await, Ok("x".into()));
    broker.shutdown().await;
    assert_eq!(begins.try_recv(), Ok(()));
    assert!(begins.try_recv().is_err());
}

#[tokio::test]
async fn a_worker_may_be_silent_for_ever() {
    let server = NatsServer::start_with_jetstream();
    let nats = Nats::new(server.url()).ack_wait(Duration::MAX);
    let broker = nats
        .start(crate::requests::handlers())
        .await
        .expect("a server");
    assert_eq!(ends(broker.call_durable(&echo())).await, Ok("x".into()));
}

#[tokio::test]
async fn requests_of_a_lost_worker_go_to_another() {
    let server = NatsServer::start_with_jetstream();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let may_end = Arc::new(Semaphore::new(0));
    let handlers = held(begun, Arc::clone(&may_end));
    let worker = impatient(&server)
        .start(handlers.clone())
        .await
        .expect("a server");
    let broker = impatient(&server)
        .start(Handlers::new())
        .await
        .expect("a server");
    let call = tokio::spawn(broker.call_durable(&echo()));
    assert_eq!(ends(begins.recv()).await, Some(1));
    drop(worker);
    let _other = impatient(&server).start(handlers).await.expect("a server");
    assert_eq!(ends(begins.recv()).await, Some(2));
    may_end.add_permits(1);
    assert_eq!(ends(call).await.expect("a call"), Ok("x".into()));
}

#[tokio::test]
async fn dropped_durable_call_is_still_answered() {
    let server = NatsServer::start_with_jetstream();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let may_end = Arc::new(Semaphore::new(0));
    let _worker = broker(&server, held(begun, Arc::clone(&may_end))).await;
    let broker = broker(&server, Handlers::new()).await;

    let short = broker
        .call_durable(&echo())
        .message_id("short")
        .deadline(Duration::from_millis(300));
    assert_eq!(ends(short).await, Err(BrokerError::TimedOut));
    let dropped = tokio::spawn(broker.call_durable(&echo()).message_id("dropped"));
    assert_eq!(ends(begins.recv()).await, Some(1));
    assert_eq!(ends(begins.recv()).await, Some(1));
    dropped.abort();
    assert!(ends(dropped).await.is_err());
    may_end.add_permits(2);
    for id in ["short", "dropped"] {
        assert_eq!(
            ends(broker.call_durable(&echo()).message_id(id)).await,
            Ok("x".into())
        );
    }
    assert!(begins.try_recv().is_err());
}

#[tokio::test]
async fn a_request_waits_for_a_worker() {
    let server = NatsServer::start_with_jetstream();
    let broker = broker(&server, Handlers::new()).await;
    let early = broker
        .call_durable(&HowDelivered {})
        .deadline(Duration::from_millis(300));
    assert_eq!(
        ends(early.message_id("early")).await,
        Err(BrokerError::TimedOut)
    );
    let call = tokio::spawn(
        broker
            .call_durable(&HowDelivered {})
            .message_id("early")
            .traceparent("later"),
    );
    let _worker = super::broker(&server, crate::requests::handlers()).await;
    assert_eq!(ends(call).await.expect("a call"), Ok((1, None)));
}

async fn assert_unavailable(broker: &Broker, reason: &str) {
    assert_eq!(
        ends(broker.call_durable(&echo())).await,
        Err(BrokerError::Unavailable(reason.into()))
    );
    assert_eq!(ends(broker.call(&echo())).await, Ok("x".into()));
}

#[tokio::test]
async fn without_jetstream_plain_calls_still_work() {
    let server = NatsServer::start();
    let broker = broker(&server, crate::requests::handlers()).await;
    assert_unavailable(
        &broker,
        "the server has no JetStream, which durable calls need",
    )
    .await;

    let server = NatsServer::start_with_jetstream();
    let off = Nats::new(server.url())
        .durable(false)
        .start(crate::requests::handlers())
        .await
        .expect("a server");
    assert_unavailable(&off, "durable calls are switched off here").await;
    let client = async_nats::connect(server.url()).await.expect("a server");
    assert!(jetstream::new(client).get_stream("conjoin").await.is_err());
}

#[tokio::test]
async fn a_stream_of_that_name_that_is_no_queue_is_refused() {
    let server = NatsServer::start_with_jetstream();
    let client = async_nats::connect(server.url()).await.expect("a server");
    let config = jetstream::stream::Config {
        name: "conjoin".into(),
        ..Default::default()
    };
    jetstream::new(client)
        .create_stream(config)
        .await
        .expect("a stream");
    let refused = Broker::nats(server.url(), crate::requests::handlers())
        .await
        .expect_err("no queue");
    assert!(
        matches!(&refused, StartError::Unavailable(why) if why.contains("is not a work queue")),
        "{refused}"
    );
    let other = Nats::new(server.url())
        .stream("others")
        .start(crate::requests::handlers())
        .await
        .expect("a queue");
    assert_eq!(ends(other.call_durable(&echo())).await, Ok("x".into()));
}

#[tokio::test]
async fn a_queue_of_that_name_for_another_prefix_is_refused() {
    let server = NatsServer::start_with_jetstream();
    let shared = |prefix: &str| Nats::new(server.url()).prefix(prefix).stream("shared");
    let _one = shared("one")
        .start(crate::requests::handlers())
        .await
        .expect("a queue");
    let refused = shared("other")
        .start(crate::requests::handlers())
        .await
        .expect_err("no subjects");
    let why = "the stream `shared` exists, but does not include `other.durable.>`";
    assert!(
        matches!(&refused, StartError::Unavailable(reason) if reason.ends_with(why)),
        "{refused}"
    );
    let caller = shared("other")
        .start(Handlers::new())
        .await
        .expect("a server");
    assert_eq!(
        ends(caller.call_durable(&echo())).await,
        Err(BrokerError::Unavailable(why.into()))
    );
}

#[tokio::test]
async fn deleted_queue_is_made_again() {
    let server = NatsServer::start_with_jetstream();
    let jetstream = jetstream::new(async_nats::connect(server.url()).await.expect("a server"));
    let queue = jetstream::stream::Config {
        name: "conjoin".into(),
        subjects: vec!["conjoin.durable.>".into()],
        retention: jetstream::stream::RetentionPolicy::WorkQueue,
        storage: jetstream::stream::StorageType::Memory,
        ..Default::default()
    };
    let answers = jetstream::stream::Config {
        name: "conjoin-answers".into(),
        subjects: vec!["conjoin.answer.*".into()],
        retention: jetstream::stream::RetentionPolicy::Limits,
        ..queue.clone()
    };
    jetstream.create_stream(queue).await.expect("a stream");
    jetstream.create_stream(answers).await.expect("a stream");
    let worker = broker(&server, crate::requests::handlers()).await;
    let broker = broker(&server, Handlers::new()).await;
    assert_eq!(ends(broker.call_durable(&echo())).await, Ok("x".into()));
    let made = jetstream.get_stream("conjoin").await.expect("a stream");
    assert_eq!(
        made.cached_info().config.storage,
        jetstream::stream::StorageType::Memory
    );

    // `nats-server` 2.9 breaks a stream that a worker creates while the old one of its name is still being deleted.
    worker.shutdown().await;
    jetstream
        .delete_stream("conjoin")
        .await
        .expect("it is there");
    jetstream
        .delete_stream("conjoin-answers")
        .await
        .expect("it is there");
    let call = tokio::spawn(broker.call_durable(&echo()));
    let _worker = super::broker(&server, crate::requests::handlers()).await;
    assert_eq!(ends(call).await.expect("a call"), Ok("x".into()));
    jetstream
        .delete_stream("conjoin-answers")
        .await
        .expect("it is there");
    assert_eq!(ends(broker.call_durable(&echo())).await, Ok("x".into()));
}
