use std::error::Error;
use std::fmt;
use std::io;

/// Why [`Cluster::run`](super::Cluster::run) ended otherwise than well.
#[non_exhaustive]
#[derive(Debug)]
pub enum ClusterError {
    /// A cluster of 0 workers was asked for.
    NoWorkers,
    /// There is nothing to listen on: the address cannot be resolved or is taken, or none was given. Nothing was
    /// started.
    Bind(io::Error),
    /// The signals of this process cannot be caught, or its own program cannot be found.
    Setup(io::Error),
    /// No worker is left, and at least one has failed: it ended too often in a row, for this reason.
    Failed(String),
    /// The cluster was to stop, and a worker did not end well. This is why: it failed, or it was killed because it took
    /// longer than its [`grace`](super::Cluster::grace), or because somebody asked for the stop a second time.
    CutOff(String),
    /// In a worker: it has not got what a supervisor gives it. A second cluster in one program fails with this in the
    /// workers of the first one.
    Worker(io::Error),
    /// In a worker: what serves has failed.
    Serve(Box<dyn Error + Send + Sync>),
    /// This system has no Unix sockets and signals.
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
            // It shows itself as that error, whose source is the next in the chain.
            Self::Serve(error) => error.source(),
            Self::NoWorkers | Self::Failed(_) | Self::CutOff(_) | Self::Unsupported => None,
        }
    }
}
