//! What the handles of a broker share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio_util::sync::CancellationToken;

use super::engine::Engine;
use super::error::BrokerError;
use super::handlers::Handlers;

pub(super) struct BrokerInner {
    pub(super) engine: Engine,
    pub(super) handlers: Handlers,
    /// A permit for each call that may run, and their number.
    pub(super) permits: Arc<Semaphore>,
    pub(super) most: u32,
    pub(super) is_closing: AtomicBool,
    /// Ends the calls that still run after the grace of a shutdown.
    pub(super) cut_off: CancellationToken,
}

impl BrokerInner {
    /// Takes the permit for a call.
    pub(super) fn enter<E>(&self) -> Result<OwnedSemaphorePermit, BrokerError<E>> {
        let is_closing = || self.is_closing.load(Ordering::Relaxed);
        match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) if !is_closing() => Ok(permit),
            Err(TryAcquireError::NoPermits) if !is_closing() => Err(BrokerError::Busy),
            _ => Err(BrokerError::Closed),
        }
    }
}
