//! Sets that several tasks change.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

use super::{column, first};

/// A set of places below `WORDS` times 64, for tasks that share it.
///
/// Atomic only for `Sync`: the tasks are polled in turn.
#[derive(Debug)]
pub(in crate::__private) struct SharedBits<const WORDS: usize> {
    words: [AtomicU64; WORDS],
    /// Which words may hold anything.
    filled: AtomicU64,
}

impl<const WORDS: usize> SharedBits<WORDS> {
    #[inline]
    pub(in crate::__private) const fn none() -> Self {
        SharedBits {
            words: [const { AtomicU64::new(0) }; WORDS],
            filled: AtomicU64::new(0),
        }
    }

    #[inline]
    pub(in crate::__private) fn insert(&self, place: usize) {
        let (word, bit) = (place / 64, 1 << (place % 64));
        set(&self.words[word], |places| places | bit);
        set(&self.filled, |columns| columns | column(word));
    }

    #[inline]
    pub(in crate::__private) fn remove(&self, place: usize) {
        let (word, bit) = (place / 64, 1 << (place % 64));
        set(&self.words[word], |places| places & !bit);
        let mut sharing = (word % 64..WORDS).step_by(64);
        if sharing.all(|word| self.words[word].load(Relaxed) == 0) {
            set(&self.filled, |columns| columns & !column(word));
        }
    }

    #[inline]
    pub(in crate::__private) fn first(&self) -> Option<usize> {
        first::<WORDS>(self.filled.load(Relaxed), |word| {
            self.words[word].load(Relaxed)
        })
    }
}

#[inline]
fn set(word: &AtomicU64, to: impl FnOnce(u64) -> u64) {
    word.store(to(word.load(Relaxed)), Relaxed);
}

#[cfg(test)]
mod tests {
    use super::SharedBits;

    #[test]
    fn first_is_the_lowest_in_words_that_share_a_bit() {
        let bits = SharedBits::<130>::none();
        assert_eq!(bits.first(), None);
        // Words 2 and 66 share a bit, word 129 has that of word 1.
        let places = [129 * 64, 66 * 64 + 5, 3 * 64, 2 * 64 + 63];
        for place in places {
            bits.insert(place);
            assert_eq!(bits.first(), Some(place));
        }
        for place in places.into_iter().rev() {
            assert_eq!(bits.first(), Some(place));
            bits.remove(place);
        }
        assert_eq!(bits.first(), None);
    }
}
