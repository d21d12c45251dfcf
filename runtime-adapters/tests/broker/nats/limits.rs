//! Tests the limits of concurrent calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Nats};
use futures::StreamExt;
use futures::future::join_all;
use tokio::sync::{Semaphore, mpsc};

use super::{broker, ends, subscribe};
use crate::nats_server::NatsServer;
use crate::requests::{Echo, Hang, handlers};

fn waiting(broker: &Broker) -> usize {
    let text = format!("{broker:?}");
    let (_, rest) = text.split_once("waiting: ").expect("it is shown");
    rest.split(|c: char| !c.is_ascii_digit())
        .next()
        .expect("a number")
        .parse()
        .expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_unanswered_calls_leave_nothing() {
    let server = NatsServer::start();
    let client = async_nats::connect(server.url()).await.expect("a server");
    // A worker that never answers.
    let mut requests = subscribe(&client, "conjoin.call.hang").await;
    let broker = broker(&server, Handlers::new()).await;

    let calls = (0..5_000).map(|_| broker.call(&Hang {}).deadline(Duration::from_millis(200)));
    for answer in ends(join_all(calls)).await {
        assert_eq!(answer, Err(BrokerError::TimedOut));
    }
    assert_eq!(waiting(&broker), 0);

    // The others are dropped after they were sent.
    let mut calls: Vec<_> = (0..5_000)
        .map(|_| Box::pin(broker.call(&Hang {})))
        .collect();
    let polling = async {
        let polls = calls.iter_mut().map(|call| async {
            assert!(futures::poll!(call).is_pending());
        });
        join_all(polls).await;
    };
    polling.await;
    assert_eq!(waiting(&broker), 5_000);
    drop(calls);
    assert_eq!(waiting(&broker), 0);
    assert!(format!("{broker:?}").contains("calls_under_way: 0"));
    ends(requests.by_ref().take(5_000).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn further_calls_than_may_be_pending_are_busy() {
    let server = NatsServer::start_with_jetstream();
    let _worker = broker(&server, handlers()).await;
    let broker = Nats::new(server.url())
        .pending(2)
        .start(Handlers::new())
        .await
        .expect("a server");
    let mut first = Box::pin(broker.call(&Hang {}));
    let mut second = Box::pin(broker.call_durable(&Hang {}));
    assert!(futures::poll!(&mut first).is_pending() && futures::poll!(&mut second).is_pending());
    let echo = Echo { text: "x".into() };
    assert_eq!(ends(broker.call(&echo)).await, Err(BrokerError::Busy));
    assert_eq!(
        ends(broker.call_durable(&echo)).await,
        Err(BrokerError::Busy)
    );
    drop(first);
    assert_eq!(ends(broker.call(&echo)).await, Ok("x".into()));
}

/// Handlers for `Echo` that report how many of them run, and end when they may.
fn counted(running: mpsc::UnboundedSender<usize>, may_end: Arc<Semaphore>) -> Handlers {
    let now = Arc::new(AtomicUsize::new(0));
    Handlers::new().on::<Echo>(move |Echo { text }| {
        let (now, running, may_end) = (Arc::clone(&now), running.clone(), Arc::clone(&may_end));
        async move {
            running
                .send(now.fetch_add(1, Ordering::SeqCst) + 1)
                .expect("the test");
            may_end.acquire().await.expect("open").forget();
            now.fetch_sub(1, Ordering::SeqCst);
            Ok(text)
        }
    })
}

#[tokio::test]
async fn full_worker_answers_busy() {
    let server = NatsServer::start_with_jetstream();
    let (running, mut counts) = mpsc::unbounded_channel();
    let may_end = Arc::new(Semaphore::new(0));
    let worker = Nats::new(server.url()).concurrency(2).pending(5);
    let _worker = worker
        .start(counted(running, Arc::clone(&may_end)))
        .await
        .expect("a server");
    let broker = broker(&server, Handlers::new()).await;

    let calls: Vec<_> = (0..5)
        .map(|_| tokio::spawn(broker.call(&Echo { text: "x".into() })))
        .collect();
    assert_eq!(ends(counts.recv()).await, Some(1));
    assert_eq!(ends(counts.recv()).await, Some(2));
    // Over one connection, requests arrive in order.
    ends(async {
        while waiting(&broker) < 5 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(
        ends(broker.call(&Echo {
            text: "too much".into()
        }))
        .await,
        Err(BrokerError::Busy)
    );
    let kept = tokio::spawn(broker.call_durable(&Echo {
        text: "kept".into(),
    }));

    may_end.add_permits(6);
    for call in calls {
        assert_eq!(ends(call).await.expect("a call"), Ok("x".into()));
    }
    assert_eq!(ends(kept).await.expect("a call"), Ok("kept".into()));
    let mut most = 2;
    while let Ok(count) = counts.try_recv() {
        most = most.max(count);
    }
    assert_eq!(most, 2);
}

#[tokio::test]
async fn hanging_handler_frees_its_place_at_the_deadline() {
    let server = NatsServer::start();
    let _worker = Nats::new(server.url())
        .concurrency(1)
        .start(handlers())
        .await
        .expect("a server");
    let broker = broker(&server, Handlers::new()).await;
    let hung = broker.call(&Hang {}).deadline(Duration::from_millis(50));
    assert_eq!(ends(hung).await, Err(BrokerError::TimedOut));
    assert_eq!(
        ends(broker.call(&Echo { text: "x".into() })).await,
        Ok("x".into())
    );
}

#[tokio::test]
async fn hung_durable_handlers_do_not_stop_plain_calls() {
    let server = NatsServer::start_with_jetstream();
    let (begun, mut begins) = mpsc::unbounded_channel();
    let handlers = Handlers::new()
        .on::<Echo>(async |Echo { text }| Ok(text))
        .on::<Hang>(move |Hang {}| {
            begun.send(()).expect("the test");
            std::future::pending()
        });
    let nats = Nats::new(server.url()).concurrency(9);
    let _worker = nats.start(handlers).await.expect("a server");
    let broker = broker(&server, Handlers::new()).await;
    let hung: Vec<_> = (0..20)
        .map(|_| tokio::spawn(broker.call_durable(&Hang {}).deadline(Duration::MAX)))
        .collect();
    // Seven of nine slots.
    for _ in 0..7 {
        ends(begins.recv()).await;
    }
    for _ in 0..20 {
        let answer = ends(broker.call(&Echo { text: "x".into() })).await;
        assert_eq!(answer, Ok("x".into()));
    }
    assert!(begins.try_recv().is_err());
    drop(hung);
}
