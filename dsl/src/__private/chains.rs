//! The chains of a gated part. Each is one future, which waits for other chains at its gates.

use core::mem;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

use super::poll::{Suspend, suspend};
use crate::wake::{Lending, WORDS_OF_GROUP};

/// What the chains of a part tell each other. Tasks have a bit for each number, chains for each place.
///
/// Atomic only for `Sync`: the chains are polled in turn.
#[derive(Debug)]
pub struct Gates<const TASKS: usize, const CHAINS: usize> {
    /// The tasks that have ended, of those that other chains wait for.
    ended: [AtomicU64; TASKS],
    /// The chains that wait at a gate.
    waiting: [AtomicU64; CHAINS],
    /// The chains that this poll of the part still has to poll.
    due: [AtomicU64; CHAINS],
}

impl<const TASKS: usize, const CHAINS: usize> Gates<TASKS, CHAINS> {
    /// The gates of a part. The chains in `waiting` begin with one.
    #[inline]
    #[must_use]
    pub fn new(waiting: [u64; CHAINS]) -> Self {
        Gates {
            ended: [const { AtomicU64::new(0) }; TASKS],
            waiting: waiting.map(AtomicU64::new),
            due: [const { AtomicU64::new(0) }; CHAINS],
        }
    }

    /// A task has ended. Those of `chains`, in words, that wait at a gate are due.
    #[inline]
    pub fn end<const COUNT: usize>(&self, task: usize, chains: [(usize, u64); COUNT]) {
        set(&self.ended[task / 64], 1 << (task % 64));
        for (word, bits) in chains {
            let waiting = self.waiting[word].load(Relaxed);
            self.waiting[word].store(waiting & !bits, Relaxed);
            set(&self.due[word], waiting & bits);
        }
    }

    /// Whether all tasks of a gate, in words, have ended.
    #[inline]
    #[must_use]
    pub fn are_open<const COUNT: usize>(&self, gate: [(usize, u64); COUNT]) -> bool {
        let is_open = |(word, bits): (usize, u64)| self.ended[word].load(Relaxed) & bits == bits;
        gate.into_iter().all(is_open)
    }

    /// Waits in a chain until one of the tasks that it waits for has ended.
    #[inline]
    pub fn wait(&self, chain: usize) -> Suspend {
        set(&self.waiting[chain / 64], 1 << (chain % 64));
        suspend()
    }
}

#[inline]
fn set(word: &AtomicU64, bits: u64) {
    word.store(word.load(Relaxed) | bits, Relaxed);
}

/// A piece of a chain: a closure that makes its future, and that is called once.
#[inline]
pub fn piece<P, F>(piece: P) -> P
where
    P: FnOnce() -> F,
{
    piece
}

/// The chains of a part that have not ended.
#[derive(Debug)]
pub struct Chains<'g, const TASKS: usize, const CHAINS: usize> {
    running: [u64; CHAINS],
    gates: &'g Gates<TASKS, CHAINS>,
}

impl<'g, const TASKS: usize, const CHAINS: usize> Chains<'g, TASKS, CHAINS> {
    /// All of so many.
    #[inline]
    #[must_use]
    pub fn new(count: usize, gates: &'g Gates<TASKS, CHAINS>) -> Self {
        let mut running = [u64::MAX; CHAINS];
        running[CHAINS - 1] = u64::MAX >> (64 * CHAINS - count);
        Chains { running, gates }
    }

    /// Begins a poll of the part. It polls all chains that do not wait at a gate: those from `start` on, and then those
    /// before it.
    #[inline]
    pub fn begin_poll(&mut self, start: usize) -> Round<'_, TASKS, CHAINS> {
        for word in 0..CHAINS {
            self.set_due(word, u64::MAX);
        }
        self.round(start)
    }

    /// The same for a poll in which only the woken are polled.
    #[inline]
    pub fn begin_poll_of<const GROUPS: usize>(
        &mut self,
        lending: &Lending<'_, GROUPS, CHAINS>,
        start: usize,
    ) -> Round<'_, TASKS, CHAINS> {
        for group in 0..GROUPS {
            let members = lending.group(group);
            let mut words = members.woken_words();
            while words != 0 {
                let word = words.trailing_zeros() as usize;
                words &= words - 1;
                let woken = members.woken_children(word);
                self.set_due(group * WORDS_OF_GROUP + word, woken);
            }
        }
        self.round(start)
    }

    #[inline]
    fn set_due(&self, word: usize, chains: u64) {
        let waiting = self.gates.waiting[word].load(Relaxed);
        self.gates.due[word].store(chains & self.running[word] & !waiting, Relaxed);
    }

    #[inline]
    fn round(&mut self, start: usize) -> Round<'_, TASKS, CHAINS> {
        let word = start / 64 % CHAINS;
        let from = u64::MAX << (start % 64);
        let due = &self.gates.due[word];
        let all = due.load(Relaxed);
        due.store(all & from, Relaxed);
        Round {
            running: &mut self.running,
            gates: self.gates,
            word,
            first_word: word,
            before: all & !from,
        }
    }

    /// Whether all have ended.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        self.running.iter().all(|&running| running == 0)
    }
}

/// One poll of the part. It lives only during that poll, outside the future.
#[derive(Debug)]
pub struct Round<'r, const TASKS: usize, const CHAINS: usize> {
    running: &'r mut [u64; CHAINS],
    gates: &'r Gates<TASKS, CHAINS>,
    word: usize,
    first_word: usize,
    /// Of the first word, the due chains before the first one.
    before: u64,
}

