//! The handle of the recorded runs.

use std::fmt;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::model::run::Run;
use super::record::layer::{Recorder, is_wanted};
use super::record::store::{RunStore, Stats};
use super::record::stream::RunStream;
use super::record::within::record;
use crate::sync::Arc;

/// The recorded runs of a program's graphs: a handle that is cheap to clone. See the [module](super).
#[derive(Clone)]
pub struct Waterfalls {
    pub(super) store: Arc<RunStore>,
}

impl Waterfalls {
    /// The recording layer, for a `tracing_subscriber` registry. Several subscribers may have one each; of two in the
    /// same subscriber, the inner one records.
    #[must_use]
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        let store = Arc::clone(&self.store);
        let filter = filter_fn(move |metadata| is_wanted(metadata, &store.labels));
        Recorder::new(Arc::clone(&self.store))
            .with_filter(filter.with_max_level_hint(LevelFilter::TRACE))
    }

    /// The ended runs, oldest first, as many as are [kept](super::WaterfallsBuilder::runs).
    #[must_use]
    pub fn runs(&self) -> Vec<Arc<Run>> {
        self.store.ended()
    }

    /// Discards the runs that have ended until now.
    pub fn clear(&self) {
        self.store.clear();
    }

    /// Counts the runs, and those that were not recorded.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.store.stats()
    }

    /// A stream of the runs that end from now on. It ends when the handles and the layers are dropped.
    ///
    /// As many runs wait in it as are [kept](super::WaterfallsBuilder::runs); then the oldest are
    /// [dropped](super::RunStream::dropped).
    ///
    /// # Panics
    ///
    /// If that number is too large for the memory.
    ///
    /// ```
    /// # use conjoin_adapters::Waterfalls;
    /// use futures::StreamExt;
    ///
    /// # let waterfalls = Waterfalls::builder().label("request_id").build();
    /// let mine = waterfalls.subscribe().filter(|run| std::future::ready(run.label("request_id") == Some("7")));
    /// ```
    pub fn subscribe(&self) -> RunStream {
        self.store.watch()
    }

    /// Runs a future, and returns its output with the runs of the graphs within it, regardless of sampling. They are
    /// kept and streamed as well.
    ///
    /// The span `recorded` marks what is within the future: what the future spawns is included if it is spawned
    /// `in_current_span`. It returns only runs that end before the future does, and at most as many as are
    /// [kept](super::WaterfallsBuilder::runs), the newest ones. Without a subscriber that has the [layer](Self::layer),
    /// it returns none. Within a task of a graph, it acts as if there were no graph around it: its runs are not in that
    /// graph's picture.
    ///
    /// Dropping the future drops the inner one.
    ///
    /// ```
    /// # use conjoin_adapters::Waterfalls;
    /// use conjoin::auto;
    ///
    /// # async fn handler(waterfalls: Waterfalls) {
    /// let (sum, runs) = waterfalls.record(auto! { a => 1, b: [a] => a + 1, => a + b }).await;
    /// assert_eq!(sum, 3);
    /// # }
    /// ```
    #[must_use = "futures do nothing unless polled"]
    pub fn record<F: Future>(
        &self,
        future: F,
    ) -> impl Future<Output = (F::Output, Vec<Arc<Run>>)> + use<F> {
        record(Arc::clone(&self.store), future)
    }
}

impl fmt::Debug for Waterfalls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waterfalls")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
