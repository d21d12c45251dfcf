//! What can go wrong on a bus.

use std::error::Error;
use std::fmt;

use super::room::MAX_ROOM;

/// Why an event was not emitted, or what a [joined](super::Subscription) room could not receive.
///
/// As an item of [`Subscription`](super::Subscription) it ends the stream only where this says so.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusError {
    /// Emitting: the event has no form in JSON, with the reason. Maps whose keys are no strings are such.
    Encode(String),
    /// Receiving: an event of another shape than the type that was joined for, with the reason. It is left out.
    Decode(String),
    /// Emitting: the event is larger than `limit`, in bytes of JSON.
    TooLarge {
        /// Of the [bus](super::BusBuilder::max_event), or of the server if that is lower.
        limit: usize,
    },
    /// Emitting, and the only item of the stream when joining: the room's name is longer than
    /// [`MAX_ROOM`](super::MAX_ROOM) bytes.
    RoomTooLong {
        /// Of the name, in bytes.
        length: usize,
    },
    /// Receiving: the stream was polled too slowly, and so many events, the oldest, were left out.
    Lagged(u64),
    /// The server is out of reach. Emitting: nothing was sent. Receiving: nothing comes until it is back.
    Disconnected,
    /// Receiving: events come again, but an unknown number of them was missed before. [`flush`](super::Bus::flush): an
    /// unknown number of those that were emitted may not have reached the server.
    Interrupted,
    /// The server does not allow it, with what it said. Receiving: this client may not have the room's events, or has
    /// joined as many rooms as it may. Emitting: it may not emit to the room. Both: the room's name is too long for the
    /// server. [`flush`](super::Bus::flush), [`close`](super::Bus::close): it did not take an event.
    Refused(String),
    /// `Bus::nats` has failed, with the reason.
    Connect(String),
    /// The server did not answer, or take what was sent, in time.
    TimedOut,
    /// The bus was [closed](super::Bus::close), or the runtime that its connection lived on has ended. Receiving: it
    /// ends the stream.
    Closed,
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BusError::Encode(reason) => write!(f, "the event has no form in JSON: {reason}"),
            BusError::Decode(reason) => {
                write!(f, "an event of another shape was received: {reason}")
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

/// Whether a room can have this name.
pub(super) fn check_name(room: &str) -> Result<(), BusError> {
    let length = room.len();
    if length > MAX_ROOM {
        Err(BusError::RoomTooLong { length })
    } else {
        Ok(())
    }
}
