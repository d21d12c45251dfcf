//! The interface of `wake.rs` where nothing can be allocated: whoever wakes one child wakes all.

use core::marker::PhantomData;
use core::ops::Deref;
use core::task::Waker;

/// The wakers of up to `WORDS` times 64 children.
#[derive(Debug, Default)]
pub struct Wakers<const GROUPS: usize, const WORDS: usize>;

impl<const GROUPS: usize, const WORDS: usize> Wakers<GROUPS, WORDS> {
    /// For any children.
    #[must_use]
    pub fn new() -> Self {
        Wakers
    }

    /// Begins a poll of the node: tells `woken` that all children were.
    #[inline]
    #[allow(clippy::unused_self, reason = "the other one has a state")]
    pub fn begin_poll(&mut self, _parent: &Waker, mut woken: impl FnMut(usize, u64)) {
        (0..WORDS).for_each(|word| woken(word, u64::MAX));
    }

    /// The waker for one poll of a child: the node's own.
    #[inline]
    #[allow(clippy::unused_self, reason = "the other one has a state")]
    pub fn lend<'a>(
        &'a mut self,
        _place: usize,
        parent: &'a Waker,
        _lent: &'a mut Option<Lent<'a>>,
    ) -> Borrowed<'a> {
        Borrowed(parent)
    }
}

/// Nothing: a child needs no state.
#[derive(Debug)]
pub struct Lent<'a>(PhantomData<&'a Waker>);

/// A waker that is lent for a poll.
#[derive(Debug)]
pub struct Borrowed<'a>(&'a Waker);

impl Deref for Borrowed<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        self.0
    }
}
