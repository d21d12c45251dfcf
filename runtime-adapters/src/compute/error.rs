//! Why work on another thread has no value.

use std::any::Any;
use std::error::Error;
use std::fmt;

use tokio::task::JoinError;

use crate::panic::{forget, message};

/// Why work on another thread has no value.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ComputeError {
    /// It panicked with this message.
    Panicked(String),
    /// It was dropped early: its runtime shut down, or a pool of yours dropped the closure. (A future that you drop has
    /// no outcome at all.)
    Cancelled,
}

impl ComputeError {
    pub(super) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        let error = ComputeError::Panicked(message(&*payload));
        forget(payload);
        error
    }

    pub(super) fn of_task(error: JoinError) -> Self {
        error
            .try_into_panic()
            .map_or(ComputeError::Cancelled, ComputeError::panicked)
    }
}

impl fmt::Display for ComputeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ComputeError::Panicked(message) => write!(f, "panicked: {message}"),
            ComputeError::Cancelled => f.write_str("the runtime or pool of the work has shut down"),
        }
    }
}

impl Error for ComputeError {}
