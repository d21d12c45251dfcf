//! The lifetime of a chain, and the task that runs a spawned one.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake};

use super::chain::Chain;

/// The promises of a chain share one. Dropping the last one ends the chain, unless a driver finishes what is left.
pub(super) struct ChainHandle(pub(super) Arc<Chain>);

impl ChainHandle {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(ChainHandle(Chain::new()))
    }
}

impl Drop for ChainHandle {
    fn drop(&mut self) {
        if self.0.is_driven() {
            self.0.wake_by_ref();
        } else {
            self.0.close();
        }
    }
}

/// The future that [`run_on`](super::Promise::run_on) spawns. It runs the handlers of a chain, and completes when no
/// work is left and all promises of the chain have been dropped.
///
/// If it is dropped early, for example by a runtime that shuts down, the pending promises of the chain are rejected
/// with [`Dropped`](crate::CallbackError::Dropped), and that drop calls the closures of
/// [`finally`](super::Promise::finally) that have not run.
#[must_use = "futures do nothing unless polled"]
pub struct Driver {
    /// `None` if the chain has another driver.
    chain: Option<Arc<Chain>>,
    handle: Weak<ChainHandle>,
    key: Option<usize>,
}

impl Driver {
    pub(super) fn new(handle: &Arc<ChainHandle>) -> Self {
        let chain = Arc::clone(&handle.0);
        Driver {
            chain: chain.claim().then_some(chain),
            handle: Arc::downgrade(handle),
            key: None,
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Some(chain) = &this.chain else {
            return Poll::Ready(());
        };
        chain.drive(&mut this.key, cx);
        // In this order: without promises, no new work can come.
        if this.handle.strong_count() == 0 && chain.is_idle() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(chain) = &self.chain {
            if let Some(key) = self.key {
                chain.leave(key);
            }
            chain.close();
        }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver")
            .field("promises", &self.handle.strong_count())
            .finish_non_exhaustive()
    }
}
