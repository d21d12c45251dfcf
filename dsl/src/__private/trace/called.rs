//! The spans of tasks that are bare calls.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::part::{ends, starts};
use super::site::Site;

/// A child that is a future of the user. It is created and dropped within the span of its task.
#[must_use = "futures do nothing unless polled"]
pub struct Called<'c, F, C, D> {
    /// `Some` from its first poll until it completes.
    future: Pin<&'c mut Option<F>>,
    /// `Some` until its first poll.
    call: Option<C>,
    site: &'static Site,
    dependencies: &'static str,
    is_done: D,
}

impl<'c, F: Future, C: FnOnce() -> F, D: Fn(&F::Output) -> bool> Called<'c, F, C, D> {
    #[inline]
    pub fn new(
        future: Pin<&'c mut Option<F>>,
        call: C,
        site: &'static Site,
        dependencies: &'static str,
        is_done: D,
    ) -> Self {
        Called {
            future,
            call: Some(call),
            site,
            dependencies,
            is_done,
        }
    }

    /// Mirrors `Pin::as_mut`.
    #[inline]
    pub fn as_mut(&mut self) -> Pin<&mut Self> {
        Pin::new(self)
    }
}

// The pinned future is elsewhere.
impl<F, C, D> Unpin for Called<'_, F, C, D> {}

impl<F: Future, C: FnOnce() -> F, D: Fn(&F::Output) -> bool> Future for Called<'_, F, C, D> {
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if let Some(call) = this.call.take() {
            starts(this.site, this.dependencies);
            this.future.set(Some(call()));
        }
        // A poll after completion is ignored.
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = future.poll(cx);
        if let Poll::Ready(output) = &polled {
            this.future.set(None);
            if (this.is_done)(output) {
                ends("done");
            }
        }
        polled
    }
}

impl<F, C, D> fmt::Debug for Called<'_, F, C, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Called").finish_non_exhaustive()
    }
}
