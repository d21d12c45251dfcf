//! What feeds a room from elsewhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{oneshot, watch};

use super::error::BusError;

/// What is known of a room's task.
#[derive(Clone)]
pub(super) struct Feed {
    /// Whether the client was told to subscribe. Closed when the task has ended.
    pub(super) is_subscribed: watch::Receiver<bool>,
    /// Whether the receivers were told that the client has dropped something, since the last event.
    pub(super) has_overrun: Arc<AtomicBool>,
}

/// Dropping it stops the task.
pub(super) type StopOnDrop = oneshot::Sender<()>;

impl Feed {
    /// What the client is told after this comes after the subscription.
    pub(super) async fn subscribed(mut self) -> Result<(), BusError> {
        self.is_subscribed
            .wait_for(|&is_subscribed| is_subscribed)
            .await
            .map(drop)
            .map_err(|_| BusError::Closed)
    }

    /// # Errors
    ///
    /// When the task has ended, because the server has refused the room, or the bus is closed.
    pub(super) fn check(&self) -> Result<(), BusError> {
        self.is_subscribed
            .has_changed()
            .map(drop)
            .map_err(|_| BusError::Closed)
    }

    pub(super) async fn ended(mut self) {
        while self.is_subscribed.changed().await.is_ok() {}
    }

    /// Whether the receivers are still to be told.
    pub(super) fn overruns(&self) -> bool {
        !self.has_overrun.swap(true, Ordering::Relaxed)
    }
}
