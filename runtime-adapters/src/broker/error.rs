//! Why a call has no answer.

use std::error::Error;
use std::fmt;

/// Why a call has no answer.
///
/// `Failed` displays as the handler's error, and has that error's source.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BrokerError<E> {
    /// The handler failed with this error.
    Failed(E),
    /// The handler panicked, with this message. Its worker is still running.
    Panicked(String),
    /// The worker that had the request ended before it answered. The work may have been done.
    WorkerDied,
    /// No worker handles the request, and none is about to.
    NoWorkers,
    /// There was no answer before the [deadline](super::Call::deadline).
    TimedOut,
    /// The limit of concurrent calls is reached. Nothing was sent.
    Busy,
    /// The request or its answer is larger than the engine's limit. A request that is too large was not sent.
    TooLarge,
    /// No handler is registered for a request of this name.
    UnknownRequest(String),
    /// The request, or its answer, cannot be encoded, for this reason.
    Encode(String),
    /// The request, or its answer, cannot be decoded, for this reason.
    Decode(String),
    /// The other side uses another version of the broker's protocol, or another protocol; the text says which.
    Incompatible(String),
    /// The engine is out of reach or cannot take the request, for this reason. The work may have been done.
    Unavailable(String),
    /// The broker was [shut down](super::Broker::shutdown).
    Closed,
}

impl<E> BrokerError<E> {
    /// The handler's own error, if this is one.
    pub fn failure(self) -> Option<E> {
        match self {
            BrokerError::Failed(error) => Some(error),
            _ => None,
        }
    }

    /// Maps the handler's own error.
    pub fn map<F>(self, failed: impl FnOnce(E) -> F) -> BrokerError<F> {
        self.and_then(|error| BrokerError::Failed(failed(error)))
    }

    /// [`map`](Self::map), with a function that may return any error.
    pub(super) fn and_then<F>(self, failed: impl FnOnce(E) -> BrokerError<F>) -> BrokerError<F> {
        match self {
            BrokerError::Failed(error) => failed(error),
            BrokerError::Panicked(message) => BrokerError::Panicked(message),
            BrokerError::WorkerDied => BrokerError::WorkerDied,
            BrokerError::NoWorkers => BrokerError::NoWorkers,
            BrokerError::TimedOut => BrokerError::TimedOut,
            BrokerError::Busy => BrokerError::Busy,
            BrokerError::TooLarge => BrokerError::TooLarge,
            BrokerError::UnknownRequest(name) => BrokerError::UnknownRequest(name),
            BrokerError::Encode(reason) => BrokerError::Encode(reason),
            BrokerError::Decode(reason) => BrokerError::Decode(reason),
            BrokerError::Incompatible(reason) => BrokerError::Incompatible(reason),
            BrokerError::Unavailable(reason) => BrokerError::Unavailable(reason),
            BrokerError::Closed => BrokerError::Closed,
        }
    }
}

impl<E: fmt::Display> fmt::Display for BrokerError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BrokerError::Failed(error) => error.fmt(f),
            BrokerError::Panicked(message) => write!(f, "the handler panicked: {message}"),
            BrokerError::WorkerDied => f.write_str("the worker ended before it answered"),
            BrokerError::NoWorkers => f.write_str("there is no worker for this request"),
            BrokerError::TimedOut => f.write_str("there was no answer in time"),
            BrokerError::Busy => f.write_str("too many calls are under way"),
            BrokerError::TooLarge => f.write_str("the request or its answer is too large"),
            BrokerError::UnknownRequest(name) => write!(f, "there is no handler for `{name}`"),
            BrokerError::Encode(reason) => write!(f, "cannot be encoded: {reason}"),
            BrokerError::Decode(reason) => write!(f, "cannot be decoded: {reason}"),
            BrokerError::Incompatible(reason) => write!(f, "incompatible peer: {reason}"),
            BrokerError::Unavailable(reason) => write!(f, "the broker is unavailable: {reason}"),
            BrokerError::Closed => f.write_str("the broker is shut down"),
        }
    }
}

impl<E: Error> Error for BrokerError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            BrokerError::Failed(error) => error.source(),
            _ => None,
        }
    }
}
