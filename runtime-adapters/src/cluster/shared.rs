//! The state that the slots of all workers share.

use std::net::TcpListener;
use std::sync::Arc;

use tokio::sync::watch;

use super::health::WorkerHealth;
use super::settings::ClusterSettings;
use super::worker_process::{WorkerEvent, WorkerProcess};
use crate::process::{Program, WorkerState};
use crate::sync::{Mutex, lock};

#[derive(Debug)]
pub(super) struct ClusterShared {
    pub(super) settings: ClusterSettings,
    pub(super) program: Program,
    /// `None` once the cluster stops, so that clients cannot connect to a listener that nobody accepts from.
    pub(super) listener: Mutex<Option<Arc<TcpListener>>>,
    pub(super) health: watch::Sender<Vec<WorkerHealth>>,
}

impl ClusterShared {
    pub(super) async fn start(&self, index: usize) -> Result<WorkerProcess, WorkerEvent> {
        let Some(listener) = lock(&self.listener).clone() else {
            return Err(WorkerEvent::Exited);
        };
        let started =
            WorkerProcess::start(&self.program, index, &listener, self.settings.heartbeat).await;
        started.map_err(|error| WorkerEvent::Died(format!("it cannot be started: {error}")))
    }

    pub(super) async fn ready(
        &self,
        mut process: WorkerProcess,
    ) -> Result<WorkerProcess, WorkerEvent> {
        match process
            .ready(self.settings.ready_within, self.settings.grace)
            .await
        {
            WorkerEvent::Ready => Ok(process),
            other => Err(other),
        }
    }

    pub(super) fn health(&self, index: usize, change: impl FnOnce(&mut WorkerHealth)) {
        self.health
            .send_modify(|workers| change(&mut workers[index]));
    }

    pub(super) fn state(&self, index: usize) -> WorkerState {
        self.health.borrow()[index].state.clone()
    }
}
