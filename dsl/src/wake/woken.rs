//! The bits of the children that were woken.

#[cfg(not(loom))]
use core::sync::atomic::{AtomicU64, Ordering};
#[cfg(loom)]
use loom::sync::atomic::{AtomicU64, Ordering};

use super::WORDS_OF_GROUP;

/// The children that were woken since the last look and, if there are several words, the words to look at.
#[derive(Debug)]
pub(super) struct Woken {
    pub(super) children: [AtomicU64; WORDS_OF_GROUP],
    pub(super) words: AtomicU64,
}

impl Woken {
    /// All or none, by all bits of a word.
    #[inline]
    pub(super) fn of(bits: u64) -> Self {
        Woken {
            children: core::array::from_fn(|_| AtomicU64::new(bits)),
            words: AtomicU64::new(bits),
        }
    }

    /// Adds children of a word. Returns whether they are the first since the last look.
    #[inline]
    pub(super) fn add<const HAS_WORDS: bool>(&self, word: usize, children: u64) -> bool {
        // The poll that takes the bit sees what this thread did before.
        self.children[word].fetch_or(children, Ordering::Release) == 0
            && (!HAS_WORDS || self.words.fetch_or(1 << word, Ordering::Release) == 0)
    }

    /// Adds a child that is being polled. Several threads may do so at once, but only for this child, so they store the
    /// same bits.
    #[inline]
    pub(super) fn add_polled<const HAS_WORDS: bool>(&self, bit: usize) {
        let children = &self.children[bit / 64];
        let known = children.load(Ordering::Relaxed);
        children.store(known | 1 << (bit % 64), Ordering::Relaxed);
        if HAS_WORDS {
            // It is cheaper to look at all of them once.
            self.words.store(u64::MAX, Ordering::Relaxed);
        }
    }

    /// Whether there are any, while no child is being polled.
    #[inline]
    pub(super) fn is_empty<const WORDS: usize>(&self) -> bool {
        let bits = if WORDS == 1 {
            &self.children[0]
        } else {
            &self.words
        };
        bits.load(Ordering::Relaxed) == 0
    }
}

/// Takes all bits, while no child is being polled.
#[inline]
pub(super) fn take(bits: &AtomicU64) -> u64 {
    let taken = bits.load(Ordering::Relaxed);
    bits.store(0, Ordering::Relaxed);
    taken
}
