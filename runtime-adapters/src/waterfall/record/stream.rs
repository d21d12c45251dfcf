//! A stream of runs as they end.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};

use crate::events::{Emitter, Events, Policy, events};
use crate::sync::Arc;
use crate::waterfall::model::run::Run;

/// A stream of runs, each after its end. See [`Waterfalls::subscribe`](crate::waterfall::Waterfalls::subscribe).
#[must_use = "streams do nothing unless polled"]
pub struct RunStream(Events<Arc<Run>, ()>);

impl RunStream {
    pub(super) fn new(capacity: usize) -> (Self, Emitter<Arc<Run>>) {
        let mut source = None;
        let stream = events(capacity, Policy::DropOldest, |emitter| {
            source = Some(emitter);
        });
        (RunStream(stream), source.expect("the source was called"))
    }

    /// How many runs were dropped, the oldest first, because too many waited.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.0.dropped()
    }
}

impl Stream for RunStream {
    type Item = Arc<Run>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Arc<Run>>> {
        // These streams have no errors.
        Pin::new(&mut self.0)
            .poll_next(cx)
            .map(|run| run.and_then(Result::ok))
    }
}

impl FusedStream for RunStream {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}

impl fmt::Debug for RunStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunStream")
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}
