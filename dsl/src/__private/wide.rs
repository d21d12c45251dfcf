//! The children of a wide node, and which of them to poll. Each has a waker of its own.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use super::poll::Turn;
use crate::wake::{CHUNK, Lending, Lent, Members, WORDS_OF_GROUP};

/// A future that polls the children of a wide node.
#[inline]
pub fn wide<T, F: FnMut(&mut Context<'_>) -> Poll<T>>(poll: F) -> Wide<F> {
    Wide(poll)
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Wide<F>(F);

// The children are pinned elsewhere; the function holds nothing but references to them.
impl<F> Unpin for Wide<F> {}

impl<T, F: FnMut(&mut Context<'_>) -> Poll<T>> Future for Wide<F> {
    type Output = T;

    // `core::future::PollFn` is not inlined.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        (self.0)(cx)
    }
}

/// From one more word on, it is cheaper to count the children than to look at all words.
const FEW: usize = 4;

/// The children that have not ended, of `WIDTH`, by their places in `WORDS` words.
#[derive(Debug)]
pub struct Running<const WORDS: usize, const WIDTH: usize, const PACE: usize> {
    words: [u64; WORDS],
    /// How many they are.
    count: usize,
    /// Decides which of several children is polled first. A poll of one child does not count.
    turn: Turn<WIDTH, PACE>,
}

impl<const WORDS: usize, const WIDTH: usize, const PACE: usize> Running<WORDS, WIDTH, PACE> {
    /// All children.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        let mut words = [u64::MAX; WORDS];
        words[WORDS - 1] = u64::MAX >> (64 * WORDS - WIDTH);
        Running {
            words,
            count: WIDTH,
            turn: Turn::new(),
        }
    }

    /// Whether all children have ended.
    #[inline]
    #[must_use]
    pub fn is_none(&self) -> bool {
        if WORDS <= FEW {
            self.words.iter().all(|&word| word == 0)
        } else {
            self.count == 0
        }
    }

    #[inline]
    fn end(&mut self, place: usize) {
        self.words[place / 64] &= !(1 << (place % 64));
        if WORDS > FEW {
            self.count -= 1;
        }
    }

    /// The place of the child that is first in a poll with several.
    #[inline]
    fn turn(&mut self) -> usize {
        let first = self.turn.place();
        self.turn.advance();
        first
    }

    /// Begins a poll of the woken children.
    #[inline]
    pub fn begin_poll<'p, const GROUPS: usize>(
        &'p mut self,
        lending: &'p Lending<'_, GROUPS, WORDS>,
    ) -> Chunks<'p, GROUPS, WORDS, WIDTH, PACE> {
        let members = lending.group(0);
        let mut chunks = Chunks {
            running: self,
            lending,
            start: 0,
            groups: GROUPS - 1,
            group: 0,
            members,
            words: 0,
            word: 0,
            due: 0,
            before: 0,
            at: usize::MAX,
            lent: members.lend(0),
        };
        if GROUPS > 1 {
            chunks.start = chunks.running.turn();
            chunks.turn_to_group(chunks.start / 64 / WORDS_OF_GROUP);
            return chunks;
        }
        chunks.words = chunks.members.woken_words();
        if WORDS > 1 && !chunks.words.is_power_of_two() {
            chunks.start = chunks.running.turn();
            return chunks;
        }
        let word = if WORDS == 1 {
            0
        } else {
            chunks.words.trailing_zeros() as usize
        };
        chunks.words = 0;
        let due = chunks.take(word);
        chunks.due = due;
        if due & due.wrapping_sub(1) != 0 {
            chunks.start = chunks.running.turn();
            chunks.split();
        }
        chunks
    }
}

/// The children that a poll still has to poll. One of them has its turn, and then those that follow it in its chunk.
#[derive(Debug)]
pub struct Chunks<
    'p,
    const GROUPS: usize,
    const WORDS: usize,
    const WIDTH: usize,
    const PACE: usize,
> {
    running: &'p mut Running<WORDS, WIDTH, PACE>,
    lending: &'p Lending<'p, GROUPS, WORDS>,
    /// The place of the first child, if there are several.
    start: usize,
    /// How many groups follow this one.
    groups: usize,
    group: usize,
    members: Members<'p, WORDS>,
    /// The words of the group that follow this one.
    words: u64,
    word: usize,
    /// The children of the word that follow: from the place of the start on, and those before it.
    due: u64,
    before: u64,
    /// The place of the child that has its turn, and the wakers of its chunk.
    at: usize,
    lent: Lent<'p>,
}

