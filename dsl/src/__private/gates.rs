//! Where the chains of a gated part wait for each other.

use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;
use core::task::{Context, Poll};

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
    /// The chains that are still to be polled in this poll of the part.
    due: [AtomicU64; CHAINS],
}

impl<const TASKS: usize, const CHAINS: usize> Gates<TASKS, CHAINS> {
    /// The gates of a part. The chains in `running` do not begin with one.
    #[inline]
    #[must_use]
    pub fn new(running: [u64; CHAINS]) -> Self {
        Gates {
            ended: [const { AtomicU64::new(0) }; TASKS],
            running: running.map(AtomicU64::new),
            due: [const { AtomicU64::new(0) }; CHAINS],
        }
    }

    /// A task has ended. This opens its gate for those of `chains`, in words, that wait: they are due at once.
    #[inline]
    pub fn end<const COUNT: usize>(&self, task: usize, chains: [(usize, u64); COUNT]) {
        add(&self.ended[task / 64], 1 << (task % 64));
        for (word, bits) in chains {
            let running = self.running[word].load(Relaxed);
            self.running[word].store(running | bits, Relaxed);
            add(&self.due[word], bits & !running);
        }
    }

    /// Waits in a chain until a task has ended. `at` is the place of the chain, times the number of bits for tasks, plus the
    /// number of the task.
    #[inline]
    pub fn wait(&self, at: usize) -> Gate<'_, TASKS, CHAINS> {
        Gate { gates: self, at }
    }

    /// Begins a poll of the part: these chains are due, if they run.
    #[inline]
    pub(super) fn begin_poll(&self, word: usize, chains: u64) {
        let running = self.running[word].load(Relaxed);
        self.due[word].store(running & chains, Relaxed);
    }

    /// Of the due chains of a word, these are not due for now. Returns which were.
    #[inline]
    pub(super) fn hold_back(&self, word: usize, chains: u64) -> u64 {
        let due = self.due[word].load(Relaxed);
        self.due[word].store(due & !chains, Relaxed);
        due & chains
    }

    /// These chains of a word are due.
    #[inline]
    pub(super) fn make_due(&self, word: usize, chains: u64) {
        add(&self.due[word], chains);
    }

    /// The chains of a word that are due.
    #[inline]
    pub(super) fn due(&self, word: usize) -> u64 {
        self.due[word].load(Relaxed)
    }

    /// Whether a chain is due. It counts as polled from here on.
    #[inline]
    pub(super) fn takes_turn(&self, chain: usize) -> bool {
        let (due, bit) = (&self.due[chain / 64], 1 << (chain % 64));
        let is_due = due.load(Relaxed) & bit != 0;
        if is_due {
            remove(due, bit);
        }
        is_due
    }

    /// A chain has ended, or waits at a gate.
    #[inline]
    pub(super) fn rest(&self, chain: usize) {
        remove(&self.running[chain / 64], 1 << (chain % 64));
    }

    /// Whether all chains have ended.
    #[inline]
    pub(super) fn none_runs(&self) -> bool {
        let mut running = self.running.iter();
        running.all(|running| running.load(Relaxed) == 0)
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

/// Is ready when a task has ended. Until then, the chain waits.
///
/// It is the same type for all gates of a part, although a constant of the type would save a load for each poll: rustc would
/// check each constant like a function, which takes 3 % of its time for a mesh.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Gate<'g, const TASKS: usize, const CHAINS: usize> {
    gates: &'g Gates<TASKS, CHAINS>,
    at: usize,
}

impl<const TASKS: usize, const CHAINS: usize> Future for Gate<'_, TASKS, CHAINS> {
    type Output = ();

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let (gates, bits) = (self.gates, 64 * TASKS);
        let (chain, task) = (self.at / bits, self.at % bits);
        if gates.ended[task / 64].load(Relaxed) & 1 << (task % 64) != 0 {
            return Poll::Ready(());
        }
        gates.rest(chain);
        Poll::Pending
    }
}
