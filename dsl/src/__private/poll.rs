//! The steps of a join that is written out in the `async` block around it.

use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};

/// What `.await` can follow, with a method that no type has by itself: rustc reports once what is none.
pub trait Awaited: IntoFuture {
    fn __conjoin_awaited(self) -> Self::IntoFuture;
}

impl<F: IntoFuture> Awaited for F {
    #[inline]
    fn __conjoin_awaited(self) -> Self::IntoFuture {
        self.into_future()
    }
}

/// Polls a child once: what it says of itself is the output.
#[inline]
pub fn poll_once<F: Future>(child: Pin<&mut F>) -> PollOnce<'_, F> {
    PollOnce(child)
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct PollOnce<'c, F>(Pin<&'c mut F>);

impl<F: Future> Future for PollOnce<'_, F> {
    type Output = Poll<F::Output>;

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(self.0.as_mut().poll(cx))
    }
}

/// A child that is a future of the user's. As at an `.await`, it is dropped as soon as it completes, and with it what a
/// sibling may wait for.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Called<'c, F> {
    /// `None` once it has completed.
    future: Pin<&'c mut Option<F>>,
}

/// Makes the future of a child. In a debug build the future is on the stack while it moves to its place: here that is a
/// stack frame of its own, so that the frame around need not hold all children at once.
#[inline]
pub fn call<F>(call: impl FnOnce() -> F) -> Option<F> {
    Some(call())
}

impl<'c, F> Called<'c, F> {
    /// A child that [`call`] has made.
    #[inline]
    pub fn new(future: Pin<&'c mut Option<F>>) -> Self {
        Called { future }
    }

    /// As of a pinned future.
    #[inline]
    pub fn as_mut(&mut self) -> Pin<&mut Self> {
        Pin::new(self)
    }

    /// Whether it has completed, or was dropped.
    #[inline]
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.future.is_none()
    }

    /// Drops the future, whether it has completed or not.
    #[inline]
    pub fn drop_future(&mut self) {
        self.future.set(None);
    }
}

impl<F: Future> Future for Called<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        // Polled after its end, it says no more.
        let Some(future) = self.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = future.poll(cx);
        if polled.is_ready() {
            self.future.set(None);
        }
        polled
    }
}

/// Ends this poll of the graph. The children have seen to it that there will be another.
#[inline]
pub fn suspend() -> Suspend {
    Suspend { is_over: false }
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Suspend {
    is_over: bool,
}

impl Future for Suspend {
    type Output = ();

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.is_over {
            return Poll::Ready(());
        }
        self.is_over = true;
        Poll::Pending
    }
}

/// Which of `WIDTH` children is polled first: at each poll another one, so that a busy one cannot use up the runtime's
/// budget for the others.
///
/// A nested join turns once in `PACE` polls, the product of the widths around it, so that the two do not turn in step.
#[derive(Debug)]
pub struct Turn<const WIDTH: usize, const PACE: usize> {
    polls: usize,
}

impl<const WIDTH: usize, const PACE: usize> Turn<WIDTH, PACE> {
    /// After a first poll, which began with the first child.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Turn { polls: 0 }
    }

    /// The place of the child that is first at this poll.
    #[inline]
    pub fn step(&mut self) -> usize {
        self.polls = (self.polls + 1) % (WIDTH * PACE);
        self.polls / PACE
    }
}
