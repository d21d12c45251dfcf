//! The future of the end of all work.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::self_wait::SelfWait;
use super::shared::QueueShared;
use super::wait_target::WaitTarget;

/// Completes when a queue has no work left. See [`drained`](super::JobQueue::drained) and
/// [`close`](super::JobQueue::close). It does not keep the queue open.
///
/// It panics when a worker of that queue awaits it, because the worker would wait for itself.
#[must_use = "futures do nothing unless polled"]
pub struct Drained {
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    wait: SelfWait,
}

impl Drained {
    pub(super) fn new<T, R, E>(shared: Arc<QueueShared<T, R, E>>) -> Self
    where
        T: Send + 'static,
        R: Send + 'static,
        E: Send + 'static,
    {
        let wait = SelfWait::new(shared.address(), WaitTarget::Drained);
        let end = Box::pin(async move {
            let before = {
                let state = shared.lock();
                if state.is_drained() {
                    return;
                }
                state.drains
            };
            loop {
                // Before the check, so that no notification is missed in between.
                let notified = shared.drained.notified();
                // A notification may be older than this future: it is sent without the lock, and items may be pushed
                // meanwhile.
                if shared.lock().drains != before {
                    return;
                }
                notified.await;
            }
        });
        Drained { end, wait }
    }
}

impl Future for Drained {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.end.as_mut().poll(cx);
        self.wait.register(cx, polled)
    }
}

impl fmt::Debug for Drained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drained").finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use futures::FutureExt;

    use crate::queue::Queue;

    #[tokio::test]
    async fn older_notification_does_not_complete_it() {
        let queue = Queue::builder(async |()| Ok::<_, ()>(())).paused().build();
        let handle = queue.push(());
        let mut drained = queue.drained();
        assert!((&mut drained).now_or_never().is_none());
        queue.owner.0.drained.notify_waiters();
        assert!((&mut drained).now_or_never().is_none());
        queue.resume();
        drained.await;
        assert_eq!(handle.now_or_never(), Some(Ok(())));
    }
}
