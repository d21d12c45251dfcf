//! A future that several waiters share, and that each of them can poll.
//!
//! No waiter is in charge of it. When it wakes, it wakes all waiters, and the first of them to be polled polls it.
//! Hence it makes progress as long as any waiter is polled, whatever happens to the others, and waiters that are polled
//! in the same round see its end in that round.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use super::self_wait::PollGuard;
use super::waiters::{WaiterSet, WaiterTicket};
use crate::sync::{Mutex, lock};

pub(super) struct SharedFuture<F> {
    wakes: Arc<WaiterSet>,
    /// `None` before its first poll, while it is polled, and after its end.
    future: Mutex<Option<Pin<Box<F>>>>,
}

impl<F> SharedFuture<F> {
    pub(super) fn new() -> Self {
        SharedFuture {
            wakes: Arc::new(WaiterSet::new()),
            future: Mutex::new(None),
        }
    }

    pub(super) fn wakes(&self) -> &Arc<WaiterSet> {
        &self.wakes
    }

    /// Takes the future out, when no waiter is left. Drop it without any lock.
    pub(super) fn abandon(&self) -> impl Sized + use<F> {
        lock(&self.future).take()
    }
}

impl<F: Future> SharedFuture<F> {
    /// Waits for the end of the future, and polls it if it was woken; `start` makes it. Its output, or its panic, is
    /// returned once, to one waiter, which then wakes the others if they have something to see.
    pub(super) fn poll(
        &self,
        ticket: &mut Option<WaiterTicket>,
        waker: &Waker,
        start: impl FnOnce() -> F,
    ) -> Poll<thread::Result<F::Output>> {
        if !self.wakes.wait(ticket, waker) {
            return Poll::Pending;
        }
        let polled = catch_unwind(AssertUnwindSafe(|| {
            let _polling = PollGuard::enter(&self.wakes);
            let known = lock(&self.future).take();
            let mut future = known.unwrap_or_else(|| Box::pin(start()));
            let waker = Waker::from(Arc::clone(&self.wakes));
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker));
            if polled.is_pending() {
                *lock(&self.future) = Some(future);
            }
            polled
        }));
        match polled {
            Ok(Poll::Pending) => {
                self.wakes.polled();
                Poll::Pending
            }
            Ok(Poll::Ready(output)) => {
                self.wakes.ended();
                Poll::Ready(Ok(output))
            }
            Err(payload) => {
                self.wakes.ended();
                Poll::Ready(Err(payload))
            }
        }
    }
}

impl<F> fmt::Debug for SharedFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedFuture")
            .field("wakes", &self.wakes)
            .finish_non_exhaustive()
    }
}
