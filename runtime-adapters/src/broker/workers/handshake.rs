//! The first messages of both sides.

use std::borrow::Cow;
use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;
use tokio_util::codec::{FramedRead, FramedWrite};

use super::frame::{Frame, FrameCodec};

/// The version of the protocol after the `Hello`, which itself must stay readable for all versions.
const PROTOCOL: u32 = 2;

/// The size limit of a `Hello`.
const LIMIT: usize = 1024 * 1024;

/// How many bytes are read, or collected for writing, at once.
pub(super) const CHUNK: usize = 64 * 1024;

pub(super) type FrameReader = FramedRead<OwnedReadHalf, FrameCodec>;
pub(super) type FrameWriter = FramedWrite<OwnedWriteHalf, FrameCodec>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello<'a> {
    protocol: u32,
    /// The names of the requests that the worker handles. Empty from the parent.
    #[serde(default)]
    pub(super) names: Vec<Cow<'a, str>>,
    /// The parent's limit, which applies to both sides.
    #[serde(default)]
    pub(super) max_frame: usize,
}

/// The part of a `Hello` that all versions share.
#[derive(Deserialize)]
struct HelloVersion {
    protocol: u32,
}

/// Why a handshake failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HandshakeError {
    /// The other side uses another protocol, and will again.
    Incompatible(String),
    /// It sent nothing for this long.
    TimedOut(Duration),
    /// It ended before it sent anything.
    Closed,
}

impl fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HandshakeError::Incompatible(why) => f.write_str(why),
            HandshakeError::TimedOut(time) => write!(f, "it sent no hello within {time:?}"),
            HandshakeError::Closed => f.write_str("it ended before it sent its hello"),
        }
    }
}

impl<'a> Hello<'a> {
    pub(super) fn of_parent(max_frame: usize) -> Self {
        Hello {
            protocol: PROTOCOL,
            names: Vec::new(),
            max_frame,
        }
    }

    pub(super) fn of_worker(names: &[&'a str]) -> Self {
        Hello {
            protocol: PROTOCOL,
            names: names.iter().copied().map(Cow::Borrowed).collect(),
            max_frame: 0,
        }
    }
}

/// Exchanges hellos within this time. The caller then sets the limit for the frames that follow.
pub(super) async fn greet(
    socket: UnixStream,
    ours: &Hello<'_>,
    time: Duration,
) -> Result<(Hello<'static>, FrameReader, FrameWriter), HandshakeError> {
    let (reader, writer) = socket.into_split();
    let mut reader = FrameReader::with_capacity(reader, FrameCodec::new(LIMIT), CHUNK);
    let mut writer = FrameWriter::new(writer, FrameCodec::new(LIMIT));
    writer.set_backpressure_boundary(CHUNK);

    let json = Bytes::from(
        serde_json::to_vec(ours)
            .map_err(|error| HandshakeError::Incompatible(error.to_string()))?,
    );
    let frame = Frame::Hello(json);
    if !frame.fits(LIMIT) {
        return Err(HandshakeError::Incompatible(
            "the names of all requests together are too long".into(),
        ));
    }
    let said = async {
        // If this fails, reading still finds the other side's end, or what it sent before.
        drop(writer.send(frame).await);
        Ok(())
    };
    let heard = async { hello(reader.try_next().await) };
    match timeout(time, async { tokio::try_join!(said, heard) }).await {
        Ok(Ok(((), theirs))) => Ok((theirs, reader, writer)),
        Ok(Err(incompatible)) => Err(incompatible),
        Err(_) => Err(HandshakeError::TimedOut(time)),
    }
}

fn hello(first: io::Result<Option<Frame>>) -> Result<Hello<'static>, HandshakeError> {
    let json = match first {
        Ok(Some(Frame::Hello(json))) => json,
        Ok(Some(_)) => {
            return Err(HandshakeError::Incompatible(
                "its first frame is not a hello".into(),
            ));
        }
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(HandshakeError::Incompatible(format!(
                "it sent no hello: {error}"
            )));
        }
        // A process that ends before it has read everything resets the connection.
        Ok(None) | Err(_) => return Err(HandshakeError::Closed),
    };
    let unread = |error: serde_json::Error| {
        HandshakeError::Incompatible(format!("its hello cannot be read: {error}"))
    };
    match serde_json::from_slice::<HelloVersion>(&json)
        .map_err(unread)?
        .protocol
    {
        PROTOCOL => serde_json::from_slice::<Hello>(&json).map_err(unread),
        other => Err(HandshakeError::Incompatible(format!(
            "protocol {other}, expected {PROTOCOL}; help: run one version on both sides"
        ))),
    }
}
