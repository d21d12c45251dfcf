//! The settings of a cluster.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use tokio::sync::watch;

use super::health::{Health, WorkerHealth};
use crate::process::Backoff;

#[derive(Clone, Debug)]
pub(super) struct ClusterSettings {
    pub(super) backoff: Backoff,
    pub(super) grace: Duration,
    pub(super) heartbeat: Duration,
    pub(super) ready_within: Duration,
}

/// What the supervisor runs with.
pub(super) struct Setup {
    pub(super) workers: usize,
    pub(super) settings: ClusterSettings,
    pub(super) bind: Box<dyn FnOnce() -> io::Result<TcpListener> + Send>,
    pub(super) on_listening: Box<dyn FnOnce(SocketAddr) + Send>,
    pub(super) state: watch::Sender<Vec<WorkerHealth>>,
    pub(super) health: Health,
}
