//! A wide node: many futures that run concurrently in one future. Each has a waker of its own, and a poll polls those that
//! were woken.
//!
//! The children are pinned elsewhere, because a node that holds them would be large, and move as it is made. They are polled
//! in chunks, each by a closure of its own: so rustc soon knows the types in it. Of one closure for all, it revisits each
//! open type for each child.

mod chunk;
#[cfg(all(test, not(loom)))]
mod tests;

use core::fmt;
use core::future::Future;
use core::mem;
use core::num::NonZero;
use core::pin::Pin;
use core::task::{Context, Poll};

pub use self::chunk::{Chunk, Failing, Step, Turns};
use self::chunk::{NONE, values};
use super::poll::Turn;
use crate::wake::{CHUNK, Lending, Members, WORDS_OF_GROUP, Wakers};

/// Joins many futures. It resolves to their values when all have completed, or to the failure of the first that fails.
#[must_use = "futures do nothing unless polled"]
pub struct Wide<F, const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize> {
    step: F,
    wakers: Wakers<GROUPS, WORDS>,
    running: Running<WORDS, WIDTH, PACE>,
}

impl<F, const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize>
    Wide<F, GROUPS, WORDS, WIDTH, PACE>
{
    #[inline]
    fn new(step: F) -> Self {
        Wide {
            step,
            wakers: Wakers::new(),
            running: Running::new(),
        }
    }
}

// The children are pinned elsewhere; the function holds nothing but references to them.
impl<F, const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize> Unpin
    for Wide<F, GROUPS, WORDS, WIDTH, PACE>
{
}

impl<F, V, R, const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize> Future
    for Wide<F, GROUPS, WORDS, WIDTH, PACE>
where
    F: FnMut(usize, Option<&mut Turns<'_>>) -> Step<V, R>,
{
    type Output = Result<V, R>;

    // LLVM takes it for too large.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        {
            let lending = this.wakers.begin_poll(cx.waker());
            let mut woken = this.running.begin_poll(&lending);
            while let Some(chunk) = woken.next_chunk() {
                if let Step::Failed(failure) = (this.step)(chunk, Some(&mut woken.turns)) {
                    return Poll::Ready(Err(failure));
                }
            }
        }
        if this.running.is_none() {
            Poll::Ready(Ok(values((this.step)(0, None))))
        } else {
            Poll::Pending
        }
    }
}

impl<F, const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize> fmt::Debug
    for Wide<F, GROUPS, WORDS, WIDTH, PACE>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wide")
            .field("wakers", &self.wakers)
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}

/// From one more word on, it is cheaper to count the children than to look at all words.
const FEW: usize = 4;

/// The children that have not ended, of `WIDTH`, by their places in `WORDS` words.
#[derive(Debug)]
struct Running<const WORDS: usize, const WIDTH: usize, const PACE: usize> {
    words: [u64; WORDS],
    /// How many they are.
    count: usize,
    /// Decides which of several children is polled first. A poll of one child does not count.
    turn: Turn<WIDTH, PACE>,
}

impl<const WORDS: usize, const WIDTH: usize, const PACE: usize> Running<WORDS, WIDTH, PACE> {
    /// All children.
    #[inline]
    fn new() -> Self {
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
    fn is_none(&self) -> bool {
        if WORDS <= FEW {
            self.words.iter().all(|&word| word == 0)
        } else {
            self.count == 0
        }
    }

    /// Begins a poll of the woken children.
    #[inline]
    fn begin_poll<'p, const GROUPS: usize>(
        &'p mut self,
        lending: &'p Lending<'_, GROUPS, WORDS>,
    ) -> Woken<'p, GROUPS, WORDS, WIDTH, PACE> {
        let members = lending.group(0);
        let mut woken = Woken {
            count: &mut self.count,
            turn: &mut self.turn,
            lending,
            start: 0,
            groups: GROUPS - 1,
            group: 0,
            members,
            words: 0,
            word: 0,
            before: 0,
            turns: Turns {
                due: 0,
                at: NONE,
                running: &mut self.words,
                ended: 0,
                lent: members.lend(0),
            },
        };
        if GROUPS > 1 {
            woken.start = woken.take_turn();
            woken.turn_to_group(woken.start / 64 / WORDS_OF_GROUP);
            return woken;
        }
        woken.words = woken.members.woken_words();
        if WORDS > 1 && !woken.words.is_power_of_two() {
            woken.start = woken.take_turn();
            return woken;
        }
        let word = if WORDS == 1 {
            0
        } else {
            woken.words.trailing_zeros() as usize
        };
        woken.words = 0;
        let due = woken.take(word);
        woken.turns.due = due;
        if due & due.wrapping_sub(1) != 0 {
            woken.start = woken.take_turn();
            woken.split();
        }
        woken
    }
}

/// The children that a poll still has to poll, chunk by chunk.
#[derive(Debug)]
struct Woken<'p, const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize> {
    /// How many children run.
    count: &'p mut usize,
    turn: &'p mut Turn<WIDTH, PACE>,
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
    /// The children of the word before the start, which come last.
    before: u64,
    turns: Turns<'p>,
}

impl<const GROUPS: usize, const WORDS: usize, const WIDTH: usize, const PACE: usize>
    Woken<'_, GROUPS, WORDS, WIDTH, PACE>
{
    /// The place of the child that is first in a poll with several.
    #[inline]
    fn take_turn(&mut self) -> usize {
        let first = self.turn.place();
        self.turn.advance();
        first
    }

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
        self.members.woken_children(word) & self.turns.running[self.word]
    }

    #[inline]
    fn split(&mut self) {
        if WORDS == 1 || self.word == self.start / 64 {
            let from = u64::MAX << (self.start % 64);
            self.before = self.turns.due & !from;
            self.turns.due &= from;
        }
    }

    /// Finds children that follow, if no more are due in the word.
    #[inline]
    fn find(&mut self) -> bool {
        loop {
            self.turns.due = mem::take(&mut self.before);
            if self.turns.due != 0 {
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
            self.turns.due = self.take(word);
            self.split();
            if self.turns.due != 0 {
                return true;
            }
        }
    }

    /// The number of the chunk of the next child, which has its turn.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn next_chunk(&mut self) -> Option<usize> {
        if WORDS > FEW {
            *self.count -= mem::take(&mut self.turns.ended);
        }
        if self.turns.due == 0 && !self.find() {
            return None;
        }
        // LLVM should know how many chunks there are.
        let place = if WORDS == 1 && WIDTH == 64 {
            NonZero::new(self.turns.due)?.trailing_zeros()
        } else {
            // The other bit comes later, if at all.
            let last = if WORDS == 1 { 1 << (WIDTH - 1) } else { 0 };
            (self.turns.due | last).trailing_zeros()
        };
        let place = place as usize;
        self.turns.at = if WORDS == 1 {
            place
        } else {
            self.word * 64 + place
        };
        self.turns.lent = self.members.lend(self.turns.at);
        Some(self.turns.at / CHUNK)
    }
}
