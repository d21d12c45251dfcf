//! The frames between a parent and its workers: four bytes of length, one for the kind, and the rest.
//!
//! | kind | frame | from | the rest |
//! | --- | --- | --- | --- |
//! | 0 | `Hello` | both, first | JSON, so that each version can read that of every other |
//! | 1 | `Request` | parent | id, attempt, name, traceparent, body |
//! | 2 | `Cancel` | parent | id of an abandoned request |
//! | 3 | `Answer` | worker | id, kind of answer, body |
//! | 4 | `Cancelled` | worker | id of a request that was cancelled before it was answered |
//! | 5 | `Leaving` | worker | nothing; it wants no further requests |
//! | 6 | `Ping` | parent | nothing; the worker answers `Pong` |
//! | 7 | `Pong` | worker | nothing |
//! | 8 | `Part` | both | id, and the next bytes of a long body |
//!
//! Each request is followed by one `Answer` or `Cancelled`, whether or not it was cancelled on the way. A body over 64
//! KiB is split: `Part`s come first, and the `Request` or `Answer` has the last bytes. Parts of several bodies
//! alternate, so that a short body does not wait for a long one. Numbers are big endian; ids have eight bytes, lengths
//! of texts four.

use std::borrow::Cow;
use std::io;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder, LengthDelimitedCodec};

/// The longest body in one frame.
pub(super) const PART: usize = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Hello(Bytes),
    Request {
        id: u64,
        attempt: u64,
        name: Cow<'static, str>,
        traceparent: Option<String>,
        body: Bytes,
    },
    Cancel {
        id: u64,
    },
    Answer {
        id: u64,
        kind: u8,
        body: Bytes,
    },
    Cancelled {
        id: u64,
    },
    Leaving,
    Ping,
    Pong,
    Part {
        id: u64,
        bytes: Bytes,
    },
}

/// The size of a frame beyond what the user's limit covers.
const HEADER: usize = 64;

impl Frame {
    /// Whether the user's data in it is within the limit.
    pub(super) fn fits(&self, limit: usize) -> bool {
        match self {
            Frame::Request {
                name,
                traceparent,
                body,
                ..
            } => name.len() + traceparent.as_ref().map_or(0, String::len) + body.len() <= limit,
            Frame::Hello(body) | Frame::Answer { body, .. } => body.len() <= limit,
            _ => true,
        }
    }

    /// Splits off the first part of the body, if it is too long for one frame.
    pub(super) fn cut(&mut self) -> Option<Frame> {
        let (Frame::Request { id, body, .. } | Frame::Answer { id, body, .. }) = self else {
            return None;
        };
        (body.len() > PART).then(|| Frame::Part {
            id: *id,
            bytes: body.split_to(PART),
        })
    }

    /// Its approximate size in bytes.
    pub(super) fn size(&self) -> usize {
        HEADER
            + match self {
                Frame::Hello(bytes)
                | Frame::Request { body: bytes, .. }
                | Frame::Answer { body: bytes, .. }
                | Frame::Part { bytes, .. } => bytes.len(),
                _ => 0,
            }
    }
}

/// Encodes and decodes frames. It does not read frames that are too long; before encoding, the caller checks that a
/// frame [fits](Frame::fits).
#[derive(Debug)]
pub(super) struct FrameCodec(LengthDelimitedCodec);

impl FrameCodec {
    pub(super) fn new(limit: usize) -> Self {
        let mut codec = FrameCodec(LengthDelimitedCodec::new());
        codec.set_limit(limit);
        codec
    }

    pub(super) fn set_limit(&mut self, limit: usize) {
        self.0.set_max_frame_length(limit.saturating_add(HEADER));
    }
}

impl Encoder<Frame> for FrameCodec {
    type Error = io::Error;

