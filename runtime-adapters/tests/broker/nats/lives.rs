//! Tests how brokers start and end, and what they do while the server is down.

use std::sync::Arc;
use std::time::Duration;

use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Nats, StartError};
use futures::StreamExt;
use futures::stream;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};

use super::{broker, ends};
use crate::nats_server::NatsServer;
use crate::requests::{Echo, Hang, Nobody, handlers};

fn echo() -> Echo {
    Echo { text: "x".into() }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let mut server = NatsServer::start();
    server.kill();
    let refused = ends(Broker::nats(server.url(), Handlers::new()))
        .await
        .expect_err("no server");
    assert!(
        matches!(&refused, StartError::Unavailable(why) if why.contains(&server.url())),
        "{refused}"
    );
    // Nor does one that does not encrypt for a client that requires it.
    let plain = NatsServer::start();
    let refused = ends(Broker::nats(
        plain.url().replace("nats://", "tls://"),
        Handlers::new(),
    ))
    .await;
    assert!(
        matches!(refused, Err(StartError::Unavailable(_))),
        "{refused:?}"
    );
    // One reachable server of several is enough.
    let other = NatsServer::start();
    let both = format!("{}, {}", server.url(), other.url());
    let broker = ends(Broker::nats(both, handlers()))
        .await
        .expect("a server");
    assert_eq!(ends(broker.call(&echo())).await, Ok("x".into()));
}

#[tokio::test]
async fn impossible_settings_are_invalid() {
    for url in [
        "",
        "http://localhost",
        "ws://localhost",
        "nats://",
        "nats://h:x",
        "nats://a,",
        "nats://%ff@h",
    ] {
        let refused = Broker::nats(url, Handlers::new())
            .await
            .expect_err("no URL");
        assert!(
            matches!(refused, StartError::Invalid(_)),
            "{url}: {refused}"
        );
    }
    let nats = || Nats::new("nats://secret:word@localhost");
    let cases = [
        nats().prefix("a b"),
        nats().prefix("a.*"),
        nats().stream("a.b"),
        nats().pending(0),
        nats().concurrency(0),
        nats().max_deliver(0),
        nats().ack_wait(Duration::from_millis(1)),
    ];
    for nats in cases {
        let shown = format!("{nats:?}");
        assert!(
            !shown.contains("secret") && !shown.contains("word"),
            "{shown}"
        );
        let refused = nats
            .start(Handlers::new())
            .await
            .expect_err("a wrong setting");
        assert!(matches!(refused, StartError::Invalid(_)), "{refused}");
    }
}

#[tokio::test]
async fn credentials_come_from_the_url() {
    async fn start(server: &NatsServer, who: &str) -> Result<Broker, StartError> {
        ends(Broker::nats(
            server.url().replace("//", &format!("//{who}")),
            handlers(),
        ))
        .await
    }
    let by_password = NatsServer::start_with("authorization: { user: \"a@b\", password: \"p:w\" }");
    let by_token = NatsServer::start_with("authorization: { token: s3cret }");
    for (server, who) in [(&by_password, "a%40b:p%3Aw@"), (&by_token, "s3cret@")] {
        let broker = start(server, who).await.expect("it lets us in");
        assert_eq!(ends(broker.call(&echo())).await, Ok("x".into()));
        for who in ["", "other:word@", "other@"] {
            let refused = start(server, who).await.expect_err("it does not let us in");
            assert!(
                matches!(&refused, StartError::Unavailable(why) if why.contains("authorization")),
                "{refused}"
            );
        }
    }
}

