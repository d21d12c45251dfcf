//! Sets of places, which find their members without a look at every word.

#[cfg(feature = "alloc")]
mod shared;

#[cfg(feature = "alloc")]
pub(super) use self::shared::SharedBits;

/// A set of places below `WORDS` times 64.
#[derive(Debug)]
pub(super) struct Bits<const WORDS: usize> {
    words: [u64; WORDS],
    filled: u64,
}

/// The bit of a word in `filled`, which says whether the word holds anything. From 64 words on, several share a bit.
#[inline]
const fn column(word: usize) -> u64 {
    1 << (word % 64)
}

/// The first place in the words that are `filled`.
#[inline]
fn first<const WORDS: usize>(filled: u64, word: impl Fn(usize) -> u64) -> Option<usize> {
    for row in (0..WORDS).step_by(64) {
        let mut columns = filled;
        while columns != 0 {
            let place = row + columns.trailing_zeros() as usize;
            if place < WORDS && word(place) != 0 {
                return Some(place * 64 + word(place).trailing_zeros() as usize);
            }
            columns &= columns - 1;
        }
    }
    None
}

impl<const WORDS: usize> Bits<WORDS> {
    #[inline]
    pub(super) const fn none() -> Self {
        Bits {
            words: [0; WORDS],
            filled: 0,
        }
    }

    #[inline]
    pub(super) fn new(words: [u64; WORDS]) -> Self {
        let mut bits = Bits::none();
        for (word, places) in words.into_iter().enumerate() {
            bits.add(word, places);
        }
        bits
    }

    /// The places in a word.
    #[inline]
    pub(super) fn word(&self, word: usize) -> u64 {
        self.words[word]
    }

    #[inline]
    pub(super) fn add(&mut self, word: usize, places: u64) {
        self.words[word] |= places;
        if WORDS > 1 && places != 0 {
            self.filled |= column(word);
        }
    }

    #[inline]
    pub(super) fn remove(&mut self, word: usize, places: u64) {
        self.words[word] &= !places;
        if WORDS > 1 && self.words[word] == 0 {
            self.empty(word);
        }
    }

    /// Removes the places of a word.
    #[inline]
    pub(super) fn take(&mut self, word: usize) -> u64 {
        let places = self.words[word];
        self.remove(word, u64::MAX);
        places
    }

    /// Notes that a word holds nothing any more.
    #[inline]
    fn empty(&mut self, word: usize) {
        let mut sharing = (word % 64..WORDS).step_by(64);
        if sharing.all(|word| self.words[word] == 0) {
            self.filled &= !column(word);
        }
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        if WORDS == 1 {
            self.words[0] == 0
        } else {
            self.filled == 0
        }
    }

    #[inline]
    pub(super) fn first(&self) -> Option<usize> {
        let filled = if WORDS == 1 { 1 } else { self.filled };
        first::<WORDS>(filled, |word| self.words[word])
    }

    /// The next word that holds anything, after this one and then from the first one on.
    #[inline]
    pub(super) fn next_word(&self, word: usize) -> Option<usize> {
        if WORDS == 1 {
            return (self.words[0] != 0).then_some(0);
        }
        let later = self.filled & (u64::MAX << (word % 64) << 1);
        let columns = if later == 0 { self.filled } else { later };
        if columns == 0 {
            return None;
        }
        let mut sharing = (columns.trailing_zeros() as usize..WORDS).step_by(64);
        sharing.find(|&word| self.words[word] != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn first_is_the_lowest_in_words_that_share_a_bit() {
        let mut bits = Bits::<130>::none();
        assert_eq!(bits.first(), None);
        // Words 2 and 66 share a bit, word 129 has that of word 1.
        let places = [129 * 64, 66 * 64 + 5, 3 * 64, 2 * 64 + 63];
        for place in places {
            bits.add(place / 64, 1 << (place % 64));
            assert_eq!(bits.first(), Some(place));
        }
        for place in places.into_iter().rev() {
            assert_eq!(bits.first(), Some(place));
            assert!(!bits.is_empty());
            bits.remove(place / 64, 1 << (place % 64));
        }
        assert!(bits.is_empty());
        assert_eq!(bits.first(), None);
    }

    #[test]
    fn next_word_wraps_around_to_the_same() {
        let mut bits = Bits::<5>::new([0, 1, 0, 1 << 63, 0]);
        assert_eq!(
            [0, 1, 3, 4].map(|word| bits.next_word(word)),
            [1, 3, 1, 1].map(Some)
        );
        assert_eq!(bits.take(1), 1);
        assert_eq!(bits.next_word(3), Some(3));
        assert_eq!(bits.take(3), 1 << 63);
        assert_eq!(bits.next_word(3), None);
    }
}
