//! Tests bodies that are sent in parts.

use std::pin::pin;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

use super::*;
use crate::broker::BrokerError;
use crate::broker::wire::{EncodedAnswer, RequestMessage};
use crate::broker::workers::connection::{ConnectionEvent, WorkerConnection};
use crate::broker::workers::frame::Frame;
use crate::broker::workers::frame::PART;
use crate::broker::workers::frame_source::{FrameSource, NextFrames, write};
use crate::broker::workers::handshake::{Hello, greet};
use crate::broker::workers::log::UnansweredRequests;

const LIMIT: usize = 20 * PART;

fn connection() -> WorkerConnection {
    WorkerConnection::new(["echo".to_owned(), "hang".to_owned()].into(), LIMIT)
}

fn message(name: &'static str, length: usize) -> RequestMessage {
    RequestMessage {
        name,
        body: format!("{:?}", "x".repeat(length)).into(),
        is_durable: false,
        attempt: 1,
        deadline: None,
        is_repeated: false,
        traceparent: None,
        id: None,
    }
}

/// The next frames, by kind and call.
fn taken(connection: &WorkerConnection, count: usize) -> Vec<(&'static str, u64)> {
    let mut all = Vec::new();
    while all.len() < count {
        let mut frames = Vec::new();
        assert_eq!(connection.take(1, &mut frames), NextFrames::Frames);
        all.extend(frames.into_iter().map(|frame| match frame {
            Frame::Part { id, .. } => ("part", id),
            Frame::Request { id, .. } => ("request", id),
            Frame::Cancel { id } => ("cancel", id),
            other => panic!("{other:?}"),
        }));
    }
    all
}

/// The answers of a worker with a connection of its own.
async fn answers(
    connection: &WorkerConnection,
    messages: &[RequestMessage],
) -> Vec<Option<EncodedAnswer>> {
    let (_worker, socket) = worker(pending());
    let greeted = greet(socket, &Hello::of_parent(LIMIT), HANGING).await;
    let (_, mut reader, mut writer) = greeted.expect("a worker");
    let calls = join_all(messages.iter().map(|message| connection.call(message)));
    let connected = async {
        tokio::select! {
            written = write(&mut writer, connection) => panic!("{written:?}"),
            event = connection.read(&mut reader) => panic!("{event:?}"),
        }
    };
    let answers = async {
        tokio::select! {
            answers = calls => answers,
            () = connected => unreachable!("it panics"),
        }
    };
    within_limits(answers).await
}

#[tokio::test]
async fn long_bodies_come_back_whole() {
    let lengths = [0, PART - 2, PART - 1, 3 * PART, 10 * PART + 5, 7];
    let messages = lengths.map(|length| message("echo", length));
    let answers = answers(&connection(), &messages).await;
    for (message, answer) in messages.iter().zip(answers) {
        assert!(answer == Some(Ok(message.body.clone())));
    }
}

#[tokio::test]
async fn short_request_passes_a_long_one() {
    let connection = connection();
    let (long, short) = (message("echo", 3 * PART), message("echo", 1));
    let mut calls = pin!(async { tokio::join!(connection.call(&long), connection.call(&short)) });
    assert!(calls.as_mut().now_or_never().is_none());
    assert_eq!(
        taken(&connection, 5),
        [
            ("part", 1),
            ("request", 2),
            ("part", 1),
            ("part", 1),
            ("request", 1)
        ]
    );
}

#[tokio::test]
async fn half_sent_request_goes_elsewhere() {
    let connection = connection();
    let long = message("echo", 3 * PART);
    let mut call = Box::pin(connection.call(&long));
    assert!((&mut call).now_or_never().is_none());
    assert_eq!(taken(&connection, 1), [("part", 1)]);
    connection.drain();
    assert_eq!(call.now_or_never(), Some(None));
    // The worker discards its part.
    assert_eq!(taken(&connection, 1), [("cancel", 1)]);
}

