use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::time::Instant;

/// How worker processes that ended are restarted: after a delay that doubles with each quick end in a row, until there
/// are too many of them.
///
/// An end is quick if the worker was ready for less than [`healthy_after`](Self::healthy_after), or never. After a
/// longer time the delays start over. A random part of each delay, up to half of it, is left out, so that workers that
/// ended together do not restart together.
///
/// ```
/// use std::time::Duration;
/// # #[cfg(feature = "cluster")]
/// use conjoin_adapters::cluster::Backoff;
/// # #[cfg(not(feature = "cluster"))]
/// # use conjoin_adapters::broker::Backoff;
///
/// let patient = Backoff::new().first(Duration::from_secs(1)).longest(Duration::from_secs(300)).give_up_after(100);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    healthy_after: Duration,
    give_up_after: u32,
}

impl Backoff {
    /// Delays from 100 ms to 10 s; healthy after 10 s; given up after 10 quick ends in a row.
    pub const fn new() -> Self {
        Self {
            first: Duration::from_millis(100),
            longest: Duration::from_secs(10),
            healthy_after: Duration::from_secs(10),
            give_up_after: 10,
        }
    }

    /// The delay after the first quick end.
    pub const fn first(mut self, wait: Duration) -> Self {
        self.first = wait;
        self
    }

    /// The longest delay.
    pub const fn longest(mut self, wait: Duration) -> Self {
        self.longest = wait;
        self
    }

    /// How long a worker must be ready for its end not to count as quick.
    pub const fn healthy_after(mut self, ready: Duration) -> Self {
        self.healthy_after = ready;
        self
    }

    /// After this many quick ends in a row, the worker has [`Failed`](super::WorkerState::Failed). Both 0 and 1 mean
    /// the first one.
    pub const fn give_up_after(mut self, quick_ends: u32) -> Self {
        self.give_up_after = quick_ends;
        self
    }

    fn waits(&self) -> ExponentialBackoff {
        // `backon` adds a random jitter of up to the same length.
        let longest = self.longest / 2;
        ExponentialBuilder::new()
            .with_min_delay((self.first / 2).min(longest))
            .with_max_delay(longest)
            .with_max_times(self.give_up_after.saturating_sub(1) as usize)
            .with_jitter()
            .build()
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

/// The restarts of one worker.
#[derive(Debug)]
pub(crate) struct RestartSchedule {
    backoff: Backoff,
    waits: ExponentialBackoff,
    ready_at: Option<Instant>,
}

impl RestartSchedule {
    pub(crate) fn new(backoff: Backoff) -> Self {
        Self {
            backoff,
            waits: backoff.waits(),
            ready_at: None,
        }
    }

    /// Records that the worker is ready.
    pub(crate) fn ready(&mut self) {
        self.ready_at = Some(Instant::now());
    }

    /// Records that the worker has ended, or could not be started. Returns the delay before the next start, or `None`
    /// to give up.
    pub(crate) fn ended(&mut self) -> Option<Duration> {
        if self
            .ready_at
            .take()
            .is_some_and(|ready| ready.elapsed() >= self.backoff.healthy_after)
        {
            self.waits = self.backoff.waits();
        }
        self.waits.next()
    }
}
