//! The options of a pool of workers.

use std::time::Duration;

use crate::broker::payload::Format;
use crate::process::{Backoff, Program};

#[derive(Clone)]
pub(super) struct WorkerOptions {
    pub(super) program: Program,
    pub(super) max_frame: usize,
    pub(super) backoff: Backoff,
    pub(super) hello_within: Duration,
    pub(super) grace: Duration,
    pub(super) heartbeat: Duration,
    pub(super) format: Format,
}
