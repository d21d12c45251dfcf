//! The interface of `wake.rs` without allocations: a wake of one child polls all children.

use core::ops::Deref;
use core::task::Waker;

/// The words in which a group has a bit for each of its children.
pub(crate) const WORDS_OF_GROUP: usize = 4;

/// As with allocations.
pub(crate) const CHUNK: usize = 8;

/// The wakers of up to `WORDS` times 64 children.
#[derive(Debug, Default)]
pub struct Wakers<const GROUPS: usize, const WORDS: usize>;

impl<const GROUPS: usize, const WORDS: usize> Wakers<GROUPS, WORDS> {
    /// For any children.
    #[must_use]
    pub fn new() -> Self {
        Wakers
    }

    /// Begins a poll of the node, in which all children count as woken.
    #[inline]
    #[allow(clippy::unused_self, reason = "the other one has a state")]
    pub fn begin_poll<'p>(&'p mut self, parent: &'p Waker) -> Lending<'p, GROUPS, WORDS> {
        Lending(parent)
    }
}

/// A poll of the node, with its waker.
#[derive(Debug)]
pub struct Lending<'p, const GROUPS: usize, const WORDS: usize>(&'p Waker);

#[allow(clippy::unused_self, reason = "the other one has a state")]
impl<'p, const GROUPS: usize, const WORDS: usize> Lending<'p, GROUPS, WORDS> {
    #[inline]
    pub(crate) fn group(&self, group: usize) -> Members<'p, WORDS> {
        Members {
            group,
            parent: self.0,
        }
    }

    /// The waker for one poll of a child: the node's own.
    #[inline]
    #[must_use]
    pub fn waker(&self, _place: usize) -> Borrowed<'p> {
        Borrowed(self.0)
    }
}

/// The children of a group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'p, const WORDS: usize> {
    group: usize,
    parent: &'p Waker,
}

#[allow(clippy::unused_self, reason = "the other one has a state")]
impl<'p, const WORDS: usize> Members<'p, WORDS> {
    #[inline]
    pub(crate) fn woken_words(self) -> u64 {
        let of_group = WORDS_OF_GROUP.min(WORDS - self.group * WORDS_OF_GROUP);
        u64::MAX >> (64 - of_group)
    }

    #[inline]
    pub(crate) fn woken_children(self, _word: usize) -> u64 {
        u64::MAX
    }

    #[inline]
    pub(crate) fn lend(self, _place: usize) -> Lent<'p> {
        Lent(self.parent)
    }
}

/// The waker of all children.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lent<'p>(&'p Waker);

impl<'p> Lent<'p> {
    #[inline]
    pub(crate) fn waker(self, _place: usize) -> Borrowed<'p> {
        Borrowed(self.0)
    }
}

/// A waker that is lent for a poll.
#[derive(Debug)]
pub struct Borrowed<'p>(&'p Waker);

impl Deref for Borrowed<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        self.0
    }
}
