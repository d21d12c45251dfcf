//! The keys that wait for a call, and the rounds of polls in which they are gathered.

use std::sync::Arc;

use tokio::time::Sleep;

use super::call::KeyEntries;
use super::shared_future::SharedFuture;

/// How many rounds in a row must bring no key before a call begins. One is not enough: between two polls of a load
/// other loads may be left out. A graph begins each round with a different task, and a `FuturesUnordered` polls two
/// futures that yield before it polls the others.
const QUIET_ROUNDS: u32 = 2;

/// How often a load yields at most, so that a steady stream of new keys cannot delay it for ever.
const MOST_YIELDS: u32 = 64;

pub(super) struct Gathering<K, V, E, F> {
    /// In the order of registration. Those that no load waits for any more get no call.
    pub(super) entries: KeyEntries<K, V, E, F>,
    /// The loads that wait for these entries.
    pub(super) loads: usize,
    pub(super) window: Option<Arc<SharedFuture<Sleep>>>,
    round: u32,
    /// Whether this round has brought a key.
    is_fresh: bool,
    /// How many rounds in a row before this one have brought none.
    quiet: u32,
}

/// The rounds as one load has seen them.
#[derive(Debug, Default)]
pub(super) struct RoundsSeen {
    /// The round in which it was last polled.
    round: u32,
    yields: u32,
}

impl<K, V, E, F> Default for Gathering<K, V, E, F> {
    fn default() -> Self {
        Gathering {
            entries: Vec::new(),
            loads: 0,
            window: None,
            round: 0,
            is_fresh: false,
            quiet: 0,
        }
    }
}

impl<K, V, E, F> Gathering<K, V, E, F> {
    /// Registers a load that is polled for the first time; `is_new` says whether its key is.
    pub(super) fn register(&mut self, seen: &mut RoundsSeen, is_new: bool) {
        self.loads += 1;
        self.is_fresh |= is_new;
        seen.round = self.round;
    }

    /// For a load that is polled again: whether the keys are complete, because rounds have brought none or this load
    /// has yielded often enough.
    pub(super) fn is_complete(&mut self, seen: &mut RoundsSeen) -> bool {
        seen.yields += 1;
        let mut is_complete = seen.yields > MOST_YIELDS;
        // A load that is polled for the second time in a round begins the next round.
        if seen.round == self.round {
            self.quiet = if self.is_fresh { 0 } else { self.quiet + 1 };
            is_complete |= self.quiet == QUIET_ROUNDS;
            self.round = self.round.wrapping_add(1);
            self.is_fresh = false;
        }
        seen.round = self.round;
        is_complete
    }
}
