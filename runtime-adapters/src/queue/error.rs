//! Why an item has no result, and why one was not taken.

use std::error::Error;
use std::fmt;

/// Why an item of a queue has no result.
///
/// `Failed` displays as the error that it holds and has that one's source.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueError<E> {
    /// The worker returned this error.
    Failed(E),
    /// The worker panicked with this message.
    Panicked(String),
    /// The queue was [killed](super::Queue::kill) while the item waited.
    Killed,
    /// The item was [removed](super::Queue::remove) while it waited.
    Removed,
    /// The queue takes nothing more, or its last handle was dropped while the item waited, or its runtime has shut
    /// down.
    Closed,
    /// As many items wait as there is [capacity](super::QueueBuilder::capacity) for: this one was not taken.
    Full,
}

impl<E> QueueError<E> {
    /// The error that the worker returned, if that is what it is.
    pub fn failure(self) -> Option<E> {
        match self {
            QueueError::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for QueueError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            QueueError::Failed(error) => error.fmt(f),
            QueueError::Panicked(message) => write!(f, "the worker panicked: {message}"),
            QueueError::Killed => f.write_str("the queue was killed"),
            QueueError::Removed => f.write_str("the item was removed from the queue"),
            QueueError::Closed => f.write_str("the queue is closed"),
            QueueError::Full => f.write_str("the queue is full"),
        }
    }
}

impl<E: Error> Error for QueueError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            QueueError::Failed(error) => error.source(),
            _ => None,
        }
    }
}

/// Why an item was not taken. The item comes back.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PushError<T> {
    /// As many items wait as there is [capacity](super::QueueBuilder::capacity) for.
    Full(T),
    /// The queue was closed or killed, or its runtime has shut down.
    Closed(T),
}

impl<T> PushError<T> {
    /// The item.
    pub fn into_inner(self) -> T {
        match self {
            PushError::Full(item) | PushError::Closed(item) => item,
        }
    }

    /// Whether there was no room.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, PushError::Full(_))
    }

    /// Whether the queue takes nothing more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, PushError::Closed(_))
    }

    /// The same as the outcome of an item that does not come back.
    pub(super) fn outcome<E>(&self) -> QueueError<E> {
        match self {
            PushError::Full(_) => QueueError::Full,
            PushError::Closed(_) => QueueError::Closed,
        }
    }
}

impl<T> fmt::Debug for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PushError::Full(_) => "Full(..)",
            PushError::Closed(_) => "Closed(..)",
        })
    }
}

impl<T> fmt::Display for PushError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PushError::Full(_) => "the queue is full",
            PushError::Closed(_) => "the queue is closed",
        })
    }
}

impl<T> Error for PushError<T> {}
