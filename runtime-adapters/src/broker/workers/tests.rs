//! Tests both sides of a connection in one process. `tests/broker/workers` tests child processes.

mod calls;
mod fuzz;
mod heartbeat;
mod misfits;
mod parts;
mod serving;

use std::future::pending;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::handshake::HandshakeError;
use super::serve::serve;
use crate::broker::{Handlers, Request};

/// A time beyond what any step takes: a test that gets here has failed.
const HANGING: Duration = Duration::from_secs(60);

#[derive(Clone, Serialize, Deserialize)]
struct Echo(String);

impl Request for Echo {
    const NAME: &'static str = "echo";
    type Response = String;
    type Error = String;
}

#[derive(Clone, Serialize, Deserialize)]
struct Hang;

impl Request for Hang {
    const NAME: &'static str = "hang";
    type Response = ();
    type Error = ();
}

/// Its answer panics while it is encoded.
#[derive(Clone, Serialize, Deserialize)]
struct Mine;

struct Explosive;

impl Serialize for Explosive {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("it goes off")
    }
}

impl<'de> Deserialize<'de> for Explosive {
    fn deserialize<D: serde::Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Ok(Explosive)
    }
}

impl Request for Mine {
    const NAME: &'static str = "mine";
    type Response = Explosive;
    type Error = ();
}

fn handlers() -> Handlers {
    Handlers::new()
        .on::<Echo>(async |Echo(text)| Ok(text))
        .on::<Hang>(async |Hang| pending().await)
        .on::<Mine>(async |Mine| Ok(Explosive))
}

/// A worker, and the parent's end of its socket.
fn worker(
    terminated: impl Future<Output = ()> + Send + 'static,
) -> (JoinHandle<Result<(), HandshakeError>>, UnixStream) {
    let (ours, theirs) = UnixStream::pair().expect("a pair");
    (
        tokio::spawn(serve(theirs, handlers(), HANGING, terminated)),
        ours,
    )
}

async fn within_limits<F: Future>(future: F) -> F::Output {
    timeout(HANGING, future).await.expect("an end")
}

/// A frame, made by hand.
fn frame(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let rest = parts.concat();
    let length = u32::try_from(rest.len() + 1).expect("a short frame");
    [&length.to_be_bytes()[..], &[kind], &rest].concat()
}

fn hello() -> Vec<u8> {
    frame(0, &[br#"{"protocol":2,"max_frame":1000}"#])
}

fn request(id: u64, name: &str, body: &str) -> Vec<u8> {
    let length = u32::try_from(name.len())
        .expect("a short name")
        .to_be_bytes();
    frame(
        1,
        &[
            &id.to_be_bytes(),
            &1_u64.to_be_bytes(),
            &length,
            name.as_bytes(),
            &[0; 4],
            body.as_bytes(),
        ],
    )
}

async fn write(socket: &mut UnixStream, bytes: &[u8]) {
    within_limits(socket.write_all(bytes))
        .await
        .expect("a reader");
}

/// The next frame: its kind, and the rest.
async fn read(socket: &mut UnixStream) -> (u8, Bytes) {
    within_limits(async {
        let length = socket.read_u32().await.expect("a length");
        let mut frame = vec![0; length as usize];
        socket.read_exact(&mut frame).await.expect("a frame");
        (frame[0], Bytes::from(frame).slice(1..))
    })
    .await
}
