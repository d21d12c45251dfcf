//! The errors of a bus.

use std::error::Error;
use std::fmt;

use super::room::MAX_ROOM;

/// Why emitting an event failed, or what went wrong in a [joined](super::Subscription) room.
///
/// As an item of a [`Subscription`](super::Subscription), an error does not end the stream unless this says so.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusError {
    /// Emitting: the event cannot be written as JSON, for this reason. Maps with keys other than strings are an
    /// example.
    Encode(String),
    /// Receiving: the event cannot be read as the type of this subscription, for this reason. It is skipped.
    Decode(String),
    /// Emitting: the event is larger than `limit`, in bytes of JSON.
    TooLarge {
        /// The limit of the [bus](super::BusBuilder::max_event), or of the server if that is lower.
        limit: usize,
    },
    /// Emitting, and the only item of the stream after joining: the room's name is longer than
    /// [`MAX_ROOM`](super::MAX_ROOM) bytes.
    RoomTooLong {
        /// The length of the name, in bytes.
        length: usize,
    },
    /// Receiving: the stream was polled too slowly, and lost this number of events, the oldest ones.
    Lagged(u64),
    /// The server is out of reach. Emitting: nothing was sent. Receiving: no events arrive until it is back.
    Disconnected,
    /// Receiving: events arrive again, but an unknown number was missed before. [`flush`](super::Bus::flush): an
    /// unknown number of emitted events may not have reached the server.
    Interrupted,
    /// The server denied the operation, with this message. Receiving: this client has no permission for the room, or
    /// has joined too many. Emitting: it has no permission to emit to the room. Both: the room's name is too long for
    /// the server. [`flush`](super::Bus::flush), [`close`](super::Bus::close): the server rejected an event.
    Refused(String),
    /// `Bus::nats` failed, for this reason.
    Connect(String),
    /// The server did not answer, or did not accept what was sent, in time.
    TimedOut,
    /// The bus was [closed](super::Bus::close), or the runtime of its connection has ended. Receiving: it ends the
    /// stream.
    Closed,
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BusError::Encode(reason) => write!(f, "the event cannot be written as JSON: {reason}"),
            BusError::Decode(reason) => {
                write!(
                    f,
                    "a received event does not fit the type of the subscription: {reason}"
                )
            }
            BusError::TooLarge { limit } => write!(f, "the event is larger than {limit} bytes"),
            BusError::RoomTooLong { length } => {
                write!(
                    f,
                    "the room's name has {length} bytes; help: use at most {MAX_ROOM}"
                )
            }
            BusError::Lagged(1) => f.write_str("an event was missed: the receiver is too slow"),
            BusError::Lagged(count) => {
                write!(f, "{count} events were missed: the receiver is too slow")
            }
            BusError::Disconnected => f.write_str("the server of the bus is out of reach"),
            BusError::Interrupted => {
                f.write_str("events may have been missed while the server was out of reach")
            }
            BusError::Refused(reason) => {
                write!(f, "the server of the bus refuses the room: {reason}")
            }
            BusError::Connect(reason) => {
                write!(f, "no connection to the server of the bus: {reason}")
            }
            BusError::TimedOut => f.write_str("the server of the bus does not answer in time"),
            BusError::Closed => f.write_str("the bus is closed"),
        }
    }
}

impl Error for BusError {}

/// Checks a room's name.
pub(super) fn check_name(room: &str) -> Result<(), BusError> {
    let length = room.len();
    if length > MAX_ROOM {
        Err(BusError::RoomTooLong { length })
    } else {
        Ok(())
    }
}
