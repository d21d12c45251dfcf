//! Tests a worker whose parent is written by hand, byte by byte.

use std::future::{pending, ready};

use super::*;
use crate::broker::{BrokerError, Delivery};

/// The answer of a worker: its id, kind and body.
fn answer(id: u8, kind: u8, body: &str) -> (u8, Bytes) {
    (
        3,
        Bytes::from([&[0, 0, 0, 0, 0, 0, 0, id, kind][..], body.as_bytes()].concat()),
    )
}

async fn greeted() -> (JoinHandle<Result<(), HandshakeError>>, UnixStream) {
    let (worker, mut socket) = worker(pending());
    let expected = br#"{"protocol":2,"names":["echo","hang","mine"],"max_frame":0}"#;
    assert_eq!(read(&mut socket).await, (0, Bytes::from_static(expected)));
    write(&mut socket, &hello()).await;
    (worker, socket)
}

#[tokio::test]
async fn each_request_has_one_reply() {
    let (worker, mut socket) = greeted().await;
    for (request, reply) in [
        (request(1, "echo", "\"x\""), answer(1, 0, "\"x\"")),
        (request(2, "nobody", "{}"), answer(2, 3, "nobody")),
        (
            request(3, "echo", "{"),
            answer(
                3,
                5,
                "invalid type: map, expected a string at line 1 column 0",
            ),
        ),
        (request(4, "mine", "null"), answer(4, 2, "it goes off")),
        // With its quotes, the answer would have one byte too many.
        (
            request(5, "echo", &format!("{:?}", "x".repeat(999))),
            answer(5, 6, ""),
        ),
    ] {
        write(&mut socket, &request).await;
        assert_eq!(read(&mut socket).await, reply);
    }
    // Cancels a running request, a finished one, and an unknown one.
    let cancel = |id: u64| frame(2, &[&id.to_be_bytes()]);
    write(
        &mut socket,
        &[request(6, "hang", "null"), cancel(6)].concat(),
    )
    .await;
    assert_eq!(
        read(&mut socket).await,
        (4, Bytes::from_static(&[0, 0, 0, 0, 0, 0, 0, 6]))
    );
    write(
        &mut socket,
        &[cancel(6), cancel(99), request(6, "echo", "\"again\"")].concat(),
    )
    .await;
    assert_eq!(read(&mut socket).await, answer(6, 0, "\"again\""));

    socket.shutdown().await.expect("an end");
    assert_eq!(within_limits(worker).await.expect("a worker"), Ok(()));
    assert_eq!(
        within_limits(socket.read_to_end(&mut Vec::new()))
            .await
            .expect("an end"),
        0
    );
}

#[tokio::test]
async fn panicking_serialize_is_an_error_in_every_engine() {
    let delivery = Delivery {
        attempt: 1,
        traceparent: None,
    };
    let answer = handlers()
        .answer_remote("mine", Bytes::from_static(b"null"), delivery)
        .await;
    assert_eq!(answer, Err(BrokerError::Panicked("it goes off".into())));
}

#[tokio::test]
async fn frames_may_come_bit_by_bit_and_many_at_once() {
    let (_worker, mut socket) = greeted().await;
    for &byte in &request(1, "echo", "\"slow\"") {
        write(&mut socket, &[byte]).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(read(&mut socket).await, answer(1, 0, "\"slow\""));
    let many: Vec<u8> = (2..=200)
        .flat_map(|id| request(id, "echo", "\"fast\""))
        .collect();
    write(&mut socket, &many).await;
    for id in 2..=200 {
        assert_eq!(read(&mut socket).await, answer(id, 0, "\"fast\""));
    }
}

#[tokio::test]
async fn terminated_worker_answers_remaining_requests() {
    let (worker, mut socket) = worker(ready(()));
    read(&mut socket).await;
    write(&mut socket, &hello()).await;
    assert_eq!(read(&mut socket).await, (5, Bytes::new()));
    write(&mut socket, &request(1, "echo", "\"x\"")).await;
    socket.shutdown().await.expect("an end");
    assert_eq!(read(&mut socket).await, answer(1, 0, "\"x\""));
    assert_eq!(within_limits(worker).await.expect("a worker"), Ok(()));
}

#[tokio::test]
async fn a_worker_whose_parent_is_gone_ends() {
    let (worker, socket) = greeted().await;
    drop(socket);
    assert_eq!(within_limits(worker).await.expect("a worker"), Ok(()));
}

#[tokio::test]
async fn a_worker_that_ends_leaves_its_connection_up() {
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().expect("a pair");
    ours.set_nonblocking(true).expect("a socket");
    theirs.set_nonblocking(true).expect("a socket");
    // Like the thread that watches the parent.
    let _kept = theirs.try_clone().expect("a socket");
    let mut socket = UnixStream::from_std(ours).expect("a socket");
    let worker = tokio::spawn(serve(
        UnixStream::from_std(theirs).expect("a socket"),
        handlers(),
        HANGING,
        pending(),
    ));
    read(&mut socket).await;
    write(&mut socket, &hello()).await;
    socket.shutdown().await.expect("an end");
    assert_eq!(within_limits(worker).await.expect("a worker"), Ok(()));
    // If its side ended, both would, which would look like the parent's death.
    let read = socket.try_read(&mut [0]);
    assert_eq!(
        read.expect_err("no end").kind(),
        std::io::ErrorKind::WouldBlock
    );
}