#[tokio::test]
async fn half_sent_requests_count_as_sent_again() {
    let half_sent = |connection: &WorkerConnection,
                     call: &mut BoxFuture<'_, Option<EncodedAnswer>>| {
        assert!(call.now_or_never().is_none());
        assert_eq!(taken(connection, 1), [("part", 1)]);
    };
    let mut expected = UnansweredRequests::default();
    expected.add("echo", true);
    let long = message("echo", 3 * PART);

    let connection_1 = connection();
    let mut call = connection_1.call(&long).boxed();
    half_sent(&connection_1, &mut call);
    assert_eq!(connection_1.close(&BrokerError::WorkerDied), expected);
    assert_eq!(call.now_or_never(), Some(None));

    // A failed write may be the first sign of a death.
    let connection_2 = connection();
    let mut call = connection_2.call(&long).boxed();
    half_sent(&connection_2, &mut call);
    connection_2.drain();
    assert_eq!(connection_2.close(&BrokerError::WorkerDied), expected);
    assert_eq!(call.now_or_never(), Some(None));

    // Nothing of it was sent, so it is not sent again.
    let connection_3 = connection();
    let mut call = connection_3.call(&long).boxed();
    assert!((&mut call).now_or_never().is_none());
    let nothing = connection_3.close(&BrokerError::WorkerDied);
    assert_eq!(nothing, UnansweredRequests::default());
    assert_eq!(call.now_or_never(), Some(None));
}

#[tokio::test]
async fn dropped_half_sent_request_is_cancelled() {
    let connection = connection();
    let long = message("echo", 3 * PART);
    let mut call = Box::pin(connection.call(&long));
    assert!((&mut call).now_or_never().is_none());
    assert_eq!(taken(&connection, 1), [("part", 1)]);
    drop(call);
    assert_eq!(taken(&connection, 1), [("cancel", 1)]);
    assert_eq!(connection.load(), Some(1), "until the worker answers");
}

#[tokio::test]
async fn worker_forgets_parts_that_are_cancelled() {
    let (_worker, mut socket) = worker(pending());
    read(&mut socket).await;
    super::write(&mut socket, &hello()).await;
    super::write(&mut socket, &frame(8, &[&9_u64.to_be_bytes(), b"\"lost"])).await;
    super::write(&mut socket, &frame(2, &[&9_u64.to_be_bytes()])).await;
    assert_eq!(
        read(&mut socket).await,
        (4, Bytes::from_static(&[0, 0, 0, 0, 0, 0, 0, 9]))
    );
    super::write(&mut socket, &request(9, "echo", "\"x\"")).await;
    assert!(read(&mut socket).await.1.ends_with(b"\"x\""));
}

#[tokio::test]
async fn parts_over_the_limit_end_the_worker() {
    let (worker, mut socket) = worker(pending());
    let half = frame(8, &[&9_u64.to_be_bytes(), &[b' '; 600]]);
    super::write(&mut socket, &[hello(), half.clone(), half].concat()).await;
    let served = within_limits(worker).await.expect("a worker");
    let why = "the parts of a body are too long";
    assert_eq!(served, Err(HandshakeError::Incompatible(why.into())));
}

#[tokio::test]
async fn parts_that_nobody_asked_for_are_malformed() {
    let (ours, mut theirs) = UnixStream::pair().expect("a pair");
    let (reader, _writer) = ours.into_split();
    let codec = crate::broker::workers::frame::FrameCodec::new(LIMIT);
    let mut reader = crate::broker::workers::handshake::FrameReader::new(reader, codec);
    super::write(&mut theirs, &frame(8, &[&9_u64.to_be_bytes(), b"x"])).await;
    let event = within_limits(connection().read(&mut reader)).await;
    let ConnectionEvent::Ended(Err(error)) = event else {
        panic!("{event:?}")
    };
    let why = "it answered a request that it does not have";
    assert_eq!(error.to_string(), why);
}

#[tokio::test]
async fn answer_whose_parts_are_too_long_is_an_error() {
    let (ours, mut theirs) = UnixStream::pair().expect("a pair");
    let (reader, _writer) = ours.into_split();
    let codec = crate::broker::workers::frame::FrameCodec::new(LIMIT);
    let mut reader = crate::broker::workers::handshake::FrameReader::new(reader, codec);
    let connection = WorkerConnection::new(["echo".to_owned()].into(), 1_000);
    let message = message("echo", 1);
    let mut call = Box::pin(connection.call(&message));
    assert!((&mut call).now_or_never().is_none());
    assert_eq!(taken(&connection, 1), [("request", 1)]);
    let id = 1_u64.to_be_bytes();
    let part = frame(8, &[&id, &[b' '; 600]]);
    let rest = frame(3, &[&id, &[0], &[b' '; 600]]);
    super::write(&mut theirs, &[part, rest].concat()).await;
    let event = within_limits(connection.read(&mut reader)).await;
    assert!(matches!(event, ConnectionEvent::Ended(Err(_))), "{event:?}");
    let why = "the parts of a body are too long".into();
    assert_eq!(call.await, Some(Err(BrokerError::Incompatible(why))));
}