#[tokio::test]
async fn brokers_of_two_prefixes_know_nothing_of_each_other() {
    let server = NatsServer::start_with_jetstream();
    let worker = Nats::new(server.url())
        .prefix("a.b")
        .start(handlers())
        .await
        .expect("a server");
    let other = Nats::new(server.url())
        .prefix("a")
        .start(Handlers::new())
        .await
        .expect("a server");
    assert_eq!(ends(worker.call_durable(&echo())).await, Ok("x".into()));
    assert_eq!(ends(worker.call(&echo())).await, Ok("x".into()));
    assert_eq!(ends(other.call(&echo())).await, Err(BrokerError::NoWorkers));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_outlives_its_server() {
    let mut server = NatsServer::start_with_jetstream();
    let _worker = broker(&server, handlers()).await;
    let broker = broker(&server, Handlers::new()).await;
    for _ in 0..3 {
        assert_eq!(ends(broker.call(&echo())).await, Ok("x".into()));
        let under_way = tokio::spawn(broker.call(&Hang {}).deadline(Duration::from_millis(300)));
        server.kill();
        let durable = tokio::spawn(broker.call_durable(&echo()));
        // Messages that are sent before the loss of the connection is noticed are lost with it.
        let lost = BrokerError::Unavailable("the connection to the server is lost".into());
        ends(async {
            while broker
                .call(&echo())
                .deadline(Duration::from_millis(50))
                .await
                != Err(lost.clone())
            {}
        })
        .await;
        assert!(ends(under_way).await.expect("a call").is_err());
        server.restart();
        assert_eq!(ends(durable).await.expect("a call"), Ok("x".into()));
        ends(async {
            while broker
                .call(&echo())
                .deadline(Duration::from_millis(500))
                .await
                .is_err()
            {}
        })
        .await;
        assert_eq!(ends(broker.call_durable(&echo())).await, Ok("x".into()));
    }
}

/// Handlers for `Echo` that report their start, and end when they may.
fn held(begun: Arc<Notify>, may_end: Arc<Semaphore>) -> Handlers {
    Handlers::new().on::<Echo>(move |Echo { text }| {
        let (begun, may_end) = (Arc::clone(&begun), Arc::clone(&may_end));
        async move {
            begun.notify_one();
            may_end.acquire().await.expect("open").forget();
            Ok(text)
        }
    })
}

#[tokio::test]
async fn shutdown_lets_handlers_end_and_their_answers_out() {
    let server = NatsServer::start_with_jetstream();
    let (begun, may_end) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let worker = broker(&server, held(Arc::clone(&begun), Arc::clone(&may_end))).await;
    let broker = broker(&server, Handlers::new()).await;
    let call = tokio::spawn(broker.call(&echo()));
    ends(begun.notified()).await;
    let durable = tokio::spawn(broker.call_durable(&echo()));
    ends(begun.notified()).await;

    let shutdown = worker.shutdown();
    let answers = async {
        // It takes no further requests.
        while broker
            .call(&echo())
            .deadline(Duration::from_millis(200))
            .await
            != Err(BrokerError::NoWorkers)
        {}
        may_end.add_permits(2);
        (call.await.expect("a call"), durable.await.expect("a call"))
    };
    let ((), answers) = ends(async { tokio::join!(shutdown, answers) }).await;
    assert_eq!(answers, (Ok("x".into()), Ok("x".into())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replacing_workers_loses_no_call() {
    let server = NatsServer::start_with_jetstream();
    let broker = broker(&server, Handlers::new()).await;
    let mut worker = super::broker(&server, handlers()).await;
    for _ in 0..6 {
        let broker = broker.clone();
        let calls = (0..1_000).map(move |number: u32| {
            let broker = broker.clone();
            async move {
                let text = number.to_string();
                let call = if number % 4 == 0 {
                    broker.call_durable(&Echo { text: text.clone() })
                } else {
                    broker.call(&Echo { text: text.clone() })
                };
                assert_eq!(call.deadline(Duration::from_secs(5)).await, Ok(text));
            }
        });
        let calls = tokio::spawn(stream::iter(calls).buffer_unordered(50).collect::<Vec<_>>());
        let next = super::broker(&server, handlers()).await;
        ends(worker.shutdown()).await;
        worker = next;
        assert_eq!(ends(calls).await.expect("calls").len(), 1_000);
    }
}

/// The server has sent far more than the worker has read when it is to end.
#[test]
fn no_call_is_lost_that_waits_in_a_busy_worker() {
    let server = NatsServer::start();
    let url = server.url();
    let (begin, begins) = std::sync::mpsc::channel();
    let (ready, is_ready) = std::sync::mpsc::channel();
    let worker = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let worker = runtime
            .block_on(Broker::nats(&url, handlers()))
            .expect("a server");
        ready.send(()).expect("the test");
        // Blocks everything that runs there.
        begins.recv().expect("the test");
        runtime.block_on(worker.shutdown());
    });
    is_ready.recv().expect("a worker");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let broker = broker(&server, Handlers::new()).await;
        let mut calls: Vec<_> = (0..1_500)
            .map(|_| broker.call(&echo()).deadline(Duration::from_secs(20)))
            .collect();
        let polls = calls
            .iter_mut()
            .map(|call| async { assert!(futures::poll!(call).is_pending()) });
        futures::future::join_all(polls).await;
        // Over one connection all arrive in order: the server has sent those on.
        assert_eq!(
            ends(broker.call(&Nobody {})).await,
            Err(BrokerError::NoWorkers)
        );
        begin.send(()).expect("the worker");
        for answer in ends(futures::future::join_all(calls)).await {
            assert_eq!(answer, Ok("x".into()));
        }
    });
    worker.join().expect("a shutdown");
}

#[tokio::test]
async fn shutdown_ends_when_the_server_is_away() {
    let mut server = NatsServer::start_with_jetstream();
    let broker = broker(&server, handlers()).await;
    let durable = tokio::spawn(
        broker
            .call_durable(&Hang {})
            .deadline(Duration::from_millis(200)),
    );
    server.kill();
    assert_eq!(
        ends(durable).await.expect("a call"),
        Err(BrokerError::TimedOut)
    );
    ends(broker.shutdown()).await;
    assert_eq!(ends(broker.call(&echo())).await, Err(BrokerError::Closed));
}

/// Waits until this many tasks are alive.
async fn tasks(count: usize) {
    ends(async {
        while Handle::current().metrics().num_alive_tasks() != count {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn last_handle_ends_all_tasks() {
    let mut server = NatsServer::start_with_jetstream();
    tasks(0).await;
    let broker = broker(&server, handlers()).await;
    let clone = broker.clone();
    let mut call = broker.call(&Hang {});
    assert!(futures::poll!(&mut call).is_pending());
    drop(broker);
    assert_eq!(ends(clone.call_durable(&echo())).await, Ok("x".into()));
    drop((clone, call));
    tasks(0).await;

    let broker = super::broker(&server, handlers()).await;
    assert_eq!(ends(broker.call_durable(&echo())).await, Ok("x".into()));
    ends(broker.shutdown()).await;
    tasks(0).await;
    drop(broker);

    // While it reconnects, as well.
    let broker = super::broker(&server, handlers()).await;
    server.kill();
    ends(async {
        while broker
            .call(&echo())
            .deadline(Duration::from_millis(20))
            .await
            .is_ok()
        {}
    })
    .await;
    drop(broker);
    tasks(0).await;
}
