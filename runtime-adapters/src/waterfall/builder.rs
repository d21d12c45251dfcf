//! What is recorded, and how much of it.

use std::time::{Duration, Instant};

use super::handle::Waterfalls;
use super::record::store::{Clock, RecordLimits, RunStore};
use crate::sync::Arc;

impl Waterfalls {
    /// With the limits that the [`WaterfallsBuilder`] names.
    #[must_use]
    pub fn new() -> Self {
        Waterfalls::builder().build()
    }

    /// For other limits, sampling, labels, another clock.
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
            give_up_after: Duration::from_mins(10),
        };
        WaterfallsBuilder {
            limits,
            labels: Vec::new(),
            clock: Box::new(|| tokio::time::Instant::now().into_std()),
        }
    }

    /// How many runs are kept, the newest ones, and wait in each [stream](Waterfalls::subscribe). 64 if not said.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn runs(mut self, runs: usize) -> Self {
        assert!(runs > 0, "0 runs are to be kept: at least 1 is needed");
        self.limits.runs = runs;
        self
    }

    /// How many runs are recorded at the same time. Those beyond are [missed](super::Stats::missed). 256 if not said.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn open(mut self, runs: usize) -> Self {
        assert!(
            runs > 0,
            "0 runs are to be recorded at a time: at least 1 is needed"
        );
        self.limits.open = runs;
        self
    }

    /// When there is no room for another run, the oldest that is open gives way, if it has been for so long: a span
    /// that is leaked would take its place for ever. Its run ends as [`Unfinished`](super::Outcome::Unfinished). Ten
    /// minutes if not said.
    pub fn give_up_after(mut self, age: Duration) -> Self {
        self.limits.give_up_after = age;
        self
    }

    /// How many tasks of a run are recorded, with those of the graphs in it. 1,024 if not said. The picture
    /// [says](super::Run::omitted) how many others there were.
    pub fn tasks(mut self, tasks: usize) -> Self {
        self.limits.tasks = tasks;
        self
    }

    /// How many polls of a task are recorded, and how many wakes. Where there are more, neighbours are merged, so that
    /// the list is less exact but still complete: a [`Poll`](super::Poll) says how many it is. 128 if not said.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn polls(mut self, polls: usize) -> Self {
        assert!(
            polls > 0,
            "0 polls are to be recorded: at least 1 is needed"
        );
        self.limits.polls = polls;
        self
    }

    /// Records one in `n` graphs, the first and each `n`th after it. What is nested in a graph goes with it, and graphs
    /// within a [`record`](Waterfalls::record) are all recorded. A graph that begins in something that a task has
    /// spawned, after the run of that task has ended, counts as one of its own. 1 if not said.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[track_caller]
    pub fn sample(mut self, n: u64) -> Self {
        assert!(n > 0, "one in 0 graphs is to be recorded: 1 is all of them");
        self.limits.sample = n;
        self
    }

    /// Runs get the value of this field, of the innermost span around their graph that has it when the graph starts.
    /// A `request_id` tells which runs are of one request. May be called for several.
    ///
    /// It makes the layer see spans with this field, of whatever target and level. A value is kept up to 1 KiB.
    pub fn label(mut self, field: impl Into<String>) -> Self {
        self.labels.push(field.into());
        self
    }

    /// What tells the time, if not tokio's clock, which is the system's monotonic one, but follows tests that pause it.
    /// It is called on any thread, several times a poll, and must not go back.
    pub fn clock(mut self, clock: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// The waterfalls.
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
