//! The loop over many chains of a gated part.

use core::mem;

use super::gates::Gates;
use crate::wake::{Lending, WORDS_OF_GROUP};

/// A piece of a chain: a closure that makes its future, and that is called once.
#[inline]
pub fn piece<P, F>(piece: P) -> P
where
    P: FnOnce() -> F,
{
    piece
}

/// The loop over the chains of a part.
#[derive(Debug)]
pub struct Chains<'g, const TASKS: usize, const CHAINS: usize> {
    gates: &'g Gates<TASKS, CHAINS>,
}

impl<'g, const TASKS: usize, const CHAINS: usize> Chains<'g, TASKS, CHAINS> {
    #[inline]
    #[must_use]
    pub fn new(gates: &'g Gates<TASKS, CHAINS>) -> Self {
        Chains { gates }
    }

    /// Begins a poll of the part. It polls the chains that were woken and do not wait at a gate: those from `start` on, and then
    /// those before it.
    #[inline]
    pub fn begin_poll_of<const GROUPS: usize>(
        &mut self,
        lending: &Lending<'_, GROUPS, CHAINS>,
        start: usize,
    ) -> Round<'g, TASKS, CHAINS> {
        (0..CHAINS).for_each(|word| self.gates.begin_poll(word, 0));
        for group in 0..GROUPS {
            let members = lending.group(group);
            let mut words = members.woken_words();
            while words != 0 {
                let word = words.trailing_zeros() as usize;
                words &= words - 1;
                let woken = members.woken_children(word);
                self.gates.begin_poll(group * WORDS_OF_GROUP + word, woken);
            }
        }
        self.round(start)
    }

    #[inline]
    fn round(&self, start: usize) -> Round<'g, TASKS, CHAINS> {
        let word = start / 64 % CHAINS;
        let from = u64::MAX << (start % 64);
        let before = self.gates.hold_back(word, !from);
        Round {
            gates: self.gates,
            word,
            first_word: word,
            before,
        }
    }

    /// Whether all have ended.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        self.gates.none_runs()
    }
}

/// One poll of the part. It lives only during that poll, outside the future.
#[derive(Debug)]
pub struct Round<'g, const TASKS: usize, const CHAINS: usize> {
    gates: &'g Gates<TASKS, CHAINS>,
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
            let due = self.gates.due(self.word);
            if due != 0 {
                let place = self.word * 64 + due.trailing_zeros() as usize;
                return Some(place / CHUNK);
            }
            // Those before the first one come last.
            if passed == CHAINS {
                if self.before == 0 {
                    return None;
                }
                self.word = self.first_word;
                self.gates.make_due(self.word, mem::take(&mut self.before));
                continue;
            }
            passed += 1;
            self.word = (self.word + 1) % CHAINS;
        }
    }

    /// Whether any chain is still due, if all are in one chunk, which has had a turn.
    #[inline]
    pub fn goes_on(&mut self) -> bool {
        self.gates.make_due(0, mem::take(&mut self.before));
        self.gates.due(0) != 0
    }

    /// Whether it is the turn of a chain that is due. It counts as polled from here on.
    #[inline]
    pub fn takes_turn(&mut self, chain: usize) -> bool {
        self.gates.takes_turn(chain)
    }

    /// A chain has ended.
    #[inline]
    pub fn end(&mut self, chain: usize) {
        self.gates.rest(chain);
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

    /// A poll in which all chains are woken.
    fn all_woken<const TASKS: usize, const CHAINS: usize>(
        gates: &Gates<TASKS, CHAINS>,
        start: usize,
    ) -> Round<'_, TASKS, CHAINS> {
        (0..CHAINS).for_each(|word| gates.begin_poll(word, u64::MAX));
        Chains::new(gates).round(start)
    }

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
        let gates = Gates::<1, 3>::new([u64::MAX, u64::MAX, 0b111]);
        for start in [0, 5, 64, 70, 130] {
            let mut round = all_woken(&gates, start);
            let all: Vec<_> = from_fn(|| next(&mut round)).collect();
            let expected: Vec<_> = (start..131).chain(0..start).collect();
            assert_eq!(all, expected);
        }
    }

    #[test]
    fn opened_chain_is_due_in_the_same_poll() {
        let gates = Gates::<1, 2>::new([!0b10, 0]);
        let chains = Chains::new(&gates);
        let mut round = all_woken(&gates, 63);
        assert_eq!(next(&mut round), Some(63));
        gates.end(0, [(0, 0b10), (1, 1)]);
        let rest: Vec<_> = from_fn(|| next(&mut round)).collect();
        assert_eq!(rest[..3], [1, 64, 0]);
        assert_eq!(rest.len(), 64);
        for chain in 0..65 {
            assert!(!chains.none_runs());
            all_woken(&gates, 0).end(chain);
        }
        assert!(chains.none_runs());
    }

    #[test]
    fn single_chunk_goes_on_while_a_chain_is_due() {
        let gates = Gates::<1, 1>::new([0b11]);
        let mut round = all_woken(&gates, 1);
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
        let gates = Gates::<2, 1>::new([0b11]);
        let mut cx = Context::from_waker(Waker::noop());
        let mut chain = pin!(async {
            gates.wait(128).await;
            gates.wait(192).await;
            gates.wait(193).await;
        });
        assert!(chain.as_mut().poll(&mut cx).is_pending());
        let mut round = all_woken(&gates, 0);
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
        let gates = Gates::<1, 1>::new([1]);
        let mut chains = Chains::new(&gates);
        let mut wakers = Wakers::<1, 1>::new();
        let lending = wakers.begin_poll(Waker::noop());
        let mut round = chains.begin_poll_of(&lending, 0);
        assert_eq!(next(&mut round), Some(0));
        assert_eq!(next(&mut round), None);
    }
}