impl<const TASKS: usize, const CHAINS: usize> Round<'_, TASKS, CHAINS> {
    /// The number of a chunk of `CHUNK` places in which a chain is due.
    #[inline]
    pub fn next_chunk<const CHUNK: usize>(&mut self) -> Option<usize> {
        let mut passed = 0;
        loop {
            let due = &self.gates.due[self.word];
            let bits = due.load(Relaxed);
            if bits != 0 {
                let place = self.word * 64 + bits.trailing_zeros() as usize;
                return Some(place / CHUNK);
            }
            // Those before the first one come last.
            if passed == CHAINS {
                if self.before == 0 {
                    return None;
                }
                self.word = self.first_word;
                let before = mem::take(&mut self.before);
                self.gates.due[self.word].store(before, Relaxed);
                continue;
            }
            passed += 1;
            self.word = (self.word + 1) % CHAINS;
        }
    }

    /// Whether any chain is still due, if all are in one chunk, which has had a turn.
    #[inline]
    pub fn goes_on(&mut self) -> bool {
        let due = &self.gates.due[0];
        let before = mem::take(&mut self.before);
        let bits = due.load(Relaxed) | before;
        due.store(bits, Relaxed);
        bits != 0
    }

    /// Whether it is the turn of a chain that is due. It counts as polled from here on.
    #[inline]
    pub fn takes_turn(&mut self, chain: usize) -> bool {
        let due = &self.gates.due[chain / 64];
        let (bits, bit) = (due.load(Relaxed), 1 << (chain % 64));
        if bits & bit == 0 {
            return false;
        }
        due.store(bits & !bit, Relaxed);
        true
    }

    /// A chain has ended.
    #[inline]
    pub fn end(&mut self, chain: usize) {
        self.running[chain / 64] &= !(1 << (chain % 64));
    }
}

// Under loom, wakers work only in models.
#[cfg(all(test, not(loom)))]
mod tests {
    use core::future::Future;
    use core::iter::from_fn;
    use core::pin::pin;
    use core::task::{Context, Waker};

    use super::{Chains, Gates, Round};
    use crate::wake::Wakers;

    /// The next chain that is polled.
    fn next<const TASKS: usize, const CHAINS: usize>(
        round: &mut Round<'_, TASKS, CHAINS>,
    ) -> Option<usize> {
        let chain = round.next_chunk::<1>()?;
        assert!(round.takes_turn(chain));
        assert!(!round.takes_turn(chain));
        Some(chain)
    }

    #[test]
    fn round_starts_at_its_place_and_wraps_around() {
        let gates = Gates::<1, 3>::new([0; 3]);
        let mut chains = Chains::new(131, &gates);
        for start in [0, 5, 64, 70, 130] {
            let mut round = chains.begin_poll(start);
            let all: Vec<_> = from_fn(|| next(&mut round)).collect();
            let expected: Vec<_> = (start..131).chain(0..start).collect();
            assert_eq!(all, expected);
        }
    }

    #[test]
    fn opened_chain_is_due_in_the_same_poll() {
        let gates = Gates::<1, 2>::new([0b10, 1]);
        let mut chains = Chains::new(65, &gates);
        let mut round = chains.begin_poll(63);
        assert_eq!(next(&mut round), Some(63));
        gates.end(0, [(0, 0b10), (1, 1)]);
        let rest: Vec<_> = from_fn(|| next(&mut round)).collect();
        assert_eq!(rest[..3], [1, 64, 0]);
        assert_eq!(rest.len(), 64);
        for chain in 0..65 {
            assert!(!chains.none_runs());
            chains.begin_poll(0).end(chain);
        }
        assert!(chains.none_runs());
    }

    #[test]
    fn single_chunk_goes_on_while_a_chain_is_due() {
        let gates = Gates::<1, 1>::new([0b100]);
        let mut chains = Chains::new(3, &gates);
        let mut round = chains.begin_poll(1);
        assert_eq!(
            [0, 1, 2].map(|chain| round.takes_turn(chain)),
            [false, true, false]
        );
        gates.end(0, [(0, 0b100)]);
        assert!(round.goes_on());
        assert_eq!(
            [0, 1, 2].map(|chain| round.takes_turn(chain)),
            [true, false, true]
        );
        assert!(!round.goes_on());
    }

    #[test]
    fn chain_waits_until_its_whole_gate_is_open() {
        let gates = Gates::<2, 1>::new([0]);
        let mut chains = Chains::new(2, &gates);
        let mut cx = Context::from_waker(Waker::noop());
        let gate = [(0, 1), (1, 0b11)];
        let mut chain = pin!(async {
            while !gates.are_open(gate) {
                gates.wait(1).await;
            }
        });
        assert!(chain.as_mut().poll(&mut cx).is_pending());
        let mut round = chains.begin_poll(0);
        assert_eq!(next(&mut round), Some(0));
        assert_eq!(next(&mut round), None);
        for (task, is_open) in [(64, false), (0, false), (65, true)] {
            gates.end(task, [(0, 0b10)]);
            assert_eq!(next(&mut round), Some(1));
            assert_eq!(chain.as_mut().poll(&mut cx).is_ready(), is_open);
        }
    }

    #[test]
    fn waiting_chain_is_not_polled_when_it_is_woken() {
        let gates = Gates::<1, 1>::new([0b10]);
        let mut chains = Chains::new(2, &gates);
        let mut wakers = Wakers::<1, 1>::new();
        let lending = wakers.begin_poll(Waker::noop());
        let mut round = chains.begin_poll_of(&lending, 0);
        assert_eq!(next(&mut round), Some(0));
        assert_eq!(next(&mut round), None);
    }
}
