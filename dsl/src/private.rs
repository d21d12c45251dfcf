//! What the expansion of `auto!` names. Not part of the public interface: it changes without notice.

pub use core::future::Future;
pub use core::option::Option::{self, None, Some};
pub use core::pin::pin;
pub use core::result::Result::{self, Err, Ok};
pub use core::task::Poll;
pub use std::sync::OnceLock;

pub use conjoin_macros::auto;

use core::pin::Pin;
use core::task::Context;

/// A future that polls others: `poll` is called at each poll of it, with the place in `0..WIDTH` to start at. This moves
/// on every `PACE` polls.
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
    /// Decides which child is polled first. It rotates for fairness: a busy child must not use up the runtime's budget for
    /// the others. A nested join rotates once in `PACE` polls, the product of the widths around it, so that the two do not
    /// turn in step.
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

/// The tasks of a gated part, by their places in it, `WORDS` times 64 at most: which of them run, which of those are
/// still to be polled in this poll of the part, and which have ended.
#[derive(Debug)]
pub struct Tasks<const WORDS: usize> {
    running: [u64; WORDS],
    due: [u64; WORDS],
    ended: [u64; WORDS],
    /// The place of the task that was polled last.
    at: usize,
}

impl<const WORDS: usize> Tasks<WORDS> {
    /// With the tasks that wait for nothing.
    #[inline]
    #[must_use]
    pub fn new(running: [u64; WORDS]) -> Self {
        Tasks { running, due: [0; WORDS], ended: [0; WORDS], at: 0 }
    }

    /// Begins a poll of the part.
    #[inline]
    pub fn begin_poll(&mut self, start: usize) {
        self.due = self.running;
        self.at = start;
    }

    /// The next task to be polled: upwards from the last one, and round once.
    #[inline]
    #[must_use]
    pub fn next_due(&mut self) -> Option<usize> {
        for round in 0..=WORDS {
            let word = (self.at / 64 + round) % WORDS;
            let from = if round == 0 { u64::MAX << (self.at % 64) } else { u64::MAX };
            let bits = self.due[word] & from;
            if bits != 0 {
                let bit = bits.trailing_zeros();
                self.due[word] &= !(1 << bit);
                self.at = word * 64 + bit as usize;
                return Some(self.at);
            }
        }
        None
    }

    #[inline]
    pub fn end(&mut self, task: usize) {
        self.running[task / 64] &= !(1 << (task % 64));
        self.ended[task / 64] |= 1 << (task % 64);
    }

    /// Starts a task if all those at its `gate`, of which one has just ended, have ended.
    #[inline]
    pub fn start_behind(&mut self, task: usize, gate: [u64; WORDS]) {
        if (0..WORDS).all(|word| self.ended[word] & gate[word] == gate[word]) {
            self.running[task / 64] |= 1 << (task % 64);
            self.due[task / 64] |= 1 << (task % 64);
        }
    }

    /// Whether none runs. Then none can start any more, and all have ended.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        self.running == [0; WORDS]
    }
}

/// The output of a child that has ended.
#[inline]
pub fn take<T>(output: &mut Option<T>) -> T {
    output.take().expect("a task that has ended has a value")
}

/// The value of a task that has ended, out of its slot.
#[inline]
pub fn into_value<T>(slot: OnceLock<T>) -> T {
    slot.into_inner().expect("a task that has ended has a value")
}

/// A reference to the value of a task that has ended.
#[inline]
pub fn lend<T>(slot: &OnceLock<T>) -> &T {
    slot.get().expect("a task starts after those that it depends on")
}

/// The value before a `?` in tail position, which is taken off.
#[inline]
pub fn fallible<R: Fallible<T, E>, T, E>(result: R) -> Result<T, E> {
    result.into_result()
}

/// What a `?` in tail position can follow. Only `Result` is it: the trait is for the message.
#[diagnostic::on_unimplemented(
    message = "the `?` at the end of a task needs a `Result`, found `{Self}`",
    label = "this is not a `Result`",
    note = "of a future, `.await` makes one: `fetch().await?`",
    note = "of an `Option`, an error for its `None` does: `find().ok_or(error)?`"
)]
pub trait Fallible<T, E> {
    fn into_result(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Fallible<T, E> for Result<T, E> {
    #[inline]
    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// The error of a task as the error of what is around it, which fails with `Expected`.
#[inline]
pub fn failed<T, Found, Expected: SameAs<Found>>(error: Found) -> Result<T, Expected> {
    Err(Expected::same(error))
}

/// Implemented by each type for itself: the trait is for the message.
#[diagnostic::on_unimplemented(
    message = "the tasks of a graph fail with one type of error: `{Self}` in one before this, `{Found}` here",
    label = "this fails with `{Found}`",
    note = "name an error that all of them convert into with `From`, at the top of the graph: `#![error(AppError)]`"
)]
pub trait SameAs<Found> {
    fn same(error: Found) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E> SameAs<E> for E {
    #[inline]
    fn same(error: E) -> E {
        error
    }
}
