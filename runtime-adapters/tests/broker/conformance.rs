//! Tests for every engine.

use std::time::Duration;

use conjoin_adapters::broker::{Broker, BrokerError};
use futures::future::join_all;

use crate::handlers::bad_names_panic_at_calls;
use crate::requests::{Echo, Fail, Hang, HowDelivered, Nobody, Panic, Pid};

/// Checks a broker with [`handlers`](crate::requests::handlers), and shuts it down.
pub(crate) async fn check(broker: Broker) {
    answers_and_failures_come_back(&broker).await;
    a_panic_is_an_error_and_ends_nothing_else(&broker).await;
    unknown_request_is_named(&broker).await;
    calls_side_by_side_get_their_own_answers(&broker).await;
    a_handler_knows_the_trace_it_is_in(&broker).await;
    a_deadline_ends_a_call(&broker).await;
    durable_calls_are_answered_too(&broker).await;
    a_call_can_be_dropped_at_any_time(&broker).await;
    bad_names_panic_at_calls(&broker);
    a_broker_that_is_shut_down_answers_no_more(broker).await;
}

async fn answers_and_failures_come_back(broker: &Broker) {
    for text in ["", "a", "ä\u{0}\n\"", &"long ".repeat(10_000)] {
        assert_eq!(
            broker.call(&Echo { text: text.into() }).await,
            Ok(text.to_owned())
        );
        assert_eq!(
            broker
                .call(&Fail {
                    reason: text.into()
                })
                .await,
            Err(BrokerError::Failed(text.to_owned()))
        );
    }
}

async fn a_panic_is_an_error_and_ends_nothing_else(broker: &Broker) {
    let beside = tokio::spawn(broker.call(&Hang {}).deadline(Duration::from_secs(2)));
    let early = broker.call(&Panic { is_late: false }).await;
    assert_eq!(early, Err(BrokerError::Panicked("an early panic".into())));
    let late = broker.call(&Panic { is_late: true }).await;
    assert_eq!(late, Err(BrokerError::Panicked("a late panic".into())));
    assert_eq!(beside.await.expect("a call"), Err(BrokerError::TimedOut));
}

async fn unknown_request_is_named(broker: &Broker) {
    let answer = broker.call(&Nobody {}).await;
    // If handlers come and go, the names are not all known.
    assert!(
        answer == Err(BrokerError::UnknownRequest("nobody".into()))
            || answer == Err(BrokerError::NoWorkers),
        "{answer:?}"
    );
}

async fn calls_side_by_side_get_their_own_answers(broker: &Broker) {
    let calls = (0..500).map(async |number| {
        let text = number.to_string();
        assert_eq!(broker.call(&Echo { text: text.clone() }).await, Ok(text));
    });
    join_all(calls).await;
}

async fn a_handler_knows_the_trace_it_is_in(broker: &Broker) {
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    assert_eq!(
        broker.call(&HowDelivered {}).traceparent(trace).await,
        Ok((1, Some(trace.to_owned())))
    );
    assert_eq!(broker.call(&HowDelivered {}).await, Ok((1, None)));
}

async fn a_deadline_ends_a_call(broker: &Broker) {
    assert_eq!(
        broker
            .call(&Hang {})
            .deadline(Duration::from_millis(5))
            .await,
        Err(BrokerError::TimedOut)
    );
    assert_eq!(
        broker.clone().deadline(Duration::ZERO).call(&Hang {}).await,
        Err(BrokerError::TimedOut)
    );
    let answer = broker
        .clone()
        .deadline(Duration::ZERO)
        .call(&Echo { text: "x".into() })
        .deadline(Duration::MAX)
        .await;
    assert_eq!(answer, Ok("x".to_owned()));
}

async fn durable_calls_are_answered_too(broker: &Broker) {
    assert_eq!(
        broker
            .call_durable(&Echo {
                text: "kept".into()
            })
            .await,
        Ok("kept".into())
    );
    assert_eq!(
        broker
            .call_durable(&Fail {
                reason: "no".into()
            })
            .await,
        Err(BrokerError::Failed("no".into()))
    );
    assert_eq!(
        broker
            .call_durable(&HowDelivered {})
            .message_id("once")
            .await,
        Ok((1, None))
    );
}

async fn a_call_can_be_dropped_at_any_time(broker: &Broker) {
    drop(broker.call(&Hang {}));
    for polls in 0..4 {
        let mut call = Box::pin(broker.call(&Hang {}));
        for _ in 0..polls {
            assert!(futures::poll!(&mut call).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let pid = broker.call(&Pid {}).await;
    assert!(pid.is_ok_and(|pid| pid > 0));
}

async fn a_broker_that_is_shut_down_answers_no_more(broker: Broker) {
    let late = broker.call(&Echo {
        text: "late".into(),
    });
    let other = broker.clone();
    tokio::join!(broker.shutdown(), other.shutdown());
    assert_eq!(late.await, Err(BrokerError::Closed));
    assert_eq!(
        broker
            .call(&Echo {
                text: "late".into()
            })
            .await,
        Err(BrokerError::Closed)
    );
    assert_eq!(
        other
            .call_durable(&Echo {
                text: "late".into()
            })
            .await,
        Err(BrokerError::Closed)
    );
    broker.shutdown().await;
}
