//! Configures what is recorded, and how much of it.

use std::time::{Duration, Instant};

use super::handle::Waterfalls;
use super::record::store::{Clock, RecordLimits, RunStore};
use crate::sync::Arc;

impl Waterfalls {
    /// Uses the default limits of [`WaterfallsBuilder`].
    #[must_use]
    pub fn new() -> Self {
        Waterfalls::builder().build()
    }

    /// Builds waterfalls with other limits, sampling, labels or another clock.
    ///
    /// ```
    /// # use conjoin_adapters::Waterfalls;
    /// let waterfalls = Waterfalls::builder().runs(16).sample(100).label("request_id").build();
    /// ```
    pub fn builder() -> WaterfallsBuilder {
        WaterfallsBuilder::new()
    }
}

impl Default for Waterfalls {
    fn default() -> Self {
        Waterfalls::new()
    }
}

/// Builds [`Waterfalls`] with limits. See [`Waterfalls::builder`].
#[must_use = "a builder does nothing until `build`"]
pub struct WaterfallsBuilder {
    limits: RecordLimits,
    labels: Vec<String>,
    clock: Box<Clock>,
}

impl WaterfallsBuilder {
    pub(super) fn new() -> Self {
        let limits = RecordLimits {
            runs: 64,
            open: 256,
            tasks: 1_024,
            polls: 128,
            sample: 1,
            give_up_after: Duration::from_secs(600),
        };
        WaterfallsBuilder {
            limits,
            labels: Vec::new(),
            clock: Box::new(|| tokio::time::Instant::now().into_std()),
        }
    }

    /// How many runs, the newest, are kept, and how many may wait in each [stream](Waterfalls::subscribe). 64 by
    /// default.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn runs(mut self, runs: usize) -> Self {
        assert!(runs > 0, "`runs` of a waterfall is 0; help: use at least 1");
        self.limits.runs = runs;
        self
    }

    /// How many runs are recorded at the same time. Further ones are [missed](super::Stats::missed). 256 by default.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn open(mut self, runs: usize) -> Self {
        assert!(runs > 0, "`open` of a waterfall is 0; help: use at least 1");
        self.limits.open = runs;
        self
    }

    /// If there is no room for another run, the oldest open one is given up if it is older than this, as a leaked span
    /// would take its place for ever. It ends as [`Unfinished`](super::Outcome::Unfinished). Ten minutes by default.
    pub fn give_up_after(mut self, age: Duration) -> Self {
        self.limits.give_up_after = age;
        self
    }

    /// How many tasks of a run are recorded, including those of nested graphs. 1,024 by default. The picture
    /// [says](super::Run::omitted) how many were left out.
    pub fn tasks(mut self, tasks: usize) -> Self {
        self.limits.tasks = tasks;
        self
    }

    /// How many polls of a task are recorded, and how many wakes. If there are more, neighbours are merged, so that the
    /// list is complete but less exact: a [`Poll`](super::Poll) has their count. 128 by default.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn polls(mut self, polls: usize) -> Self {
        assert!(
            polls > 0,
            "`polls` of a waterfall is 0; help: use at least 1"
        );
        self.limits.polls = polls;
        self
    }

    /// Records one in `n` graphs: the first and each `n`th after it. Nested graphs are recorded with their outer graph,
    /// and all graphs within a [`record`](Waterfalls::record) are recorded. A graph in something that a task has
    /// spawned, and that begins after the run of that task has ended, counts separately. 1 by default.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn sample(mut self, n: u64) -> Self {
        assert!(
            n > 0,
            "`sample` of a waterfall is 0; help: use 1 to record all graphs"
        );
        self.limits.sample = n;
        self
    }

    /// Labels runs with the value of this field, taken from the innermost span around the graph that has it when the
    /// graph starts. A `request_id` tells which runs belong to one request. May be called for several fields.
    ///
    /// The layer then sees all spans with this field, of any target and level. Up to 1 KiB of a value is kept.
    pub fn label(mut self, field: impl Into<String>) -> Self {
        self.labels.push(field.into());
        self
    }

    /// Sets the clock. By default it is tokio's, which is the system's monotonic clock, but can be paused in tests. It
    /// is called on any thread, several times a poll, and must not go backwards.
    pub fn clock(mut self, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Builds the waterfalls.
    #[must_use]
    pub fn build(self) -> Waterfalls {
        Waterfalls {
            store: Arc::new(RunStore::new(self.limits, self.labels, self.clock)),
        }
    }
}

impl std::fmt::Debug for WaterfallsBuilder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WaterfallsBuilder")
            .field("limits", &self.limits)
            .field("labels", &self.labels)
            .finish_non_exhaustive()
    }
}
