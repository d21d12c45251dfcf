//! Why a load has no value.

use std::convert::Infallible;
use std::error::Error;
use std::fmt;

/// Why a load of a [`Batch`](super::Batch) has no value. `E` is the error of its loader.
///
/// `Failed` displays as the error in it, and has its source.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BatchError<E = Infallible> {
    /// The loader returned this error.
    Failed(E),
    /// The loader returned no value for this key: its map lacks it, or its `Vec` does not have one value for each key.
    Missing,
    /// The loader panicked with this message.
    Panicked(String),
}

impl<E> BatchError<E> {
    /// The error that the loader returned, if it is one.
    pub fn failure(self) -> Option<E> {
        match self {
            BatchError::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl<E: fmt::Display> fmt::Display for BatchError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BatchError::Failed(error) => error.fmt(f),
            BatchError::Missing => f.write_str(
                "the loader returned no value for this key; help: return a map with every key, or a `Vec` with one value for each",
            ),
            BatchError::Panicked(message) => write!(f, "the loader panicked: {message}"),
        }
    }
}

impl<E: Error> Error for BatchError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            BatchError::Failed(error) => error.source(),
            _ => None,
        }
    }
}
