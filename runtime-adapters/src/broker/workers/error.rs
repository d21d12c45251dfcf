//! Why there are no workers.

use std::error::Error;
use std::fmt;
use std::io;

/// Why [`Workers::start`](super::Workers::start) has started none.
#[non_exhaustive]
#[derive(Debug)]
pub enum StartError {
    /// The program cannot be executed, or there can be no further process.
    Spawn(io::Error),
    /// What was executed was no worker: it ended, or did not call [`start`](super::Workers::start) in time. The text
    /// says which.
    Unready(String),
    /// It is a worker of another version; the text says which.
    Incompatible(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Spawn(_) => f.write_str("a worker process cannot be started"),
            StartError::Unready(reason) => write!(f, "a worker process has not come to serve: {reason}"),
            StartError::Incompatible(reason) => write!(f, "the other side does not fit: {reason}"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            StartError::Spawn(error) => Some(error),
            StartError::Unready(_) | StartError::Incompatible(_) => None,
        }
    }
}
