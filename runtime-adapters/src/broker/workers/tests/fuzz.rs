//! Tests random, truncated and changed frames. `CONJOIN_SEED` runs one seed again.

use std::env;
use std::future::pending;
use std::io::ErrorKind;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::BytesMut;
use tokio_util::codec::{Decoder, Encoder};

use super::*;
use crate::broker::BrokerError;
use crate::broker::wire::RequestMessage;
use crate::broker::workers::connection::{ConnectionEvent, WorkerConnection};
use crate::broker::workers::frame::{Frame, FrameCodec};
use crate::broker::workers::frame_source::{FrameSource, NextFrames};
use crate::broker::workers::handshake::FrameReader;

static MESSAGE: RequestMessage = RequestMessage {
    name: "echo",
    body: Bytes::from_static(b"{}"),
    is_durable: false,
    attempt: 1,
    deadline: None,
    is_repeated: false,
    traceparent: None,
    id: None,
};

/// The generator `SplitMix64`.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let given = env::var("CONJOIN_SEED")
            .ok()
            .map(|seed| seed.parse().expect("a number"));
        let now = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .map_or(0, |time| u64::from(time.subsec_nanos()))
        };
        let seed = given.unwrap_or_else(now);
        println!("CONJOIN_SEED={seed}");
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).expect("small")).expect("small")
    }

    fn bytes(&mut self, most: usize) -> Vec<u8> {
        (0..self.below(most + 1))
            .map(|_| self.next().to_be_bytes()[0])
            .collect()
    }

    fn frame(&mut self) -> Frame {
        let id = self.next();
        let body = self.bytes(100).into();
        match self.below(9) {
            0 => Frame::Hello(body),
            1 => {
                let traceparent = Some("x".repeat(self.below(3))).filter(|text| !text.is_empty());
                Frame::Request {
                    id,
                    attempt: self.next(),
                    name: "ä".repeat(self.below(4)).into(),
                    traceparent,
                    body,
                }
            }
            2 => Frame::Cancel { id },
            3 => Frame::Answer {
                id,
                kind: self.next().to_be_bytes()[0],
                body,
            },
            4 => Frame::Cancelled { id },
            5 => Frame::Leaving,
            6 => Frame::Ping,
            7 => Frame::Pong,
            _ => Frame::Part { id, bytes: body },
        }
    }
}

fn encode(frames: &[Frame]) -> BytesMut {
    let mut bytes = BytesMut::new();
    for frame in frames {
        FrameCodec::new(100)
            .encode(frame.clone(), &mut bytes)
            .expect("a frame");
    }
    bytes
}

#[test]
fn frames_come_back_however_they_are_cut() {
    let mut random = Random::new();
    for _ in 0..500 {
        let frames: Vec<_> = (0..random.below(10)).map(|_| random.frame()).collect();
        let bytes = encode(&frames);
        let (mut codec, mut buffer, mut back) = (FrameCodec::new(200), BytesMut::new(), Vec::new());
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let (chunk, next) = rest.split_at(1 + random.below(rest.len()));
            buffer.extend_from_slice(chunk);
            rest = next;
            while let Some(frame) = codec.decode(&mut buffer).expect("frames") {
                back.push(frame);
            }
        }
        assert_eq!(back, frames);
        assert_eq!(codec.decode_eof(&mut buffer).expect("an end"), None);
    }
}

#[test]
fn of_a_truncated_frame_nothing_is_read() {
    let mut random = Random::new();
    for _ in 0..200 {
        let bytes = encode(&[random.frame()]);
        for end in 0..bytes.len() {
            let (mut codec, mut buffer) = (FrameCodec::new(200), BytesMut::from(&bytes[..end]));
            assert_eq!(codec.decode(&mut buffer).expect("not yet an error"), None);
            assert_eq!(codec.decode_eof(&mut buffer).expect("half a frame"), None);
            assert!(buffer.is_empty());
        }
    }
}

#[test]
fn random_bytes_never_allocate_beyond_the_limit() {
    let mut random = Random::new();
    let (mut good, mut bad) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = random.bytes(60);
        // Half of them have a plausible length.
        if bytes.len() > 4 && random.below(2) == 0 {
            let length = u32::try_from(bytes.len() - 4).expect("small");
            bytes[..4].copy_from_slice(&length.to_be_bytes());
            bytes[4] %= 10;
        }
        let mut buffer = BytesMut::from(&bytes[..]);
        match FrameCodec::new(1_000).decode(&mut buffer) {
            Ok(frame) => good += usize::from(frame.is_some()),
            Err(error) => {
                bad += 1;
                assert_eq!(error.kind(), ErrorKind::InvalidData);
            }
        }
        assert!(buffer.capacity() <= 2_000, "{}", buffer.capacity());
    }
    assert!(good > 100 && bad > 100, "{good} {bad}");
}

#[tokio::test]
async fn a_worker_ends_after_any_bytes() {
    let mut random = Random::new();
    for _ in 0..300 {
        let mut bytes = match random.below(3) {
            0 => Vec::new(),
            _ => hello(),
        };
        let frames: Vec<_> = (0..random.below(4)).map(|_| random.frame()).collect();
        bytes.extend_from_slice(&encode(&frames));
        bytes.extend(request(7, "echo", "\"x\""));
        for _ in 0..random.below(4) {
            let at = random.below(bytes.len());
            bytes[at] = random.next().to_be_bytes()[0];
        }
        bytes.truncate(random.below(bytes.len() + 1));
        let (worker, mut socket) = worker(pending());
        // It may stop reading before the end.
        drop(socket.write_all(&bytes).await);
        drop(socket.shutdown().await);
        let served = within_limits(worker).await.expect("no panic");
        assert!(
            matches!(
                served,
                Ok(()) | Err(HandshakeError::Incompatible(_) | HandshakeError::Closed)
            ),
            "{served:?}"
        );
    }
}

#[tokio::test]
async fn calls_end_after_any_bytes_of_their_worker() {
    let mut random = Random::new();
    for _ in 0..300 {
        let (ours, mut theirs) = UnixStream::pair().expect("a pair");
        let (reader, mut writer) = ours.into_split();
        let mut reader = FrameReader::new(reader, FrameCodec::new(200));
        // Some of the calls have an answer.
        let ids: Vec<_> = (0..random.below(4))
            .map(|_| u64::try_from(random.below(4)).expect("small"))
            .collect();
        let answers: Vec<_> = ids
            .iter()
            .map(|&id| Frame::Answer {
                id,
                kind: 0,
                body: Bytes::new(),
            })
            .collect();
        write(&mut theirs, &encode(&answers)).await;
        write(&mut theirs, &random.bytes(40)).await;
        drop(theirs);

        let connection = WorkerConnection::new(["echo".to_owned()].into(), 200);
        let call = || connection.call(&MESSAGE);
        let calls = async { tokio::join!(call(), call(), call()) };
        let attend = async {
            let mut frames = Vec::new();
            assert_eq!(connection.take(usize::MAX, &mut frames), NextFrames::Frames);
            assert_eq!(frames.len(), 3);
            while let ConnectionEvent::Leaving = connection.read(&mut reader).await {}
            connection.close(&BrokerError::WorkerDied);
            drop(writer.shutdown().await);
        };
        let ((one, two, three), ()) = within_limits(async { tokio::join!(calls, attend) }).await;
        for answer in [one, two, three] {
            assert!(matches!(answer, Some(Ok(_) | Err(_))), "it was sent");
        }
        assert_eq!(connection.load(), None);
        assert!(connection.call(&MESSAGE).await.is_none());
    }
}
