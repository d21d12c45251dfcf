//! A chunk of the children of a wide node.
//!
//! The way to a chunk takes ten instructions, and the way from a child to the next one in the chunk two, if that one is
//! due.

use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::Wide;
use crate::__private::outcome::Whole;
use crate::wake::{CHUNK, Lent};

/// The failure of a node, which is the same type for all chunks: an outcome without a value.
pub struct Failing<R>(PhantomData<fn() -> R>);

impl<R: Whole<()>> Failing<R> {
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Failing(PhantomData)
    }
}

impl<R> Failing<R> {
    /// One of several chunks. `step` polls its children, or takes their values if it gets no turns.
    #[inline]
    pub fn chunk<F, V>(&self, step: F) -> Chunk<F>
    where
        F: FnMut(Option<&mut Turns<'_>>) -> Step<V, R>,
    {
        Chunk(step)
    }

    /// The node. `step` polls the children of a chunk, or takes the values of all if it gets no turns.
    #[inline]
    pub fn wide<
        const GROUPS: usize,
        const WORDS: usize,
        const WIDTH: usize,
        const PACE: usize,
        F,
        V,
    >(
        &self,
        step: F,
    ) -> Wide<F, GROUPS, WORDS, WIDTH, PACE>
    where
        F: FnMut(usize, Option<&mut Turns<'_>>) -> Step<V, R>,
    {
        Wide::new(step)
    }
}

/// What a step results in.
#[derive(Debug)]
pub enum Step<V, R> {
    /// No child has failed.
    Polled,
    Failed(R),
    Values(V),
}

pub struct Chunk<F>(F);

impl<F, V, R> Chunk<F>
where
    F: FnMut(Option<&mut Turns<'_>>) -> Step<V, R>,
{
    /// Polls the children that have their turns, until one of them fails.
    #[inline]
    pub fn poll<W>(&mut self, turns: &mut Turns<'_>) -> Step<W, R> {
        match (self.0)(Some(turns)) {
            Step::Failed(failure) => Step::Failed(failure),
            Step::Polled | Step::Values(_) => Step::Polled,
        }
    }

    /// The values of the children, which have all completed.
    #[inline]
    pub fn values(&mut self) -> V {
        values((self.0)(None))
    }
}

/// What a step without turns takes.
#[inline]
pub(super) fn values<V, R>(step: Step<V, R>) -> V {
    match step {
        Step::Values(values) => values,
        Step::Polled | Step::Failed(_) => unreachable!("a step without turns takes values"),
    }
}

/// No child.
pub(super) const NONE: usize = usize::MAX;

/// The children that are due. One of them has its turn, and then those that follow it in its chunk.
#[derive(Debug)]
pub struct Turns<'p> {
    /// Those of the word.
    pub(super) due: u64,
    /// The place of the one that has its turn. It is the first that is due.
    pub(super) at: usize,
    /// All that have not ended, by their words.
    pub(super) running: &'p mut [u64],
    /// How many have ended since the last look.
    pub(super) ended: usize,
    /// The wakers of the chunk.
    pub(super) lent: Lent<'p>,
}

impl Turns<'_> {
    /// Polls the child at a place, if it has its turn. Then the next one in the chunk has it, if it is due.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub fn poll<F: Future>(&mut self, place: usize, child: Pin<&mut F>) -> Poll<F::Output> {
        if self.at != place {
            return Poll::Pending;
        }
        let waker = self.lent.waker(place);
        let polled = child.poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            self.running[place / 64] &= !(1 << (place % 64));
            self.ended += 1;
        }
        self.due &= self.due - 1;
        let next = place + 1;
        let is_due = next % CHUNK != 0 && self.due & 1 << (next % 64) != 0;
        self.at = if is_due { next } else { NONE };
        polled
    }
}

impl<R> fmt::Debug for Failing<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failing").finish()
    }
}

impl<F> fmt::Debug for Chunk<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunk").finish_non_exhaustive()
    }
}