    fn encode(&mut self, frame: Frame, to: &mut BytesMut) -> io::Result<()> {
        let start = to.len();
        to.reserve(frame.size());
        to.put_u32(0);
        match frame {
            Frame::Hello(body) => {
                to.put_u8(0);
                to.put(body);
            }
            Frame::Request {
                id,
                attempt,
                name,
                traceparent,
                body,
            } => {
                to.put_u8(1);
                to.put_u64(id);
                to.put_u64(attempt);
                put_text(to, &name)?;
                // An empty text stands for no trace context.
                put_text(to, traceparent.as_deref().unwrap_or_default())?;
                to.put(body);
            }
            Frame::Cancel { id } => {
                to.put_u8(2);
                to.put_u64(id);
            }
            Frame::Answer { id, kind, body } => {
                to.put_u8(3);
                to.put_u64(id);
                to.put_u8(kind);
                to.put(body);
            }
            Frame::Cancelled { id } => {
                to.put_u8(4);
                to.put_u64(id);
            }
            Frame::Leaving => to.put_u8(5),
            Frame::Ping => to.put_u8(6),
            Frame::Pong => to.put_u8(7),
            Frame::Part { id, bytes } => {
                to.put_u8(8);
                to.put_u64(id);
                to.put(bytes);
            }
        }
        let length = length(to.len() - start - 4)?;
        to[start..start + 4].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}

impl Decoder for FrameCodec {
    type Item = Frame;
    type Error = io::Error;

    fn decode(&mut self, from: &mut BytesMut) -> io::Result<Option<Frame>> {
        self.0
            .decode(from)?
            .map(|frame| parse(frame.freeze()))
            .transpose()
    }

    /// Half a frame at the end is not an error: it remains from a process that was killed while it wrote.
    fn decode_eof(&mut self, from: &mut BytesMut) -> io::Result<Option<Frame>> {
        let frame = self.decode(from);
        if matches!(frame, Ok(None)) {
            from.clear();
        }
        frame
    }
}

/// An error that is the other side's fault, unlike one of the connection.
pub(super) fn malformed(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

fn parse(mut rest: Bytes) -> io::Result<Frame> {
    let short = |_| malformed("a frame is too short for its kind");
    let kind = rest.try_get_u8().map_err(short)?;
    let frame = match kind {
        0 => return Ok(Frame::Hello(rest)),
        1 => {
            let (id, attempt) = (
                rest.try_get_u64().map_err(short)?,
                rest.try_get_u64().map_err(short)?,
            );
            let (name, traceparent) = (get_text(&mut rest)?, get_text(&mut rest)?);
            let traceparent = (!traceparent.is_empty()).then_some(traceparent);
            return Ok(Frame::Request {
                id,
                attempt,
                name: name.into(),
                traceparent,
                body: rest,
            });
        }
        2 => Frame::Cancel {
            id: rest.try_get_u64().map_err(short)?,
        },
        3 => {
            let (id, kind) = (
                rest.try_get_u64().map_err(short)?,
                rest.try_get_u8().map_err(short)?,
            );
            return Ok(Frame::Answer {
                id,
                kind,
                body: rest,
            });
        }
        4 => Frame::Cancelled {
            id: rest.try_get_u64().map_err(short)?,
        },
        5 => Frame::Leaving,
        6 => Frame::Ping,
        7 => Frame::Pong,
        8 => {
            return Ok(Frame::Part {
                id: rest.try_get_u64().map_err(short)?,
                bytes: rest,
            });
        }
        other => {
            return Err(malformed(&format!("unknown kind of frame: {other}")));
        }
    };
    if rest.is_empty() {
        Ok(frame)
    } else {
        Err(malformed("a frame is too long for its kind"))
    }
}

fn put_text(to: &mut BytesMut, text: &str) -> io::Result<()> {
    to.put_u32(length(text.len())?);
    to.put_slice(text.as_bytes());
    Ok(())
}

fn get_text(from: &mut Bytes) -> io::Result<String> {
    let short = || malformed("a text in a frame is longer than the frame");
    let length = from.try_get_u32().map_err(|_| short())? as usize;
    if length > from.len() {
        return Err(short());
    }
    String::from_utf8(from.split_to(length).into())
        .map_err(|_| malformed("a text in a frame is not UTF-8"))
}

fn length(length: usize) -> io::Result<u32> {
    u32::try_from(length).map_err(|_| io::Error::from(io::ErrorKind::FileTooLarge))
}
