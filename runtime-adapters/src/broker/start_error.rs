//! Why there is no broker.

use std::error::Error;
use std::fmt;
use std::io;

/// Why a broker could not be started.
#[non_exhaustive]
#[derive(Debug)]
pub enum StartError {
    /// What it was told cannot be, for this reason. It would be the same the next time.
    Invalid(String),
    /// What it needs is not there, or does not answer, for this reason.
    Unavailable(String),
    /// The worker's program cannot be executed, or there can be no further process.
    Spawn(io::Error),
    /// What was executed was no worker: it ended, or did not come to serve in time. The text says which.
    Unready(String),
    /// It is a worker of another version; the text says which.
    Incompatible(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Invalid(reason) => {
                write!(f, "the broker cannot be set up like this: {reason}")
            }
            StartError::Unavailable(reason) => write!(f, "the broker cannot be started: {reason}"),
            StartError::Spawn(_) => f.write_str("a worker process cannot be started"),
            StartError::Unready(reason) => {
                write!(f, "a worker process has not come to serve: {reason}")
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
