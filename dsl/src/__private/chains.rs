//! The chains of a gated part. Each is one future, which waits for other chains at its gates.

use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use core::task::{Context, Poll};

use crate::wake::{Lending, WORDS_OF_GROUP};

/// What the chains of a part tell each other. Tasks have a bit for each number, chains for each place.
///
/// Atomic only for `Sync`: the chains are polled in turn.
#[derive(Debug)]
pub struct Gates<const TASKS: usize, const CHAINS: usize> {
    /// The tasks that have ended, of those that other chains wait for.
    ended: [AtomicU64; TASKS],
    /// The chains that have not ended and do not wait at a gate. If there are none, all have ended: of the chains that wait, one
    /// would wait for nothing.
    running: [AtomicU64; CHAINS],
    /// The chains whose gates the chain that is polled has opened.
    opened: [AtomicU64; CHAINS],
}

impl<const TASKS: usize, const CHAINS: usize> Gates<TASKS, CHAINS> {
    /// The gates of a part. The chains in `running` do not begin with one.
    #[inline]
    #[must_use]
    pub fn new(running: [u64; CHAINS]) -> Self {
        Gates {
            ended: [const { AtomicU64::new(0) }; TASKS],
            running: running.map(AtomicU64::new),
            opened: [const { AtomicU64::new(0) }; CHAINS],
        }
    }

    /// A task has ended. This opens its gate for those of `chains`, in words, that wait.
    #[inline]
    pub fn end<const COUNT: usize>(&self, task: usize, chains: [(usize, u64); COUNT]) {
        add(&self.ended[task / 64], 1 << (task % 64));
        for (word, bits) in chains {
            let running = self.running[word].load(Relaxed);
            self.running[word].store(running | bits, Relaxed);
            add(&self.opened[word], bits & !running);
        }
    }

    /// Waits in the chain at a place until all tasks of these bits of a word have ended.
    #[inline]
    pub fn wait<const CHAIN: usize, const WORD: usize, const BITS: u64>(
        &self,
    ) -> Gate<'_, TASKS, CHAINS, CHAIN, WORD, BITS> {
        Gate { gates: self }
    }
}

#[inline]
fn add(word: &AtomicU64, bits: u64) {
    word.store(word.load(Relaxed) | bits, Relaxed);
}

#[inline]
fn remove(word: &AtomicU64, bits: u64) {
    word.store(word.load(Relaxed) & !bits, Relaxed);
}

/// Is ready when all tasks of a gate have ended. Until then, its chain waits.
///
/// What is constant is in its type. In a field, it would be stored in the chain, and loaded at each poll.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Gate<
    'g,
    const TASKS: usize,
    const CHAINS: usize,
    const CHAIN: usize,
    const WORD: usize,
    const BITS: u64,
> {
    gates: &'g Gates<TASKS, CHAINS>,
}

impl<
    const TASKS: usize,
    const CHAINS: usize,
    const CHAIN: usize,
    const WORD: usize,
    const BITS: u64,
> Future for Gate<'_, TASKS, CHAINS, CHAIN, WORD, BITS>
{
    type Output = ();

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let gates = self.gates;
        if gates.ended[WORD].load(Relaxed) & BITS == BITS {
            return Poll::Ready(());
        }
        remove(&gates.running[CHAIN / 64], 1 << (CHAIN % 64));
        Poll::Pending
    }
}

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

    /// Begins a poll of the part. It polls all chains that do not wait at a gate: those from `start` on, and then those
    /// before it.
    #[inline]
    pub fn begin_poll(&mut self, start: usize) -> Round<'g, TASKS, CHAINS> {
        let running = &self.gates.running;
        self.round(
            running.each_ref().map(|running| running.load(Relaxed)),
            start,
        )
    }

    /// The same for a poll in which only the woken are polled.
    #[inline]
    pub fn begin_poll_of<const GROUPS: usize>(
        &mut self,
        lending: &Lending<'_, GROUPS, CHAINS>,
        start: usize,
    ) -> Round<'g, TASKS, CHAINS> {
        let mut due = [0; CHAINS];
        for group in 0..GROUPS {
            let members = lending.group(group);
            let mut words = members.woken_words();
            while words != 0 {
                let word = words.trailing_zeros() as usize;
                words &= words - 1;
                let woken = members.woken_children(word);
                let word = group * WORDS_OF_GROUP + word;
                due[word] = woken & self.gates.running[word].load(Relaxed);
            }
        }
        self.round(due, start)
    }

    #[inline]
    fn round(&self, mut due: [u64; CHAINS], start: usize) -> Round<'g, TASKS, CHAINS> {
        let word = start / 64 % CHAINS;
        let from = u64::MAX << (start % 64);
        let before = due[word] & !from;
        due[word] &= from;
        Round {
            gates: self.gates,
            due,
            word,
            first_word: word,
            before,
        }
    }

    /// Whether all have ended.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        let mut running = self.gates.running.iter();
        running.all(|running| running.load(Relaxed) == 0)
    }
}

