//! What both sides say first.

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

use super::frame::{Codec, Frame};

/// The version of what is said after this. The `Hello` itself must stay readable for other versions.
const PROTOCOL: u32 = 2;

/// What a `Hello` may have.
const LIMIT: usize = 1024 * 1024;

/// Bytes that are read, or gathered to be written, at once.
pub(super) const CHUNK: usize = 64 * 1024;

pub(super) type Reader = FramedRead<OwnedReadHalf, Codec>;
pub(super) type Writer = FramedWrite<OwnedWriteHalf, Codec>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hello<'a> {
    protocol: u32,
    /// What the worker answers. The parent answers nothing.
    #[serde(default)]
    pub(super) names: Vec<Cow<'a, str>>,
    /// The parent's limit, which is both sides'.
    #[serde(default)]
    pub(super) max_frame: usize,
}

/// What the hello of any version has.
#[derive(Deserialize)]
struct Version {
    protocol: u32,
}

/// Why two do not come together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// The other side speaks otherwise, and will do so the next time.
    Incompatible(String),
    /// It has said nothing for so long.
    Silent(Duration),
    /// It has ended before it said anything.
    Ended,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Misfit::Incompatible(why) => f.write_str(why),
            Misfit::Silent(time) => write!(f, "it has not said hello within {time:?}"),
            Misfit::Ended => f.write_str("it ended before it said hello"),
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

/// Says hello, and hears it, within this time. The limit of what is read next is the caller's to set.
pub(super) async fn greet(
    socket: UnixStream,
    ours: &Hello<'_>,
    time: Duration,
) -> Result<(Hello<'static>, Reader, Writer), Misfit> {
    let (reader, writer) = socket.into_split();
    let mut reader = Reader::with_capacity(reader, Codec::new(LIMIT), CHUNK);
    let mut writer = Writer::new(writer, Codec::new(LIMIT));
    writer.set_backpressure_boundary(CHUNK);

    let json = Bytes::from(
        serde_json::to_vec(ours).map_err(|error| Misfit::Incompatible(error.to_string()))?,
    );
    let frame = Frame::Hello(json);
    if !frame.fits(LIMIT) {
        return Err(Misfit::Incompatible(
            "the names of all requests together are too long".into(),
        ));
    }
    let said = async {
        // If it fails, there is an end to hear, or what the other one has said before.
        drop(writer.send(frame).await);
        Ok(())
    };
    let heard = async { hello(reader.try_next().await) };
    match timeout(time, async { tokio::try_join!(said, heard) }).await {
        Ok(Ok(((), theirs))) => Ok((theirs, reader, writer)),
        Ok(Err(misfit)) => Err(misfit),
        Err(_) => Err(Misfit::Silent(time)),
    }
}

fn hello(first: io::Result<Option<Frame>>) -> Result<Hello<'static>, Misfit> {
    let json = match first {
        Ok(Some(Frame::Hello(json))) => json,
        Ok(Some(_)) => return Err(Misfit::Incompatible("its first frame is no hello".into())),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => {
            return Err(Misfit::Incompatible(format!("it said no hello: {error}")));
        }
        // Who ends and has not read what was said to it resets the connection.
        Ok(None) | Err(_) => return Err(Misfit::Ended),
    };
    let unread = |error: serde_json::Error| {
        Misfit::Incompatible(format!("its hello cannot be read: {error}"))
    };
    match serde_json::from_slice::<Version>(&json)
        .map_err(unread)?
        .protocol
    {
        PROTOCOL => serde_json::from_slice::<Hello>(&json).map_err(unread),
        other => Err(Misfit::Incompatible(format!(
            "protocol {other}, expected {PROTOCOL}; help: run one version on both sides"
        ))),
    }
}
