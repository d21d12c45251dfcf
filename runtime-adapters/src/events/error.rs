//! Why an event was not taken, and why a stream failed.

use std::error::Error;
use std::fmt;

/// The error that a source [fails](super::Emitter::fail) with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why an event was not taken. It holds the event.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum EmitError<T> {
    /// There is no room, and the policy is [`Fail`](super::Policy::Fail).
    Full(T),
    /// The stream was dropped or has [failed](super::Emitter::fail).
    Closed(T),
}

impl<T> EmitError<T> {
    /// The event.
    pub fn into_inner(self) -> T {
        match self {
            EmitError::Full(event) | EmitError::Closed(event) => event,
        }
    }

    /// Whether there was no room.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, EmitError::Full(_))
    }

    /// Whether the stream is gone.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, EmitError::Closed(_))
    }
}

impl<T> fmt::Debug for EmitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EmitError::Full(_) => "Full(..)",
            EmitError::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Display for EmitError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EmitError::Full(_) => "there is no room for the event",
            EmitError::Closed(_) => "the stream of events is closed",
        })
    }
}

impl<T> Error for EmitError<T> {}
