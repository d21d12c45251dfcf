//! The source of a room's events from a server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{oneshot, watch};

use super::error::BusError;

/// The state of the task that feeds a room.
#[derive(Clone)]
pub(super) struct Feed {
    /// Whether the client has subscribed. Closed when the task has ended.
    pub(super) is_subscribed: watch::Receiver<bool>,
    /// Whether the receivers already know, since the last event, that the client has dropped messages.
    pub(super) has_overrun: Arc<AtomicBool>,
}

/// Dropping it stops the task.
pub(super) type StopOnDrop = oneshot::Sender<()>;

impl Feed {
    /// Waits until the client has subscribed: its later commands follow the subscription.
    pub(super) async fn subscribed(mut self) -> Result<(), BusError> {
        self.is_subscribed
            .wait_for(|&is_subscribed| is_subscribed)
            .await
            .map(drop)
            .map_err(|_| BusError::Closed)
    }

    /// # Errors
    ///
    /// If the task has ended, because the server refused the room or the bus is closed.
    pub(super) fn check(&self) -> Result<(), BusError> {
        self.is_subscribed
            .has_changed()
            .map(drop)
            .map_err(|_| BusError::Closed)
    }

    pub(super) async fn ended(mut self) {
        while self.is_subscribed.changed().await.is_ok() {}
    }

    /// Whether the receivers are still to be notified.
    pub(super) fn overruns(&self) -> bool {
        !self.has_overrun.swap(true, Ordering::Relaxed)
    }
}
