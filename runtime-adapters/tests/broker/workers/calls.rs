//! Tests calls without failures.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use conjoin_adapters::broker::{BrokerError, WorkerState, is_worker};
use futures::future::join_all;
use tokio::time::sleep;

use super::requests::{Block, Counted, Counts, Grandchild, Print, Role, Sleep};
use super::{pids, started, until, within_limits, workers};
use crate::conformance;
use crate::requests::{Echo, EchoOfNumbers, OtherEcho, Pairs, Pid, Unwritable};
use crate::values;

#[tokio::test]
async fn one_worker_conforms() {
    within_limits(conformance::check(started(workers(1)).await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_workers_conform() {
    within_limits(conformance::check(started(workers(3)).await)).await;
}

#[test]
fn values_come_back_from_workers() {
    let runtime = values::runtime();
    let broker = runtime.block_on(started(workers(1)));
    values::check(&runtime, &broker, 500);
}

#[tokio::test]
async fn handlers_run_elsewhere() {
    let broker = started(workers(2)).await;
    assert_eq!(broker.health(), [WorkerState::Ready, WorkerState::Ready]);
    let pids = pids(&broker);
    assert_eq!(pids.len(), 2);
    assert!(pids.contains(&broker.call(&Pid {}).await.expect("a pid")));
    assert_eq!(broker.call(&Role {}).await, Ok(true));
    assert!(!is_worker());
}

#[tokio::test]
async fn program_that_a_worker_starts_is_no_worker() {
    let broker = started(workers(1)).await;
    let said = within_limits(broker.call(&Grandchild {})).await;
    assert_eq!(said.as_deref(), Ok("false true"));
}

#[tokio::test]
async fn codec_errors_are_reported_on_both_sides() {
    let json = started(workers(1).json()).await;
    let pairs = BTreeMap::from([((1, 2), 3)]);
    let unwritable = Unwritable {
        pairs: pairs.clone(),
    };
    let refused = BrokerError::Encode("key must be a string".into());
    assert_eq!(json.call(&unwritable).await, Err(refused));
    let refused = BrokerError::Encode("key must be a string".into());
    assert_eq!(json.call(&Pairs {}).await, Err(refused));

    let broker = started(workers(1)).await;
    assert_eq!(broker.call(&unwritable).await, Ok(()));
    assert_eq!(broker.call(&Pairs {}).await, Ok(pairs));
    let unreadable = broker.call(&OtherEcho { number: 1 }).await;
    assert!(
        matches!(&unreadable, Err(BrokerError::Decode(why)) if why.contains("missing field `text`")),
        "{unreadable:?}"
    );
    let unreadable = broker.call(&EchoOfNumbers { text: "x".into() }).await;
    assert!(
        matches!(&unreadable, Err(BrokerError::Decode(why)) if why.contains("expected u32")),
        "{unreadable:?}"
    );
}

#[tokio::test]
async fn calls_go_to_the_worker_with_the_fewest() {
    let broker = started(workers(3)).await;
    let answering = join_all((0..3).map(|_| broker.call(&Sleep { millis: 50 }))).await;
    let pids: BTreeSet<_> = answering
        .into_iter()
        .map(|pid| pid.expect("a pid"))
        .collect();
    assert_eq!(pids.len(), 3, "each has got one");
}

#[tokio::test]
async fn hanging_worker_gets_fewer_calls() {
    let broker = started(workers(2)).await;
    let blocked = tokio::spawn(
        broker
            .call(&Block { millis: 100_000 })
            .deadline(Duration::from_millis(100)),
    );
    until(|| format!("{broker:?}").contains("calls: 1")).await;
    let echo = async || {
        for number in 0..20 {
            let text = number.to_string();
            assert_eq!(broker.call(&Echo { text: text.clone() }).await, Ok(text));
        }
    };
    echo().await;
    assert_eq!(blocked.await.expect("a call"), Err(BrokerError::TimedOut));
    // Its caller has gone, and it still occupies the worker.
    echo().await;
}

#[tokio::test]
async fn worker_output_is_not_in_the_frames() {
    let broker = started(workers(1)).await;
    for text in [
        "",
        "one line",
        "\u{0}\u{0}\u{0}\u{1}\u{5}",
        &"long ".repeat(10_000),
    ] {
        assert_eq!(broker.call(&Print { text: text.into() }).await, Ok(()));
        assert_eq!(
            broker.call(&Echo { text: text.into() }).await,
            Ok(text.to_owned())
        );
    }
}

#[tokio::test]
async fn a_call_that_is_dropped_drops_its_handler() {
    let broker = started(workers(1)).await;
    let call = tokio::spawn(broker.call(&Counted {}));
    let counts = async |expected| {
        within_limits(async {
            while broker.call(&Counts {}).await != Ok(expected) {
                sleep(Duration::from_millis(1)).await;
            }
        })
        .await;
    };
    counts(1).await;
    call.abort();
    counts(0).await;
    assert_eq!(
        broker
            .call(&Counted {})
            .deadline(Duration::from_millis(5))
            .await,
        Err(BrokerError::TimedOut)
    );
    counts(0).await;
}

#[tokio::test]
async fn ten_thousand_calls_that_are_dropped_leave_nothing() {
    let broker = started(workers(2)).await;
    for round in 0..100 {
        let mut calls: Vec<_> = (0..100)
            .map(|_| Box::pin(broker.call(&Counted {})))
            .collect();
        for call in &mut calls {
            assert!(futures::poll!(call).is_pending());
        }
        // Some are dropped before they are sent, some after that, and some after their handlers have started.
        match round % 3 {
            0 => {}
            1 => tokio::task::yield_now().await,
            _ => assert_eq!(
                broker.call(&Echo { text: "x".into() }).await,
                Ok("x".into())
            ),
        }
        // And some of these when they are answered.
        let answered: Vec<_> = (0..10)
            .map(|_| tokio::spawn(broker.call(&Echo { text: "x".into() })))
            .collect();
        tokio::task::yield_now().await;
        drop(calls);
        answered.iter().for_each(tokio::task::JoinHandle::abort);
    }
    until(|| {
        let shown = format!("{broker:?}");
        shown.contains("calls_under_way: 0") && shown.matches("calls: 0, queued: 0").count() == 2
    })
    .await;
    let calls = join_all((0..2).map(|_| broker.call(&Counts {}))).await;
    assert_eq!(calls, [Ok(0), Ok(0)]);
}
