//! Tests parents of another protocol.

use std::future::pending;
use std::time::Duration;

use super::*;

async fn end_after(bytes: &[u8]) -> Result<(), HandshakeError> {
    let (worker, mut socket) = worker(pending());
    write(&mut socket, bytes).await;
    within_limits(worker).await.expect("a worker")
}

#[tokio::test]
async fn a_parent_of_another_version_is_told_by_name() {
    let incompatible = |why: &str| Err(HandshakeError::Incompatible(why.into()));
    let other = frame(0, &[br#"{"protocol":3,"max_frame":"many"}"#]);
    assert_eq!(
        end_after(&other).await,
        incompatible("protocol 3, expected 2; help: run one version on both sides")
    );
    assert_eq!(
        end_after(&frame(1, &[])).await,
        incompatible("it sent no hello: a frame is too short for its kind")
    );
    assert_eq!(
        end_after(&frame(5, &[])).await,
        incompatible("its first frame is not a hello")
    );
    assert_eq!(
        end_after(&[255; 4]).await,
        incompatible("it sent no hello: frame size too big")
    );
}

#[tokio::test]
async fn parents_protocol_error_is_reported() {
    let long_name = frame(1, &[&[0; 16], &5_u32.to_be_bytes(), b"echo"]);
    let no_text = frame(1, &[&[0; 16], &1_u32.to_be_bytes(), b"\xff", &[0; 4]]);
    for (bytes, why) in [
        (frame(9, &[]), "unknown kind of frame: 9"),
        (frame(5, &[]), "it sent a frame that only a worker may send"),
        (frame(2, &[&[0; 7]]), "a frame is too short for its kind"),
        (frame(2, &[&[0; 9]]), "a frame is too long for its kind"),
        (long_name, "a text in a frame is longer than the frame"),
        (no_text, "a text in a frame is not UTF-8"),
        (
            [request(1, "hang", "null"), request(1, "hang", "null")].concat(),
            "it sent two requests with the same id",
        ),
        (vec![0, 0, 4, 41], "frame size too big"),
    ] {
        assert_eq!(
            end_after(&[hello(), bytes].concat()).await,
            Err(HandshakeError::Incompatible(why.into()))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_parent_that_says_nothing_is_given_up() {
    let (_socket, theirs) = UnixStream::pair().expect("a pair");
    let served = serve(theirs, handlers(), Duration::from_secs(3), pending()).await;
    assert_eq!(
        served,
        Err(HandshakeError::TimedOut(Duration::from_secs(3)))
    );
}

#[tokio::test]
async fn a_parent_that_ends_before_its_hello_is_gone() {
    let (worker, socket) = worker(pending());
    drop(socket);
    let served = within_limits(worker).await.expect("a worker");
    assert_eq!(served, Err(HandshakeError::Closed));
}
