//! The loop that polls several futures from one.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::poll::Turn;

/// A future that polls others: each poll calls `poll` with the index in `0..WIDTH` to start at. The index advances
/// every `PACE` polls.
#[inline]
pub fn join<const WIDTH: usize, const PACE: usize, T, F>(poll: F) -> Join<WIDTH, PACE, F>
where
    F: FnMut(&mut Context<'_>, usize) -> Poll<T>,
{
    Join {
        poll,
        turn: Turn::new(),
    }
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Join<const WIDTH: usize, const PACE: usize, F> {
    poll: F,
    turn: Turn<WIDTH, PACE>,
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
        let start = self.turn.place();
        let output = (self.poll)(cx, start);
        if output.is_pending() {
            self.turn.advance();
        }
        output
    }
}
