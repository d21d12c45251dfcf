//! Tests handlers that run within the calling futures.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use conjoin_adapters::broker::{Broker, BrokerError, Handlers};
use tokio::sync::Notify;
use tokio::time::Instant;

use crate::conformance;
use crate::requests::{Echo, Hang, Letters, OtherEcho, Pairs, Pid, Unwritable, handlers};

#[tokio::test]
async fn it_conforms() {
    conformance::check(Broker::in_process(handlers())).await;
}

#[tokio::test]
async fn nothing_is_encoded() {
    let broker = Broker::in_process(handlers());
    let pairs = BTreeMap::from([((1, 2), 3)]);
    assert_eq!(broker.call(&Pairs {}).await, Ok(pairs.clone()));
    assert_eq!(broker.call(&Unwritable { pairs }).await, Ok(()));
    assert_eq!(
        broker
            .call(&Letters { count: 100_000_000 })
            .await
            .map(|text| text.len()),
        Ok(100_000_000)
    );
    assert_eq!(broker.call(&Pid {}).await, Ok(std::process::id()));
}

#[tokio::test]
async fn another_type_of_the_same_name_is_not_handled() {
    let answer = Broker::in_process(handlers())
        .call(&OtherEcho { number: 1 })
        .await;
    assert_eq!(answer, Err(BrokerError::UnknownRequest("echo".into())));
}

/// A broker whose handler for `Hang` sets the flag when its future is dropped.
fn broker_that_hangs() -> (Broker, Arc<AtomicBool>) {
    struct SetOnDrop(Arc<AtomicBool>);
    impl Drop for SetOnDrop {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }

    let is_dropped = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&is_dropped);
    let handlers = Handlers::new().on::<Hang>(move |Hang {}| {
        let guard = SetOnDrop(Arc::clone(&flag));
        async move {
            let _guard = guard;
            pending().await
        }
    });
    (Broker::in_process(handlers), is_dropped)
}

#[tokio::test]
async fn dropping_a_call_drops_its_handler() {
    let (broker, is_dropped) = broker_that_hangs();
    let mut call = broker.call(&Hang {});
    assert!(futures::poll!(&mut call).is_pending());
    assert!(!is_dropped.load(Ordering::SeqCst));
    drop(call);
    assert!(is_dropped.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn calls_have_30_seconds_by_default() {
    let (broker, is_dropped) = broker_that_hangs();
    let start = Instant::now();
    assert_eq!(broker.call(&Hang {}).await, Err(BrokerError::TimedOut));
    assert_eq!(start.elapsed(), Duration::from_secs(30));
    assert!(is_dropped.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_then_cuts_calls_off() {
    let (broker, is_dropped) = broker_that_hangs();
    let start = Instant::now();
    let brief = tokio::spawn(broker.call(&Hang {}).deadline(Duration::from_secs(3)));
    tokio::task::yield_now().await;
    broker.clone().shutdown().await;
    assert_eq!(start.elapsed(), Duration::from_secs(3));
    assert_eq!(brief.await.expect("a call"), Err(BrokerError::TimedOut));

    let (broker, was_cut_off) = broker_that_hangs();
    let start = Instant::now();
    let long = tokio::spawn(broker.call(&Hang {}).deadline(Duration::MAX));
    tokio::task::yield_now().await;
    tokio::join!(broker.shutdown(), broker.shutdown());
    assert_eq!(start.elapsed(), Duration::from_secs(10));
    assert_eq!(long.await.expect("a call"), Err(BrokerError::Closed));
    assert!(is_dropped.load(Ordering::SeqCst) && was_cut_off.load(Ordering::SeqCst));
}

#[tokio::test(start_paused = true)]
async fn a_handler_may_shut_its_own_broker_down() {
    let own = Arc::new(OnceLock::<Broker>::new());
    let broker = Arc::clone(&own);
    let handlers = Handlers::new().on::<Hang>(move |Hang {}| {
        let broker = broker.get().unwrap().clone();
        async move {
            broker.shutdown().await;
            pending().await
        }
    });
    let broker = own.get_or_init(|| Broker::in_process(handlers));
    let began = Instant::now();
    assert_eq!(broker.call(&Hang {}).await, Err(BrokerError::Closed));
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    broker.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_that_is_dropped_can_be_called_again() {
    let arrived = Arc::new(Notify::new());
    let go_on = Arc::new(Notify::new());
    let (here, there) = (Arc::clone(&arrived), Arc::clone(&go_on));
    let handlers = Handlers::new().on::<Echo>(move |Echo { text }| {
        let (arrived, go_on) = (Arc::clone(&here), Arc::clone(&there));
        async move {
            arrived.notify_one();
            go_on.notified().await;
            Ok(text)
        }
    });
    let broker = Broker::in_process(handlers);
    let call = tokio::spawn(broker.call(&Echo { text: "x".into() }));
    arrived.notified().await;

    let gave_up = tokio::time::timeout(Duration::from_secs(1), broker.shutdown()).await;
    assert!(gave_up.is_err());
    assert_eq!(
        broker.call(&Echo { text: "y".into() }).await,
        Err(BrokerError::Closed)
    );
    go_on.notify_one();
    broker.shutdown().await;
    assert_eq!(call.await.expect("a call"), Ok("x".to_owned()));
}

#[test]
fn a_broker_shows_what_it_is() {
    let broker = Broker::in_process(Handlers::new().on::<Echo>(async |Echo { text }| Ok(text)));
    assert_eq!(
        format!("{broker:?} {:?}", broker.call(&Echo { text: "x".into() })),
        "Broker { engine: InProcess, handlers: Handlers([\"echo\"]), deadline: 30s, calls_under_way: 0, is_closing: false } \
         Call { request: \"echo\", is_started: false, .. }"
    );
}
