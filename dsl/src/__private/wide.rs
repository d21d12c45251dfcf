//! Which of many children are to be polled, each with a waker of its own.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use crate::wake::{Lending, Lent, WORDS_OF_GROUP, WokenWords};

/// The children that have not ended, by their places, `WORDS` times 64 at most.
#[derive(Debug)]
pub struct Running<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Running<WORDS> {
    /// All of so many.
    #[inline]
    #[must_use]
    pub fn new(width: usize) -> Self {
        let mut running = [u64::MAX; WORDS];
        running[WORDS - 1] = u64::MAX >> (64 * WORDS - width);
        Running(running)
    }

    /// Whether all have ended.
    #[inline]
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    /// Begins a poll, in which the woken are polled, in chunks of so many. The one at `start` is the first of them.
    #[inline]
    pub fn begin_poll<'p, const CHUNK: usize, const GROUPS: usize>(
        &'p mut self,
        lending: &'p Lending<'_, GROUPS, WORDS>,
        start: usize,
    ) -> Chunks<'p, CHUNK, GROUPS, WORDS> {
        let mut chunks = Chunks {
            running: &mut self.0,
            lending,
            first_word: start / 64,
            from: u64::MAX << (start % 64),
            groups: 1,
            woken: lending.woken_words(start / 64 / WORDS_OF_GROUP),
            words: 0,
            word: 0,
            later: [0; 2],
            due: 0,
            lent: lending.lend(0),
        };
        chunks.words = chunks.woken.bits();
        if WORDS == 1 {
            chunks.turn_to(0, 0);
        }
        chunks
    }
}

/// The children that are still to be polled in one poll. One chunk of them has its turn.
#[derive(Debug)]
pub struct Chunks<'p, const CHUNK: usize, const GROUPS: usize, const WORDS: usize> {
    running: &'p mut [u64; WORDS],
    lending: &'p Lending<'p, GROUPS, WORDS>,
    first_word: usize,
    from: u64,
    /// How many groups have had their turn, the words of the last of them, and those of its words that have not.
    groups: usize,
    woken: WokenWords,
    words: u64,
    word: usize,
    /// Of the word, those that have not had their turn: from the first place on, and before it.
    later: [u64; 2],
    /// Of the chunk.
    due: u64,
    lent: Lent<'p>,
}

impl<const CHUNK: usize, const GROUPS: usize, const WORDS: usize> Chunks<'_, CHUNK, GROUPS, WORDS> {
    #[inline]
    fn turn_to(&mut self, group: usize, word: usize) {
        self.word = group * WORDS_OF_GROUP + word;
        let woken = self.lending.woken_children(group, self.woken, word);
        let due = woken & self.running[self.word];
        self.later = [due & self.from, due & !self.from];
    }

    /// The number of the next chunk.
    #[inline]
    pub fn next_chunk(&mut self) -> Option<usize> {
        loop {
            let [later, before] = &mut self.later;
            if *later == 0 {
                *later = mem::take(before);
            }
            if *later != 0 {
                let place = later.trailing_zeros() as usize;
                self.lent = self.lending.lend(self.word / WORDS_OF_GROUP);
                if CHUNK == 1 {
                    *later &= *later - 1;
                    return Some(self.word * 64 + place);
                }
                let first = place / CHUNK * CHUNK;
                self.due = *later >> first;
                *later &= !(((1 << CHUNK) - 1) << first);
                return Some((self.word * 64 + first) / CHUNK);
            }
            if WORDS == 1 {
                return None;
            }
            let first = self.first_word / WORDS_OF_GROUP;
            while self.words == 0 {
                if self.groups == GROUPS {
                    return None;
                }
                self.woken = self.lending.woken_words((first + self.groups) % GROUPS);
                self.words = self.woken.bits();
                self.groups += 1;
            }
            let from = self.first_word % WORDS_OF_GROUP;
            let later = self.words >> from << from;
            let word = if later == 0 { self.words } else { later }.trailing_zeros() as usize;
            self.words &= !(1 << word);
            self.turn_to((first + self.groups - 1) % GROUPS, word);
        }
    }

    /// Polls the child at a place of the chunk, if it is due.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub fn poll<F: Future>(&mut self, place: usize, child: Pin<&mut F>) -> Poll<F::Output> {
        if CHUNK > 1 && self.due & 1 << (place % CHUNK) == 0 {
            return Poll::Pending;
        }
        let waker = self.lent.waker(place);
        let polled = child.poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            self.running[place / 64] &= !(1 << (place % 64));
        }
        polled
    }
}

// Wakers are for models alone under loom.
#[cfg(all(test, not(loom)))]
mod tests {
    use core::future::poll_fn;
    use core::pin::pin;
    use core::task::{Poll, Waker};

    use super::{Lending, Running};
    use crate::wake::Wakers;

    /// The places that are polled in a poll which begins at `start`, if `ends` says of which children end.
    fn polled<const CHUNK: usize, const GROUPS: usize, const WORDS: usize>(
        running: &mut Running<WORDS>,
        lending: &Lending<'_, GROUPS, WORDS>,
        start: usize,
        ends: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let mut polled = Vec::new();
        let mut chunks = running.begin_poll::<CHUNK, GROUPS>(lending, start);
        while let Some(chunk) = chunks.next_chunk() {
            for place in (chunk * CHUNK..).take(CHUNK) {
                let child = pin!(poll_fn(|_| {
                    polled.push(place);
                    if ends(place) {
                        Poll::Ready(())
                    } else {
                        Poll::Pending
                    }
                }));
                let _ = chunks.poll(place, child);
            }
        }
        polled
    }

    #[test]
    fn round_starts_at_its_place_and_polls_each_once() {
        let mut wakers = Wakers::<2, 5>::new();
        let mut running = Running::<5>::new(300);
        let lending = wakers.begin_poll(Waker::noop());
        let all = polled::<1, 2, 5>(&mut running, &lending, 70, |_| false);
        assert_eq!(all[..2], [70, 71]);
        assert_eq!(all.len(), 300);
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..300));
        assert!(polled::<1, 2, 5>(&mut running, &lending, 70, |_| false).is_empty());
    }

    #[test]
    fn chunk_rotates_within_itself() {
        let mut wakers = Wakers::<1, 1>::new();
        let mut running = Running::<1>::new(12);
        let lending = wakers.begin_poll(Waker::noop());
        let all = polled::<8, 1, 1>(&mut running, &lending, 3, |_| false);
        assert_eq!(all, [3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2]);
    }

    #[test]
    fn ended_children_are_not_polled_again() {
        let mut wakers = Wakers::<1, 1>::new();
        let mut running = Running::<1>::new(9);
        let lending = wakers.begin_poll(Waker::noop());
        polled::<8, 1, 1>(&mut running, &lending, 0, |place| place != 4);
        assert!(!running.is_none());
        drop(lending);
        let lending = wakers.begin_poll(Waker::noop());
        (0..9).for_each(|place| lending.waker(place).wake_by_ref());
        assert_eq!(polled::<8, 1, 1>(&mut running, &lending, 0, |_| true), [4]);
        assert!(running.is_none());
    }
}
