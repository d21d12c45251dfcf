//! The children of a wide node, and which of them to poll. Each has a waker of its own.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::bits::Bits;
use crate::wake::{Lending, Lent, Members, WORDS_OF_GROUP};

/// The children that have not ended, by their places, `WORDS` times 64 at most.
#[derive(Debug)]
pub struct Running<const WORDS: usize>(Bits<WORDS>);

impl<const WORDS: usize> Running<WORDS> {
    /// All of `width` children.
    #[inline]
    #[must_use]
    pub fn new(width: usize) -> Self {
        let mut running = [u64::MAX; WORDS];
        running[WORDS - 1] = u64::MAX >> (64 * WORDS - width);
        Running(Bits::new(running))
    }

    /// Whether all children have ended.
    #[inline]
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Begins a poll of the woken children, in chunks of `CHUNK`. The one at `start` comes first.
    #[inline]
    pub fn begin_poll<'p, const CHUNK: usize, const GROUPS: usize>(
        &'p mut self,
        lending: &'p Lending<'_, GROUPS, WORDS>,
        start: usize,
    ) -> Chunks<'p, CHUNK, GROUPS, WORDS> {
        let group = start / 64 / WORDS_OF_GROUP;
        let members = lending.group(group);
        let lent = members.lend();
        let mut chunks = Chunks {
            running: &mut self.0,
            lending,
            start,
            groups: GROUPS - 1,
            group,
            members,
            words: members.woken_words(),
            word: 0,
            later: 0,
            before: 0,
            lent,
            due: 0,
            wakers: lent.of(0),
        };
        if WORDS == 1 && chunks.words != 0 {
            chunks.turn_to(0);
        }
        chunks
    }
}

/// The children that a poll still has to poll. One chunk of them has its turn.
#[derive(Debug)]
pub struct Chunks<'p, const CHUNK: usize, const GROUPS: usize, const WORDS: usize> {
    running: &'p mut Bits<WORDS>,
    lending: &'p Lending<'p, GROUPS, WORDS>,
    start: usize,
    /// How many groups follow this one.
    groups: usize,
    group: usize,
    members: Members<'p, WORDS>,
    /// The words of the group that follow this one.
    words: u64,
    word: usize,
    /// The children of the word that follow this chunk: from the place of the start on, and before it.
    later: u64,
    before: u64,
    /// The wakers of the group.
    lent: Lent<'p>,
    /// The due children of the chunk, and the wakers of the chunk. If the wakers' addresses did not depend on the chunk, LLVM
    /// would compute those of all children before the loop.
    due: u64,
    wakers: Lent<'p, CHUNK>,
}

impl<const CHUNK: usize, const GROUPS: usize, const WORDS: usize> Chunks<'_, CHUNK, GROUPS, WORDS> {
    #[inline]
    fn turn_to(&mut self, word: usize) {
        self.word = if GROUPS == 1 {
            word
        } else {
            self.group * WORDS_OF_GROUP + word
        };
        let woken = self.members.woken_children(word);
        let due = woken & self.running.word(self.word);
        let from = u64::MAX << (self.start % 64);
        self.later = due & from;
        self.before = due & !from;
    }

    /// Finds children that follow, if there are none in `later`.
    #[inline]
    fn find(&mut self) -> bool {
        loop {
            self.later = mem::take(&mut self.before);
            if self.later != 0 {
                return true;
            }
            if WORDS == 1 {
                return false;
            }
            while self.words == 0 {
                if self.groups == 0 {
                    return false;
                }
                self.groups -= 1;
                self.group = (self.group + 1) % GROUPS;
                self.members = self.lending.group(self.group);
                self.words = self.members.woken_words();
                self.lent = self.members.lend();
            }
            let later = self.words & u64::MAX << (self.start / 64 % WORDS_OF_GROUP);
            let words = if later == 0 { self.words } else { later };
            let word = words.trailing_zeros() as usize;
            self.words &= !(1 << word);
            self.turn_to(word);
            if self.later != 0 {
                return true;
            }
        }
    }

    /// The number of the next chunk.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub fn next_chunk(&mut self) -> Option<usize> {
        if self.later == 0 && !self.find() {
            return None;
        }
        let place = self.later.trailing_zeros() as usize;
        let first = place / CHUNK * CHUNK;
        if CHUNK == 1 {
            self.later &= self.later - 1;
        } else {
            self.due = self.later >> first;
            self.later &= !(((1 << CHUNK) - 1) << first);
        }
        let first = self.word * 64 + first;
        self.wakers = self.lent.of(first);
        Some(first / CHUNK)
    }

    /// Polls the child at a place in the chunk, if it is due.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub fn poll<F: Future>(&mut self, place: usize, child: Pin<&mut F>) -> Poll<F::Output> {
        if CHUNK > 1 && self.due & 1 << (place % CHUNK) == 0 {
            return Poll::Pending;
        }
        let waker = self.wakers.waker(place);
        let polled = child.poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            self.running.remove(place / 64, 1 << (place % 64));
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

    /// The places that are polled in a poll that begins at `start`. `ends` says which children end.
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
