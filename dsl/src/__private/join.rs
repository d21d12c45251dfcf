//! The loop that polls several futures from one.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// A future that polls others: each poll calls `poll` with the index in `0..WIDTH` to start at. The index advances
/// every `PACE` polls.
#[inline]
pub fn join<const WIDTH: usize, const PACE: usize, T, F>(poll: F) -> Join<WIDTH, PACE, F>
where
    F: FnMut(&mut Context<'_>, usize) -> Poll<T>,
{
    Join { poll, polls: 0 }
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Join<const WIDTH: usize, const PACE: usize, F> {
    poll: F,
    /// Decides which child is polled first. It rotates, so that a busy child cannot use up the runtime's budget for the
    /// others. A nested join advances once in `PACE` polls, the product of the widths around it, so that the two do not
    /// rotate in step.
    polls: usize,
}

// The children are pinned elsewhere; `poll` holds nothing but references to them.
impl<const WIDTH: usize, const PACE: usize, F> Unpin for Join<WIDTH, PACE, F> {}

impl<const WIDTH: usize, const PACE: usize, T, F> Future for Join<WIDTH, PACE, F>
where
    F: FnMut(&mut Context<'_>, usize) -> Poll<T>,
{
    type Output = T;

    // `core::future::PollFn` is not inlined, which costs a third of a small join.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let polls = self.polls;
        let output = (self.poll)(cx, polls / PACE);
        if output.is_pending() {
            self.polls = (polls + 1) % (WIDTH * PACE);
        }
        output
    }
}
