use tokio::sync::watch;

use crate::process::WorkerState;

/// One of a cluster's workers, as the supervisor sees it.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerHealth {
    /// Which one it is, from 0. It stays the same when the process is replaced.
    pub index: usize,
    /// The number of its process, which may have ended when the state says so. `None` before the first start.
    pub pid: Option<u32>,
    /// How it is. While it is replaced by another process, this is the old one until the new one is ready.
    pub state: WorkerState,
    /// How many processes were ready in its place so far.
    pub starts: u64,
}

/// The workers of a cluster, as they are now. Clones watch the same.
///
/// In a worker, nothing is known of the others: all of them are [`Starting`](WorkerState::Starting) for ever.
#[derive(Clone, Debug)]
pub struct Health {
    workers: watch::Receiver<Vec<WorkerHealth>>,
}

impl Health {
    pub(super) fn new(workers: usize) -> (watch::Sender<Vec<WorkerHealth>>, Self) {
        let new = |index| WorkerHealth {
            index,
            pid: None,
            state: WorkerState::Starting,
            starts: 0,
        };
        let (sender, workers) = watch::channel((0..workers).map(new).collect());
        (sender, Self { workers })
    }

    /// All workers, in the order of their indexes.
    #[must_use]
    pub fn workers(&self) -> Vec<WorkerHealth> {
        self.workers.borrow().clone()
    }

    /// Waits until `is_so` is true of the workers, and returns them as they were then; `None` when the cluster is over
    /// before. States that follow each other quickly may not be seen one by one. Cancel safe.
    pub async fn wait_for(
        &mut self,
        mut is_so: impl FnMut(&[WorkerHealth]) -> bool,
    ) -> Option<Vec<WorkerHealth>> {
        self.workers
            .wait_for(|workers| is_so(workers))
            .await
            .ok()
            .map(|workers| workers.clone())
    }

    /// Waits for a change that was not seen by this handle yet; `None` when the cluster is over. Cancel safe.
    pub async fn changed(&mut self) -> Option<Vec<WorkerHealth>> {
        self.workers.changed().await.ok()?;
        Some(self.workers.borrow_and_update().clone())
    }
}
