//! The handle of all runs.

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

/// The runs of a program's graphs: a handle, cheap to clone. See the [module](super).
#[derive(Clone)]
pub struct Waterfalls {
    pub(super) store: Arc<RunStore>,
}

impl Waterfalls {
    /// The layer that records, for a `tracing_subscriber` registry. Several subscribers may have one each; of two in
    /// the same subscriber, the inner one records.
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

    /// The runs that have ended, the newest last, as many as are [kept](super::WaterfallsBuilder::runs).
    #[must_use]
    pub fn runs(&self) -> Vec<Arc<Run>> {
        self.store.ended()
    }

    /// Keeps none of the runs that have ended until now.
    pub fn clear(&self) {
        self.store.clear();
    }

    /// How many runs there were, and how many of them are not recorded.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.store.stats()
    }

    /// A stream of runs, from now on, each when it has ended. It ends when the handles and the layers are gone.
    ///
    /// As many wait for their receiver as are [kept](super::WaterfallsBuilder::runs), then the oldest are [dropped](super::RunStream::dropped).
    ///
    /// # Panics
    ///
    /// When so many are kept that there cannot be memory for as many to wait.
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

    /// Runs a future, and returns with its output the runs of graphs within it, whatever the sampling. They are kept
    /// and streamed as well.
    ///
    /// What is within it is known by a span, `recorded`: what the future spawns belongs to it if it is spawned
    /// `in_current_span`. Runs that have not ended when the future has are not among those returned, nor more than are
    /// [kept](super::WaterfallsBuilder::runs): then it is the newest. None are when no subscriber has the [layer](Self::layer). Within a
    /// task of a graph it is as if there was no graph around it: the runs are not in the picture of that one.
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
