//! The chains of a gated part, of which each is one future that waits for others at its gates.

use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use core::task::{Context, Poll};

use super::Due;
use crate::wake::Lending;

/// What the chains of a part tell each other: which of the tasks that some of them wait for have ended, by their numbers,
/// and which chains wait at a gate, by their places.
///
/// Atomic only for `Sync`: the chains are polled in turn.
#[derive(Debug)]
pub struct Gates<const TASKS: usize, const CHAINS: usize> {
    ended: [AtomicU64; TASKS],
    waiting: [AtomicU64; CHAINS],
    /// Those that no longer wait, and are to be polled in this very poll.
    opened: [AtomicU64; CHAINS],
}

impl<const TASKS: usize, const CHAINS: usize> Gates<TASKS, CHAINS> {
    /// With the chains that begin at a gate.
    #[inline]
    #[must_use]
    pub fn new(waiting: [u64; CHAINS]) -> Self {
        Gates {
            ended: [const { AtomicU64::new(0) }; TASKS],
            waiting: waiting.map(AtomicU64::new),
            opened: [const { AtomicU64::new(0) }; CHAINS],
        }
    }

    /// A task has ended, which chains wait for, in words.
    #[inline]
    pub fn end<const COUNT: usize>(&self, task: usize, chains: [(usize, u64); COUNT]) {
        set(&self.ended[task / 64], 1 << (task % 64));
        for (word, bits) in chains {
            let waiting = self.waiting[word].load(Relaxed);
            if waiting & bits != 0 {
                self.waiting[word].store(waiting & !bits, Relaxed);
                set(&self.opened[word], waiting & bits);
            }
        }
    }

    /// Waits in a chain until all tasks of a gate, in words, have ended.
    #[inline]
    pub fn pass<const COUNT: usize>(
        &self,
        chain: usize,
        gate: [(usize, u64); COUNT],
    ) -> Pass<'_, TASKS, CHAINS, COUNT> {
        Pass {
            gates: self,
            chain,
            gate,
        }
    }
}

#[inline]
fn set(word: &AtomicU64, bits: u64) {
    word.store(word.load(Relaxed) | bits, Relaxed);
}

#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Pass<'g, const TASKS: usize, const CHAINS: usize, const COUNT: usize> {
    gates: &'g Gates<TASKS, CHAINS>,
    chain: usize,
    gate: [(usize, u64); COUNT],
}

impl<const TASKS: usize, const CHAINS: usize, const COUNT: usize> Future
    for Pass<'_, TASKS, CHAINS, COUNT>
{
    type Output = ();

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let gates = self.gates;
        let is_open = |&(word, bits): &(usize, u64)| gates.ended[word].load(Relaxed) & bits == bits;
        if self.gate.iter().all(is_open) {
            return Poll::Ready(());
        }
        set(&gates.waiting[self.chain / 64], 1 << (self.chain % 64));
        Poll::Pending
    }
}

/// The chains of a part, by their places in it: which have not ended.
#[derive(Debug)]
pub struct Chains<'g, const TASKS: usize, const CHAINS: usize> {
    running: [u64; CHAINS],
    gates: &'g Gates<TASKS, CHAINS>,
}

impl<'g, const TASKS: usize, const CHAINS: usize> Chains<'g, TASKS, CHAINS> {
    /// With all of them.
    #[inline]
    #[must_use]
    pub fn new(running: [u64; CHAINS], gates: &'g Gates<TASKS, CHAINS>) -> Self {
        Chains { running, gates }
    }

    #[inline]
    fn polled(&self, word: usize) -> u64 {
        self.running[word] & !self.gates.waiting[word].load(Relaxed)
    }

    /// Begins a poll of the part, in which all are polled that do not wait at a gate: those from `start` on, and then those
    /// before it.
    #[inline]
    #[must_use]
    pub fn begin_poll(&self, start: usize) -> Due<CHAINS> {
        Due::all(|word| self.polled(word), start)
    }

    /// The same for a poll in which only the woken are polled.
    #[inline]
    #[must_use]
    pub fn begin_poll_of<const GROUPS: usize>(
        &self,
        lending: &Lending<'_, GROUPS, CHAINS>,
        start: usize,
    ) -> Due<CHAINS> {
        Due::woken(lending, |word| self.polled(word), start)
    }

    /// The next chain to be polled. Those whose gates have opened are among them.
    #[inline]
    #[must_use]
    pub fn next_due(&self, due: &mut Due<CHAINS>) -> Option<usize> {
        for (word, opened) in self.gates.opened.iter().enumerate() {
            let bits = opened.load(Relaxed);
            if bits != 0 {
                opened.store(0, Relaxed);
                due.add(word, bits);
            }
        }
        due.next()
    }

    #[inline]
    pub fn end(&mut self, chain: usize) {
        self.running[chain / 64] &= !(1 << (chain % 64));
    }

    /// Whether all have ended.
    #[inline]
    #[must_use]
    pub fn none_runs(&self) -> bool {
        self.running.iter().all(|&running| running == 0)
    }
}

// Wakers are for models alone under loom.
#[cfg(all(test, not(loom)))]
mod tests {
    use core::future::Future;
    use core::iter::from_fn;
    use core::pin::pin;
    use core::task::{Context, Waker};

    use super::{Chains, Gates};
    use crate::wake::Wakers;

    #[test]
    fn opened_chain_is_due_in_the_same_poll() {
        let gates = Gates::<1, 2>::new([0b10, 1]);
        let mut chains = Chains::new([0b111, 1], &gates);
        let mut due = chains.begin_poll(1);
        assert_eq!(chains.next_due(&mut due), Some(2));
        gates.end(0, [(0, 0b10), (1, 1)]);
        let rest: Vec<_> = from_fn(|| chains.next_due(&mut due)).collect();
        assert_eq!(rest, [64, 0, 1]);
        for chain in [0, 1, 2, 64] {
            assert!(!chains.none_runs());
            chains.end(chain);
        }
        assert!(chains.none_runs());
    }

    #[test]
    fn chain_waits_until_its_whole_gate_is_open() {
        let gates = Gates::<2, 1>::new([0]);
        let chains = Chains::new([0b11], &gates);
        let mut cx = Context::from_waker(Waker::noop());
        let mut pass = pin!(gates.pass(1, [(0, 1), (1, 0b11)]));
        assert!(pass.as_mut().poll(&mut cx).is_pending());
        let mut due = chains.begin_poll(0);
        assert_eq!(chains.next_due(&mut due), Some(0));
        assert_eq!(chains.next_due(&mut due), None);
        for (task, is_open) in [(64, false), (0, false), (65, true)] {
            gates.end(task, [(0, 0b10)]);
            assert_eq!(chains.next_due(&mut due), Some(1));
            assert_eq!(pass.as_mut().poll(&mut cx).is_ready(), is_open);
        }
    }

    #[test]
    fn waiting_chain_is_not_polled_when_it_is_woken() {
        let gates = Gates::<1, 1>::new([0b10]);
        let chains = Chains::new([0b11], &gates);
        let mut wakers = Wakers::<1, 1>::new();
        let mut due = chains.begin_poll_of(&wakers.begin_poll(Waker::noop()), 0);
        assert_eq!(chains.next_due(&mut due), Some(0));
        assert_eq!(chains.next_due(&mut due), None);
    }
}
