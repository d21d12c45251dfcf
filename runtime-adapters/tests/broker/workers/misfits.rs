//! Tests workers of another protocol.

use std::io::{self, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use conjoin_adapters::broker::{BrokerError, StartError, WorkerState};

use super::requests::handlers;
use super::{behaving, started, until, within_limits};
use crate::requests::Echo;

/// Behaves like a program that is not a worker. Only the end of the socket ends it with its parent.
pub(super) fn behave(how: &str) -> ! {
    let socket = io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map(|socket: OwnedFd| UnixStream::from(socket));
    let mut socket = socket.expect("a socket");
    let mut write = |bytes: &[u8]| drop(socket.write_all(bytes));
    match how {
        "silent" => {}
        "other version" => write(&frame(0, br#"{"protocol":99,"shape":"round"}"#)),
        "no version" => write(&frame(0, b"{}")),
        "no hello" => write(&frame(5, b"")),
        "long hello" => write(&[0x7f, 0xff, 0xff, 0xff, 0]),
        "web server" => write(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        "half a hello" => {
            write(&frame(0, b"{}")[..5]);
            std::process::exit(0);
        }
        later => {
            write(&frame(
                0,
                br#"{"protocol":2,"names":["echo"],"of":"a later version"}"#,
            ));
            // Reads the parent's hello, and its first request.
            (0..2).for_each(|_| skip_frame(&mut socket));
            let mut write = |bytes: &[u8]| drop(socket.write_all(bytes));
            match later {
                "unknown kind" => write(&frame(77, b"what")),
                "a request" => write(&frame(2, &7_u64.to_be_bytes())),
                "short answer" => write(&frame(3, &[0, 0, 0])),
                "long cancellation" => write(&frame(4, &[0; 9])),
                "answer without a request" => write(&frame(3, &[0, 0, 0, 0, 0, 0, 0, 99, 0, b'1'])),
                "two answers" => {
                    (0..2).for_each(|_| write(&frame(3, &[0, 0, 0, 0, 0, 0, 0, 1, 0, b'"', b'"'])));
                }
                "leaving twice" => (0..2).for_each(|_| write(&frame(5, b""))),
                "leaving for ever" => {
                    while socket.write_all(&frame(5, b"").repeat(1_000)).is_ok() {}
                }
                "unknown answer" => write(&frame(3, &[0, 0, 0, 0, 0, 0, 0, 1, 200, b'?'])),
                "bad answer" => write(&frame(3, &[0, 0, 0, 0, 0, 0, 0, 1, 0, b'{'])),
                "unasked cancellation" => write(&frame(4, &[0, 0, 0, 0, 0, 0, 0, 1])),
                "long frame" => write(&[0x7f, 0xff, 0xff, 0xff, 3]),
                "half an answer" => {
                    write(&frame(3, &[0, 0, 0, 0, 0, 0, 0, 1, 0, b'1'])[..9]);
                    std::process::exit(0);
                }
                other => panic!("unknown behaviour: {other}"),
            }
        }
    }
    // Runs until the other end closes.
    drop(io::copy(&mut socket, &mut io::sink()));
    std::process::exit(0);
}

fn frame(kind: u8, rest: &[u8]) -> Vec<u8> {
    let length = u32::try_from(rest.len() + 1).expect("a short frame");
    [&length.to_be_bytes(), &[kind][..], rest].concat()
}

fn skip_frame(socket: &mut UnixStream) {
    let mut length = [0; 4];
    let read = socket.read_exact(&mut length);
    let rest = u64::from(u32::from_be_bytes(length));
    drop(read.and_then(|()| io::copy(&mut socket.take(rest), &mut io::sink())));
}

#[tokio::test]
async fn peer_without_our_hello_is_not_restarted() {
    for (how, why) in [
        (
            "other version",
            "protocol 99, expected 2; help: run one version on both sides",
        ),
        (
            "no version",
            "its hello cannot be read: missing field `protocol` at line 1 column 2",
        ),
        ("no hello", "its first frame is not a hello"),
        ("long hello", "it sent no hello: frame size too big"),
        ("web server", "it sent no hello: frame size too big"),
    ] {
        let error = within_limits(behaving(2, how).start(handlers()))
            .await
            .expect_err(how);
        assert!(
            matches!(&error, StartError::Incompatible(text) if text == why),
            "{how}: {error:?}"
        );
    }
}

#[tokio::test]
async fn silent_peer_times_out() {
    let silent = behaving(2, "silent").ready_within(Duration::from_millis(50));
    let error = within_limits(silent.start(handlers()))
        .await
        .expect_err("silence");
    assert!(
        matches!(&error, StartError::Unready(text) if text == "it sent no hello within 50ms"),
        "{error:?}"
    );
    let error = within_limits(behaving(1, "half a hello").start(handlers()))
        .await
        .expect_err("half a hello");
    assert!(
        matches!(&error, StartError::Unready(text) if text == "it ended before it sent its hello: exit status 0"),
        "{error:?}"
    );
}

#[tokio::test]
async fn worker_that_breaks_the_protocol_is_replaced() {
    for (how, why) in [
        ("unknown kind", "unknown kind of frame: 77"),
        ("a request", "it sent a frame that only its parent may send"),
        ("short answer", "a frame is too short for its kind"),
        ("long cancellation", "a frame is too long for its kind"),
        (
            "answer without a request",
            "it answered a request that it does not have",
        ),
        ("long frame", "frame size too big"),
        ("leaving twice", "it sent `Leaving` twice"),
        ("leaving for ever", "it sent `Leaving` twice"),
    ] {
        let broker = started(behaving(1, how)).await;
        let answer = within_limits(broker.call(&Echo { text: "x".into() })).await;
        assert_eq!(answer, Err(BrokerError::Incompatible(why.into())), "{how}");
        let again = within_limits(broker.call(&Echo { text: "x".into() })).await;
        assert_eq!(
            again,
            Err(BrokerError::Incompatible(why.into())),
            "{how}: there was another worker"
        );
        drop(within_limits(broker.call(&Echo { text: "x".into() })).await);
        until(|| broker.health() == [WorkerState::Failed(why.into())]).await;
        assert_eq!(
            broker.call(&Echo { text: "x".into() }).await,
            Err(BrokerError::NoWorkers),
            "{how}"
        );
    }
}

#[tokio::test]
async fn malformed_answer_fails_only_its_call() {
    for (how, expected) in [
        (
            "unknown answer",
            BrokerError::Incompatible("unknown kind of answer: 200".into()),
        ),
        (
            "bad answer",
            BrokerError::Decode("invalid type: map, expected a string at line 1 column 0".into()),
        ),
        (
            "unasked cancellation",
            BrokerError::Unavailable("the worker cancelled it".into()),
        ),
    ] {
        let broker = started(behaving(1, how)).await;
        assert_eq!(
            within_limits(broker.call(&Echo { text: "x".into() })).await,
            Err(expected),
            "{how}"
        );
        assert_eq!(broker.health(), [WorkerState::Ready], "{how}");
    }
}

#[tokio::test]
async fn half_an_answer_is_a_death_and_two_are_one_too_many() {
    let broker = started(behaving(1, "half an answer")).await;
    assert_eq!(
        within_limits(broker.call(&Echo { text: "x".into() })).await,
        Err(BrokerError::WorkerDied)
    );

    let broker = started(behaving(1, "two answers")).await;
    let first = super::pids(&broker)[0];
    assert_eq!(
        within_limits(broker.call(&Echo { text: "x".into() })).await,
        Ok(String::new())
    );
    // The worker that sent them is replaced.
    until(|| {
        super::pids(&broker)
            .first()
            .is_some_and(|&pid| pid != first)
    })
    .await;
}

#[tokio::test]
async fn a_request_that_no_worker_has_named_is_not_sent() {
    let broker = started(behaving(1, "unknown kind")).await;
    let answer = broker.call(&crate::requests::Pid {}).await;
    assert_eq!(answer, Err(BrokerError::UnknownRequest("pid".into())));
    assert_eq!(broker.health(), [WorkerState::Ready]);
}
