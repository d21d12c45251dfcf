//! Why a job has no result, and why an item was not pushed.

use std::error::Error;
use std::fmt;

/// What a job ends with: what the worker returned, or why it did not.
pub(super) type JobResult<R, E> = Result<R, QueueError<E>>;

/// Why a job has no result.
///
/// `Failed` displays as the error in it, and has its source.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueError<E> {
    /// The worker returned this error.
    Failed(E),
    /// The worker panicked with this message.
    Panicked(String),
    /// The queue was [killed](super::JobQueue::kill) while the item waited.
    Killed,
    /// The item was [removed](super::JobQueue::remove) while it waited.
    Removed,
    /// The queue was closed before the push, its last handle was dropped while the item waited, or its runtime has shut
    /// down.
    Closed,
    /// The queue had no [capacity](super::QueueBuilder::capacity) left, and the item was dropped.
    Full,
}

impl<E> QueueError<E> {
    /// The error that the worker returned, if it is one.
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
            QueueError::Full => f.write_str("the queue is full; help: use `send` to wait for room"),
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

/// Why an item was not pushed. It holds the item.
#[non_exhaustive]
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum PushError<T> {
    /// The queue has no [capacity](super::QueueBuilder::capacity) left.
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

    /// Whether the queue was full.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, PushError::Full(_))
    }

    /// Whether the queue was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        matches!(self, PushError::Closed(_))
    }

    /// The same error for a handle.
    pub(super) fn as_queue_error<E>(&self) -> QueueError<E> {
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