/// One poll of the part. It lives only during that poll, outside the future.
#[derive(Debug)]
pub struct Round<'g, const TASKS: usize, const CHAINS: usize> {
    gates: &'g Gates<TASKS, CHAINS>,
    /// The chains that are still to be polled.
    due: [u64; CHAINS],
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
            let due = self.due[self.word];
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
                self.due[self.word] = mem::take(&mut self.before);
                continue;
            }
            passed += 1;
            self.word = (self.word + 1) % CHAINS;
        }
    }

    /// Whether any chain is still due, if all are in one chunk, which has had a turn.
    #[inline]
    pub fn goes_on(&mut self) -> bool {
        self.due[0] |= mem::take(&mut self.before);
        self.due[0] != 0
    }

    /// Whether it is the turn of a chain that is due. It counts as polled from here on.
    #[inline]
    pub fn takes_turn(&mut self, chain: usize) -> bool {
        let (due, bit) = (&mut self.due[chain / 64], 1 << (chain % 64));
        let is_due = *due & bit != 0;
        *due &= !bit;
        is_due
    }

    /// The chains whose gates the last chain has opened are due.
    #[inline]
    pub fn goes_through_gates(&mut self) {
        for (due, opened) in self.due.iter_mut().zip(&self.gates.opened) {
            *due |= opened.load(Relaxed);
            opened.store(0, Relaxed);
        }
    }

    /// A chain has ended.
    #[inline]
    pub fn end(&mut self, chain: usize) {
        remove(&self.gates.running[chain / 64], 1 << (chain % 64));
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
        let gates = Gates::<1, 3>::new([u64::MAX, u64::MAX, 0b111]);
        let mut chains = Chains::new(&gates);
        for start in [0, 5, 64, 70, 130] {
            let mut round = chains.begin_poll(start);
            let all: Vec<_> = from_fn(|| next(&mut round)).collect();
            let expected: Vec<_> = (start..131).chain(0..start).collect();
            assert_eq!(all, expected);
        }
    }

    #[test]
    fn opened_chain_is_due_in_the_same_poll() {
        let gates = Gates::<1, 2>::new([!0b10, 0]);
        let mut chains = Chains::new(&gates);
        let mut round = chains.begin_poll(63);
        assert_eq!(next(&mut round), Some(63));
        gates.end(0, [(0, 0b10), (1, 1)]);
        round.goes_through_gates();
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
        let gates = Gates::<1, 1>::new([0b11]);
        let mut chains = Chains::new(&gates);
        let mut round = chains.begin_poll(1);
        assert_eq!(
            [0, 1, 2].map(|chain| round.takes_turn(chain)),
            [false, true, false]
        );
        gates.end(0, [(0, 0b100)]);
        round.goes_through_gates();
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
        let mut chains = Chains::new(&gates);
        let mut cx = Context::from_waker(Waker::noop());
        let mut chain = pin!(async {
            gates.wait::<1, 0, 1>().await;
            gates.wait::<1, 1, 0b11>().await;
        });
        assert!(chain.as_mut().poll(&mut cx).is_pending());
        let mut round = chains.begin_poll(0);
        assert_eq!(next(&mut round), Some(0));
        assert_eq!(next(&mut round), None);
        for (task, is_open) in [(64, false), (0, false), (65, true)] {
            gates.end(task, [(0, 0b10)]);
            round.goes_through_gates();
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
