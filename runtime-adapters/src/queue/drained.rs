//! The wait for the end of all work.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::runner::is_within;
use super::shared::Shared;

/// A future that is over when a queue has nothing left to do. See [`drained`](super::Queue::drained) and
/// [`close`](super::Queue::close). It does not keep the queue open.
///
/// It panics when it is awaited by a worker of that queue, which would wait for its own end: for ever.
#[must_use = "futures do nothing unless polled"]
pub struct Drained {
    wait: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// Which queue it is of.
    queue: usize,
}

impl Drained {
    pub(super) fn new<T, R, E>(shared: Arc<Shared<T, R, E>>) -> Self
    where
        T: Send + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        let queue = shared.address();
        let wait = Box::pin(async move {
            // Made before it looks: it is told from here on, so that nothing is missed in between.
            let notified = shared.drained.notified();
            let is_drained = shared.lock().is_drained();
            if !is_drained {
                notified.await;
            }
        });
        Drained { wait, queue }
    }
}

impl Future for Drained {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.wait.as_mut().poll(cx);
        // Better than never to be over.
        let is_in_vain = polled.is_pending() && is_within(self.queue);
        assert!(!is_in_vain, "a worker awaits that its own queue is drained: its own end");
        polled
    }
}

impl fmt::Debug for Drained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drained").finish_non_exhaustive()
    }
}
