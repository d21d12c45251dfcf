use std::fmt;
use std::io;

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use crate::sync::{Arc, Mutex, lock};

/// What a worker process serves with. [`Cluster::run`](super::Cluster::run) passes it to the closure.
pub struct Worker {
    pub(super) index: usize,
    pub(super) listener: Mutex<Option<TcpListener>>,
    pub(super) is_ready: Arc<Notify>,
    pub(super) is_draining: watch::Receiver<bool>,
}

impl Worker {
    /// The index of this worker, from 0, which a replacement keeps.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The listener, which all workers share. It can be taken once.
    ///
    /// Take it when everything is set up: it makes the worker [`Ready`](super::WorkerState::Ready) for the supervisor,
    /// and in a roll lets the old one drain.
    ///
    /// # Errors
    ///
    /// If it was taken before.
    pub fn listener(&self) -> io::Result<TcpListener> {
        let listener = lock(&self.listener).take();
        let listener =
            listener.ok_or_else(|| io::Error::other("the worker's listener was taken before"))?;
        self.is_ready.notify_one();
        Ok(listener)
    }

    /// Resolves when the worker must drain: accept nothing new, finish what it has begun, and return from the closure.
    ///
    /// The worker has the cluster's [`grace`](super::Cluster::grace) for that. Drop the listener at once, so that other
    /// workers serve new connections, or they are refused. Cancel safe; any number of these futures may wait.
    #[must_use = "futures do nothing unless polled"]
    pub fn draining(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut is_draining = self.is_draining.clone();
        async move {
            // An error means that `run` has ended, and serving with it.
            drop(is_draining.wait_for(|&is_draining| is_draining).await);
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}
