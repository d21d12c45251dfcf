//! The settings of the engine.

use std::time::Duration;

use crate::broker::payload::Format;
use crate::nats::NatsServers;

/// The settings, after they were checked.
#[derive(Debug)]
pub(super) struct NatsSettings {
    pub(super) servers: NatsServers,
    pub(super) prefix: String,
    pub(super) stream: String,
    pub(super) pending: usize,
    pub(super) concurrency: usize,
    pub(super) ack_wait: Duration,
    pub(super) max_deliver: u64,
    pub(super) is_durable: bool,
    pub(super) format: Format,
}
