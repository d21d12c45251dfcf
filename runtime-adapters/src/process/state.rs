use std::fmt;

/// How a worker process is.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum WorkerState {
    /// It was started, and is not ready yet.
    Starting,
    /// It works.
    Ready,
    /// It ended, for this reason, and is started again after a wait.
    Backoff(String),
    /// It takes nothing new and ends what it has begun.
    Draining,
    /// It ended as it should, and is not started again.
    Stopped,
    /// It ended too often in a row, the last time for this reason, and is not started again.
    Failed(String),
}

impl WorkerState {
    /// Whether it has ended, and is not started again by itself.
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
