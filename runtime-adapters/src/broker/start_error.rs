//! Why a broker could not be started.

use std::error::Error;
use std::fmt;
use std::io;

/// Why a broker could not be started.
#[non_exhaustive]
#[derive(Debug)]
pub enum StartError {
    /// An option is invalid, for this reason. Starting again fails the same way.
    Invalid(String),
    /// Something that the broker needs is missing or does not answer, for this reason.
    Unavailable(String),
    /// The worker process cannot be started.
    Spawn(io::Error),
    /// The program that was started is not a worker: it ended, or was not ready in time. The text says which.
    Unready(String),
    /// The worker is of another version. The text says which.
    Incompatible(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Invalid(reason) => {
                write!(f, "invalid option of the broker: {reason}")
            }
            StartError::Unavailable(reason) => write!(f, "the broker cannot be started: {reason}"),
            StartError::Spawn(_) => f.write_str("a worker process cannot be started"),
            StartError::Unready(reason) => {
                write!(f, "a worker process did not become ready: {reason}")
            }
            StartError::Incompatible(reason) => write!(f, "incompatible peer: {reason}"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StartError::Spawn(error) => Some(error),
            _ => None,
        }
    }
}
