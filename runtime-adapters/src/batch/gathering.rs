//! Keys that wait for a call, and the rounds of polls by which they are gathered.

use std::sync::Arc;

use tokio::time::Sleep;

use super::call::KeyEntries;
use super::shared_future::SharedFuture;

/// How many rounds in a row bring no key before a call. Between two polls of a load, others may not be polled: a graph
/// begins each round with another task. And a `FuturesUnordered` polls two futures that yield, and then the others later.
const QUIET_ROUNDS: u32 = 2;

/// How often a load yields at most: a steady stream of new keys cannot hold it up.
const MOST_YIELDS: u32 = 64;

pub(super) struct Gathering<K, V, E, F> {
    /// In the order in which they were registered. Those that no load waits for any more are left out of the call.
    pub(super) entries: KeyEntries<K, V, E, F>,
    /// The loads that wait for these entries.
    pub(super) loads: usize,
    pub(super) window: Option<Arc<SharedFuture<Sleep>>>,
    round: u32,
    /// Whether this round has brought a key.
    is_fresh: bool,
    /// How many rounds before this one have brought none.
    quiet: u32,
}

/// What a load knows of the rounds.
#[derive(Debug, Default)]
pub(super) struct RoundsSeen {
    /// The one in which it was polled last.
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
    /// A load is polled for the first time. It brings a new key, or waits for one that is there.
    pub(super) fn register(&mut self, seen: &mut RoundsSeen, is_new: bool) {
        self.loads += 1;
        self.is_fresh |= is_new;
        seen.round = self.round;
    }

    /// A load is polled again. Whether the keys are all there: rounds have brought none, or this load has yielded often
    /// enough.
    pub(super) fn is_complete(&mut self, seen: &mut RoundsSeen) -> bool {
        seen.yields += 1;
        let mut is_complete = seen.yields > MOST_YIELDS;
        // Who is polled for the second time in a round begins the next one.
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
