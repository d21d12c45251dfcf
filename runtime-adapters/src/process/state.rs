use std::fmt;

/// The state of a worker process.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WorkerState {
    /// It has been started, and is not ready yet.
    Starting,
    /// It works.
    Ready,
    /// It ended, for this reason, and is restarted after a delay.
    Backoff(String),
    /// It accepts nothing new, and finishes what it has begun.
    Draining,
    /// It ended successfully, and is not restarted.
    Stopped,
    /// It ended too often in a row, the last time for this reason, and is not restarted.
    Failed(String),
}

impl WorkerState {
    /// Whether it has ended for good, unless something else starts it again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Stopped | Self::Failed(_))
    }
}

impl fmt::Display for WorkerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starting => f.write_str("starting"),
            Self::Ready => f.write_str("ready"),
            Self::Backoff(reason) => write!(f, "waiting to be started again: {reason}"),
            Self::Draining => f.write_str("draining"),
            Self::Stopped => f.write_str("stopped"),
            Self::Failed(reason) => write!(f, "failed: {reason}"),
        }
    }
}
