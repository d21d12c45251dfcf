//! The spans of tasks that are nothing but a call.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::part::{ends, starts};
use super::site::Site;

/// A child that is a future of the user's. It is made and dropped within the span of its task.
#[must_use = "futures do nothing unless polled"]
pub struct Called<'c, F: Future, C> {
    /// Once it has been polled, until it has completed.
    future: Pin<&'c mut Option<F>>,
    /// Until it has been polled.
    call: Option<C>,
    site: &'static Site,
    dependencies: &'static str,
    is_done: fn(&F::Output) -> bool,
}

impl<'c, F: Future, C: FnOnce() -> F> Called<'c, F, C> {
    #[inline]
    pub fn new(
        future: Pin<&'c mut Option<F>>,
        call: C,
        site: &'static Site,
        dependencies: &'static str,
        is_done: fn(&F::Output) -> bool,
    ) -> Self {
        Called {
            future,
            call: Some(call),
            site,
            dependencies,
            is_done,
        }
    }

    /// As of a pinned future.
    #[inline]
    pub fn as_mut(&mut self) -> Pin<&mut Self> {
        Pin::new(self)
    }
}

// What is pinned is elsewhere.
impl<F: Future, C> Unpin for Called<'_, F, C> {}

impl<F: Future, C: FnOnce() -> F> Future for Called<'_, F, C> {
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if let Some(call) = this.call.take() {
            starts(this.site, this.dependencies);
            this.future.set(Some(call()));
        }
        // Polled after its end, it says no more.
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

impl<F: Future, C> fmt::Debug for Called<'_, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Called").finish_non_exhaustive()
    }
}
