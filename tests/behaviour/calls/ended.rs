//! The futures of calls that have ended: they are dropped, and their memory is used again.

use std::future::ready;
use std::pin::pin;

use conjoin::auto;
use futures::channel::{mpsc, oneshot};
use futures::{FutureExt, StreamExt, stream};

/// A future that still owns its `sender` after it has completed, and a task that completes when no sender is left.
async fn count(mut receiver: mpsc::UnboundedReceiver<u32>) -> u32 {
    let mut sum = 0;
    while let Some(value) = receiver.next().await {
        sum += value;
    }
    sum
}

#[test]
fn ended_future_is_dropped_before_its_siblings_end() {
    let (sender, receiver) = mpsc::unbounded();
    let send = move |value| {
        sender.unbounded_send(value).expect("the receiver is there");
        ready(())
    };
    let values = stream::iter([1, 2, 3]);
    let graph = auto! {
        sent => values.for_each(send).await,
        sum => count(receiver).await,
    };
    assert_eq!(graph.now_or_never().map(|it| it.sum), Some(6));
}

#[test]
fn future_ended_at_a_later_poll_is_dropped() {
    let ((sender, receiver), (go, gone)) = (mpsc::unbounded(), oneshot::channel());
    let send = move |value| {
        sender.unbounded_send(value).expect("the receiver is there");
        ready(())
    };
    let values = gone
        .into_stream()
        .map(|value| value.expect("its sender is there"));
    let mut graph = pin!(auto! {
        sum => count(receiver).await,
        sent => values.for_each(send).await,
    });
    assert!(graph.as_mut().now_or_never().is_none());
    go.send(7).expect("the graph waits");
    // Its sibling is polled before it in one of two polls.
    let sum = graph
        .as_mut()
        .now_or_never()
        .or_else(|| graph.now_or_never());
    assert_eq!(sum.map(|it| it.sum), Some(7));
}

#[test]
fn futures_of_a_series_share_memory() {
    async fn large(value: u32) -> u32 {
        let bytes = [1_u8; 1024];
        ready(()).await;
        value + u32::from(std::hint::black_box(&bytes)[0])
    }
    let pair = auto! { a => large(0).await, b => large(0).await };
    let graph = auto! {
        first => large(0).await,
        a: [first] => large(*first).await,
        b: [first] => large(*first).await,
        second: [a, b] => large(a + b).await,
        c: [second] => large(*second).await,
        d: [second] => large(*second).await,
    };
    let (one, all) = (size_of_val(&pair), size_of_val(&graph));
    assert!(
        2048 < one && all < one + 256,
        "{all} bytes for all, {one} for a pair"
    );
    assert_eq!(
        (
            pair.now_or_never().map(|it| it.a),
            graph.now_or_never().map(|it| it.d)
        ),
        (Some(1), Some(6))
    );
}
