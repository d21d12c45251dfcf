//! The wait for the end of all work.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::self_wait::{SelfWait, WaitTarget};
use super::shared::QueueShared;

/// A future that is over when a queue has nothing left to do. See [`drained`](super::Queue::drained) and
/// [`close`](super::Queue::close). It does not keep the queue open.
///
/// It panics when it is awaited by a worker of that queue, which would wait for its own end: for ever.
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
                // Made before it looks: it is told from here on, so that nothing is missed in between.
                let notified = shared.drained.notified();
                // What it is told may be of a time before it asked: the lock is free then, and items are pushed.
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
        self.wait.note(cx, polled)
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

    /// Who ends the last item tells so without the lock: by then another item may be there, and somebody who waits.
    #[tokio::test]
    async fn what_is_told_of_a_time_before_it_asked_does_not_end_it() {
        let queue = Queue::builder(async |()| Ok::<_, ()>(())).paused().build();
        let pushed = queue.push(());
        let mut drained = queue.drained();
        assert!((&mut drained).now_or_never().is_none());
        queue.owner.0.drained.notify_waiters();
        assert!((&mut drained).now_or_never().is_none());
        queue.resume();
        drained.await;
        assert_eq!(pushed.now_or_never(), Some(Ok(())));
    }
}
