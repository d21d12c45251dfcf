use std::error::Error;
use std::fmt;
use std::io;

/// Why [`Cluster::run`](super::Cluster::run) failed.
#[non_exhaustive]
#[derive(Debug)]
pub enum ClusterError {
    /// The cluster has 0 workers.
    NoWorkers,
    /// The listener cannot be opened: the address cannot be resolved, is in use, or is missing. Nothing was started.
    Bind(io::Error),
    /// The signal handlers cannot be installed, or the path of the program cannot be found.
    Setup(io::Error),
    /// No worker is left, and at least one has failed: it ended too often in a row, for this reason.
    Failed(String),
    /// The cluster was told to stop, and a worker did not end gracefully, for this reason: it failed, or it was killed
    /// after its [`grace`](super::Cluster::grace) or by a second signal.
    CutOff(String),
    /// In a worker: it did not receive what a supervisor sends. A second cluster in one program fails with this in the
    /// workers of the first one.
    Worker(io::Error),
    /// In a worker: serving failed.
    Serve(Box<dyn Error + Send + Sync>),
    /// This platform has no Unix sockets and signals.
    Unsupported,
}

impl fmt::Display for ClusterError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWorkers => f.write_str("a cluster needs at least one worker"),
            Self::Bind(error) => write!(f, "cannot listen: {error}"),
            Self::Setup(error) => write!(f, "cannot set up the cluster: {error}"),
            Self::Failed(reason) => write!(f, "all workers have failed: {reason}"),
            Self::CutOff(reason) => write!(f, "not all workers ended well: {reason}"),
            Self::Worker(error) => write!(f, "this process cannot be a worker: {error}"),
            Self::Serve(error) => error.fmt(f),
            Self::Unsupported => f.write_str("a cluster needs Unix sockets and signals"),
        }
    }
}

impl Error for ClusterError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Bind(error) | Self::Setup(error) | Self::Worker(error) => Some(error),
            // It displays as that error, so its source is that error's source.
            Self::Serve(error) => error.source(),
            Self::NoWorkers | Self::Failed(_) | Self::CutOff(_) | Self::Unsupported => None,
        }
    }
}
