use tokio::sync::watch;

use crate::process::WorkerState;

/// The state of one worker.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerHealth {
    /// Its index, from 0, which a replacement keeps.
    pub index: usize,
    /// The id of its process, which may have ended, as the state says. `None` before the first start.
    pub pid: Option<u32>,
    /// Its state. While it is replaced, this is the state of the old process until the new one is ready.
    pub state: WorkerState,
    /// How many processes have become ready in its place.
    pub starts: u64,
}

/// The states of a cluster's workers. Clones watch the same cluster.
///
/// In a worker, the others are unknown: all of them are [`Starting`](WorkerState::Starting) for ever.
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

    /// The states of all workers, by index.
    #[must_use]
    pub fn workers(&self) -> Vec<WorkerHealth> {
        self.workers.borrow().clone()
    }

    /// Waits until `is_so` holds for the workers, and returns their states; `None` if the cluster ends before. States
    /// in quick succession may be skipped. Cancel safe.
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

    /// Waits for a change that this handle has not seen; `None` if the cluster has ended. Cancel safe.
    pub async fn changed(&mut self) -> Option<Vec<WorkerHealth>> {
        self.workers.changed().await.ok()?;
        Some(self.workers.borrow_and_update().clone())
    }
}
