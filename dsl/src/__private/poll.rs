//! The steps of a join that is written out in the `async` block around it.

use core::fmt;
use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};

/// The operands of `.await`, with a method that no type has itself: so rustc reports a value that is no future once.
pub trait Awaited: IntoFuture {
    fn __conjoin_awaited(self) -> Self::IntoFuture;
}

impl<F: IntoFuture> Awaited for F {
    #[inline]
    fn __conjoin_awaited(self) -> Self::IntoFuture {
        self.into_future()
    }
}

/// Polls a child once. The output is the result of that poll.
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

/// A child that is a future of the user. As at an `.await`, it drops as soon as it completes, because a sibling may
/// wait for something that it holds.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Called<'c, F> {
    /// `None` once it has completed.
    future: Pin<&'c mut Option<F>>,
}

/// Creates the future of a child. In a debug build, the future is on the stack while it moves to its place. This
/// function gives it a stack frame of its own, so that the caller's frame does not hold all children at once.
#[inline]
pub fn call<F>(call: impl FnOnce() -> F) -> Option<F> {
    Some(call())
}

impl<'c, F> Called<'c, F> {
    /// A child that [`call`] has created.
    #[inline]
    pub fn new(future: Pin<&'c mut Option<F>>) -> Self {
        Called { future }
    }

    /// Mirrors `Pin::as_mut`.
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
        // A poll after completion is ignored.
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

/// A child that is a call of the user. The call is made at the first poll: a sibling may end the graph before. As at an
/// `.await`, its future drops as soon as it completes, because a sibling may wait for something that it holds.
#[must_use = "futures do nothing unless polled"]
pub struct Call<'c, C, F> {
    /// `Some` until its first poll.
    call: Option<C>,
    /// `Some` from its first poll until it completes.
    future: Pin<&'c mut Option<F>>,
}

impl<'c, C: FnOnce() -> F, F: Future> Call<'c, C, F> {
    #[inline]
    pub fn new(future: Pin<&'c mut Option<F>>, call: C) -> Self {
        let call = Some(call);
        Call { call, future }
    }

    /// Mirrors `Pin::as_mut`.
    #[inline]
    pub fn as_mut(&mut self) -> Pin<&mut Self> {
        Pin::new(self)
    }
}

// The pinned future is elsewhere.
impl<C, F> Unpin for Call<'_, C, F> {}

impl<C: FnOnce() -> F, F: Future> Future for Call<'_, C, F> {
    type Output = F::Output;

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        if let Some(call) = this.call.take() {
            this.future.set(Some(call()));
        }
        // A poll after completion is ignored.
        let Some(future) = this.future.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = future.poll(cx);
        if polled.is_ready() {
            this.future.set(None);
        }
        polled
    }
}

impl<C, F> fmt::Debug for Call<'_, C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

/// Ends this poll of the graph. The children have arranged for another one.
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

/// Decides which of `WIDTH` children is polled first: another one at each poll, so that a busy child cannot use up the
/// runtime's budget for the others.
///
/// A nested join advances once in `PACE` polls, the product of the widths around it, so that the two do not rotate in
/// step.
#[derive(Debug)]
pub struct Turn<const WIDTH: usize, const PACE: usize> {
    polls: usize,
}

impl<const WIDTH: usize, const PACE: usize> Turn<WIDTH, PACE> {
    /// At the first poll, which begins with the first child.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Turn { polls: 0 }
    }

    /// The place of the child that is first at this poll.
    #[inline]
    #[must_use]
    pub fn place(&self) -> usize {
        self.polls / PACE
    }

    /// Another poll is next.
    #[inline]
    pub fn advance(&mut self) {
        self.polls = (self.polls + 1) % (WIDTH * PACE);
    }

    /// The place of the child that is first at the next poll.
    #[inline]
    pub fn step(&mut self) -> usize {
        self.advance();
        self.place()
    }
}