impl<const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize>
    Chunks<'_, GROUPS, WORDS, WIDTH, PACE>
{
    #[inline]
    fn turn_to_group(&mut self, group: usize) {
        self.group = group;
        self.members = self.lending.group(group);
        self.words = self.members.woken_words();
    }

    /// The children of a word that are due.
    #[inline]
    fn take(&mut self, word: usize) -> u64 {
        self.word = if GROUPS == 1 {
            word
        } else {
            self.group * WORDS_OF_GROUP + word
        };
        self.members.woken_children(word) & self.running.words[self.word]
    }

    #[inline]
    fn split(&mut self) {
        if WORDS == 1 || self.word == self.start / 64 {
            let from = u64::MAX << (self.start % 64);
            self.before = self.due & !from;
            self.due &= from;
        }
    }

    /// Finds children that follow, if there are none in `due`.
    #[inline]
    fn find(&mut self) -> bool {
        loop {
            self.due = mem::take(&mut self.before);
            if self.due != 0 {
                return true;
            }
            if WORDS == 1 {
                return false;
            }
            while self.words == 0 {
                if GROUPS == 1 || self.groups == 0 {
                    return false;
                }
                self.groups -= 1;
                self.turn_to_group((self.group + 1) % GROUPS);
            }
            let later = self.words & u64::MAX << (self.start / 64 % WORDS_OF_GROUP);
            let words = if later == 0 { self.words } else { later };
            let word = words.trailing_zeros() as usize;
            self.words &= !(1 << word);
            self.due = self.take(word);
            self.split();
            if self.due != 0 {
                return true;
            }
        }
    }

    /// The place of the next child, which has its turn.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub fn next_place(&mut self) -> Option<usize> {
        if self.due == 0 && !self.find() {
            return None;
        }
        // The other bit comes later, if at all. It tells LLVM how many places there are.
        let last = if WIDTH < 64 { 1 << (WIDTH - 1) } else { 0 };
        let place = (self.due | last).trailing_zeros() as usize;
        self.at = if WORDS == 1 {
            place
        } else {
            self.word * 64 + place
        };
        self.lent = self.members.lend(self.at);
        Some(self.at)
    }

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
            self.running.end(place);
        }
        // It is the first one that is due.
        self.due &= self.due - 1;
        let next = place + 1;
        let is_due = next % CHUNK != 0 && self.due & 1 << (next % 64) != 0;
        self.at = if is_due { next } else { usize::MAX };
        polled
    }
}

// Wakers are for models alone under loom.
#[cfg(all(test, not(loom)))]
mod tests {
    use core::future::poll_fn;
    use core::pin::pin;
    use core::task::{Poll, Waker};

    use super::{CHUNK, Lending, Running};
    use crate::wake::Wakers;

    /// The places that are polled. `ends` says which children end.
    fn polled<const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize>(
        running: &mut Running<WORDS, WIDTH, PACE>,
        lending: &Lending<'_, GROUPS, WORDS>,
        ends: impl Fn(usize) -> bool,
    ) -> Vec<usize> {
        let mut polled = Vec::new();
        let mut chunks = running.begin_poll(lending);
        while let Some(place) = chunks.next_place() {
            for place in (place / CHUNK * CHUNK..).take(CHUNK) {
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
        let mut running = Running::<5, 300, 1>::new();
        (0..70).for_each(|_| running.turn.advance());
        let lending = wakers.begin_poll(Waker::noop());
        let all = polled(&mut running, &lending, |_| false);
        assert_eq!(all[..2], [70, 71]);
        assert_eq!(all.len(), 300);
        let mut sorted = all.clone();
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..300));
        assert!(polled(&mut running, &lending, |_| false).is_empty());
    }

    #[test]
    fn each_child_comes_first_in_its_turn() {
        let mut wakers = Wakers::<1, 2>::new();
        let mut running = Running::<2, 66, 2>::new();
        for first in (0..66).chain([0]) {
            for _ in 0..2 {
                let lending = wakers.begin_poll(Waker::noop());
                let all = polled(&mut running, &lending, |_| false);
                assert_eq!(all[0], first);
                assert_eq!(all.len(), 66);
                for place in 0..66 {
                    lending.waker(place).wake_by_ref();
                }
            }
        }
    }

    #[test]
    fn chunk_rotates_within_itself() {
        let mut wakers = Wakers::<1, 1>::new();
        let mut running = Running::<1, 12, 1>::new();
        (0..3).for_each(|_| running.turn.advance());
        let lending = wakers.begin_poll(Waker::noop());
        let all = polled(&mut running, &lending, |_| false);
        assert_eq!(all, [3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2]);
    }

    #[test]
    fn lone_child_takes_no_turn() {
        let mut wakers = Wakers::<1, 1>::new();
        let mut running = Running::<1, 9, 1>::new();
        let mut poll_after = |woken: &[usize]| {
            let mut lending = wakers.begin_poll(Waker::noop());
            polled(&mut running, &lending, |_| false);
            for &place in woken {
                lending.waker(place).wake_by_ref();
            }
            drop(lending);
            lending = wakers.begin_poll(Waker::noop());
            polled(&mut running, &lending, |_| false)
        };
        assert_eq!(poll_after(&[8]), [8]);
        assert_eq!(poll_after(&[0, 1, 7, 8]), [1, 7, 8, 0]);
        assert_eq!(poll_after(&[0, 2]), [2, 0]);
    }

    #[test]
    fn ended_children_are_not_polled_again() {
        let mut wakers = Wakers::<1, 1>::new();
        let mut running = Running::<1, 9, 1>::new();
        let lending = wakers.begin_poll(Waker::noop());
        polled(&mut running, &lending, |place| place != 4);
        assert!(!running.is_none());
        drop(lending);
        let lending = wakers.begin_poll(Waker::noop());
        (0..9).for_each(|place| lending.waker(place).wake_by_ref());
        drop(lending);
        let lending = wakers.begin_poll(Waker::noop());
        assert_eq!(polled(&mut running, &lending, |_| true), [4]);
        assert!(running.is_none());
    }
}
