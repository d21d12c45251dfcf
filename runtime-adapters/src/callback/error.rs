//! Why a callback brought no value.

use std::error::Error;
use std::fmt;

/// Why a callback brought no value.
///
/// `Rejected` displays as the error in it, and has its source.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallbackError<E> {
    /// The callback was called with an error.
    Rejected(E),
    /// The callback was dropped uncalled, or [`lost_when`](super::CallbackFuture::lost_when) reported that it would
    /// never be called.
    Dropped,
    /// A node-style callback was called with neither an error nor a value, and the value is not `()`.
    Empty,
    /// The registering function panicked with this message before it called the callback, or the closure that C called
    /// did, see [`ffi`](crate::ffi).
    Panicked(String),
    /// The other side cancelled the operation with [`Resolver::cancel`](super::Resolver::cancel). A future that is
    /// dropped has no outcome at all.
    Cancelled,
    /// The [`deadline`](super::CallbackFuture::deadline) passed before the callback was called.
    TimedOut,
}

impl<E> CallbackError<E> {
    /// The error that the callback was called with, if it is one.
    pub fn rejection(self) -> Option<E> {
        match self {
            CallbackError::Rejected(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for CallbackError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CallbackError::Rejected(error) => error.fmt(f),
            CallbackError::Dropped => f.write_str("the callback was dropped without being called"),
            CallbackError::Empty => {
                f.write_str("the callback was called with neither an error nor a value")
            }
            CallbackError::Panicked(message) => write!(f, "panicked: {message}"),
            CallbackError::Cancelled => f.write_str("the operation was cancelled"),
            CallbackError::TimedOut => f.write_str("the callback was not called in time"),
        }
    }
}

impl<E: Error> Error for CallbackError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            CallbackError::Rejected(error) => error.source(),
            _ => None,
        }
    }
}
