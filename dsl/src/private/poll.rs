//! The steps of a join that is written out in the `async` block around it.

use core::future::{Future, IntoFuture};
use core::pin::Pin;
use core::task::{Context, Poll};

/// What `.await` can follow, with a method that no type has by itself: rustc reports once what is none.
pub trait Awaited: IntoFuture {
    fn __awaited(self) -> Self::IntoFuture;
}

impl<F: IntoFuture> Awaited for F {
    #[inline]
    fn __awaited(self) -> Self::IntoFuture {
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
