//! Tests what a connection does with calls while nothing reads or writes.

use futures_util::FutureExt;

use super::*;
use crate::broker::BrokerError;
use crate::broker::wire::RequestMessage;
use crate::broker::workers::connection::WorkerConnection;
use crate::broker::workers::frame::Frame;
use crate::broker::workers::frame_source::{FrameSource, NextFrames};

fn message() -> RequestMessage {
    let body = Bytes::from_static(b"{}");
    RequestMessage {
        name: "echo",
        body,
        is_durable: false,
        attempt: 1,
        deadline: None,
        is_repeated: false,
        traceparent: None,
        id: None,
    }
}

fn connection() -> WorkerConnection {
    WorkerConnection::new(["echo".to_owned()].into(), 1_000)
}

fn taken(connection: &WorkerConnection) -> (NextFrames, Vec<Frame>) {
    let mut frames = Vec::new();
    (connection.take(usize::MAX, &mut frames), frames)
}

#[tokio::test]
async fn calls_dropped_before_sending_leave_nothing() {
    let (connection, message) = (connection(), message());
    let mut kept = Box::pin(connection.call(&message));
    assert!((&mut kept).now_or_never().is_none());
    for _ in 0..10_000 {
        assert!(connection.call(&message).now_or_never().is_none());
    }
    let shown = format!("{connection:?}");
    let queued = shown
        .split("queued: ")
        .nth(1)
        .and_then(|rest| rest.split(',').next()?.parse().ok());
    assert!(queued.is_some_and(|queued: usize| queued < 100), "{shown}");
    assert_eq!(connection.load(), Some(1));
    assert!(matches!(
        &taken(&connection).1[..],
        [Frame::Request { id: 1, .. }]
    ));
}

#[tokio::test]
async fn cut_off_calls_are_cancelled() {
    let (connection, message) = (connection(), message());
    let mut sent = Box::pin(connection.call(&message));
    assert!((&mut sent).now_or_never().is_none());
    assert!(matches!(
        &taken(&connection).1[..],
        [Frame::Request { id: 1, .. }]
    ));
    let mut queued = Box::pin(connection.call(&message));
    assert!((&mut queued).now_or_never().is_none());

    connection.cut_off();
    connection.drain();
    assert_eq!(sent.now_or_never(), Some(Some(Err(BrokerError::Closed))));
    assert_eq!(queued.now_or_never(), Some(None), "it may go elsewhere");
    assert_eq!(connection.call(&message).await, None);
    assert_eq!(
        taken(&connection),
        (NextFrames::Frames, vec![Frame::Cancel { id: 1 }])
    );
    assert_eq!(
        taken(&connection),
        (NextFrames::Empty, vec![]),
        "until the worker has said that it is over"
    );
    assert_eq!(connection.load(), None);
}

#[tokio::test]
async fn closed_connection_fails_its_calls() {
    let (connection, message) = (connection(), message());
    let mut sent = Box::pin(connection.call(&message));
    assert!((&mut sent).now_or_never().is_none());
    assert_eq!(taken(&connection).0, NextFrames::Frames);
    let mut queued = Box::pin(connection.call(&message));
    assert!((&mut queued).now_or_never().is_none());
    connection.close(&BrokerError::WorkerDied);
    assert_eq!(
        sent.now_or_never(),
        Some(Some(Err(BrokerError::WorkerDied)))
    );
    assert_eq!(queued.now_or_never(), Some(None));
    assert_eq!(taken(&connection).0, NextFrames::Ended);
}
