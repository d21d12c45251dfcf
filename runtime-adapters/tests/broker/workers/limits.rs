//! Tests the limits of the size and number of calls.

use conjoin_adapters::broker::BrokerError;
use futures::poll;

use super::requests::Sleep;
use super::{started, workers};
use crate::requests::{Echo, Hang, Letters, Pid};

#[tokio::test]
async fn too_large_is_an_error_of_one_call() {
    let broker = started(workers(1).max_frame(1_000)).await;
    let pid = broker.call(&Pid {}).await;
    let beside = tokio::spawn(broker.call(&Sleep { millis: 50 }));

    // A frame contains the name, and CBOR around the text: its marker, a map, a key, and the length of the text.
    let most = 1_000 - "echo".len() - (3 + 1 + 5 + 3);
    assert_eq!(
        broker
            .call(&Echo {
                text: "x".repeat(most)
            })
            .await,
        Ok("x".repeat(most))
    );
    assert_eq!(
        broker
            .call(&Echo {
                text: "x".repeat(most + 1)
            })
            .await,
        Err(BrokerError::TooLarge)
    );
    assert_eq!(
        broker
            .call(&Echo { text: "x".into() })
            .traceparent("x".repeat(1_000))
            .await,
        Err(BrokerError::TooLarge)
    );
    assert_eq!(
        broker.call(&Letters { count: 994 }).await,
        Ok("x".repeat(994))
    );
    assert_eq!(
        broker.call(&Letters { count: 995 }).await,
        Err(BrokerError::TooLarge)
    );
    assert_eq!(
        broker.call(&Letters { count: 5_000_000 }).await,
        Err(BrokerError::TooLarge)
    );

    assert_eq!(
        beside.await.expect("a call"),
        pid,
        "the worker is the same one"
    );
    assert_eq!(broker.call(&Pid {}).await, pid);
}

#[tokio::test]
async fn with_no_room_at_all_everything_is_too_large() {
    let broker = started(workers(1).max_frame(0)).await;
    assert_eq!(broker.call(&Pid {}).await, Err(BrokerError::TooLarge));
    broker.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_answers_and_requests_pass_each_other() {
    let broker = started(workers(1)).await;
    let calls = (0..16).map(|_| {
        tokio::spawn(broker.call(&Echo {
            text: "x".repeat(500_000),
        }))
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(
            call.await.expect("a call").map(|text| text.len()),
            Ok(500_000)
        );
    }
}

#[tokio::test]
async fn further_calls_than_may_be_pending_are_refused() {
    let broker = started(workers(1).pending(2)).await;
    let mut hanging = [
        Box::pin(broker.call(&Hang {})),
        Box::pin(broker.call(&Hang {})),
    ];
    for call in &mut hanging {
        assert!(poll!(call).is_pending());
    }
    assert_eq!(
        broker.call(&Echo { text: "x".into() }).await,
        Err(BrokerError::Busy)
    );
    let [one, _other] = hanging;
    drop(one);
    assert_eq!(
        broker.call(&Echo { text: "x".into() }).await,
        Ok("x".into())
    );
}
