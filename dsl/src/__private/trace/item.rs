//! The spans of the items of `for` tasks.

use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;
use tracing::Span;
use tracing::field::Value;

use super::failure::Failure;
use super::here::{is_recorded, with_part};
use super::part::{PartState, Polling, end, ends, enter};
use super::site::{self, Site};
use super::where_it_is_known;

/// How many items of a task have spans, the first ones. The others run in the span of the task.
const MOST: usize = 1024;

pin_project! {
    /// The future of an item.
    #[must_use = "futures do nothing unless polled"]
    pub struct Item<F: Future> {
        // Dropped first, so that it is cancelled within its span.
        #[pin]
        future: F,
        state: Option<Box<PartState>>,
        is_new: bool,
        site: &'static Site,
        index: usize,
        failure: fn(&F::Output) -> Option<Failure>,
    }
}

impl<F: Future> Item<F> {
    #[inline]
    pub const fn new(
        future: F,
        site: &'static Site,
        index: usize,
        failure: fn(&F::Output) -> Option<Failure>,
    ) -> Self {
        Item {
            future,
            state: None,
            is_new: true,
            site,
            index,
            failure,
        }
    }
}

impl<F: Future> fmt::Debug for Item<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

impl<F: Future> Future for Item<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let is_watched = is_recorded() && *this.index < MOST;
        let span = if mem::take(this.is_new) && is_watched {
            open(this.site, *this.index)
        } else {
            None
        };
        let polling = is_watched.then(|| Polling::begin(this.state, cx.waker()));
        if span.is_some() {
            enter(span);
        }
        let waker = match &polling {
            Some((_, Some(waker))) => waker,
            _ => cx.waker(),
        };
        // One call for all cases, so that it is inlined.
        let polled = this.future.poll(&mut Context::from_waker(waker));
        if let Some((polling, _)) = polling {
            if let Poll::Ready(output) = &polled {
                match (this.failure)(output) {
                    None => ends("done"),
                    failure => end("failed", failure),
                }
            }
            polling.end(polled.is_ready());
        }
        polled
    }
}

/// The span of an item, within the span of the task that is being polled.
#[cold]
fn open(site: &'static Site, index: usize) -> Option<Span> {
    let task = with_part(|part| part.task.as_ref().map(|task| Span::clone(task))).flatten()?;
    where_it_is_known(&task, |task| {
        site::open(site, Some(task), [("item", &(index as u64))])
    })
}

/// Records the number of items of the task that is being polled.
#[inline]
pub fn items(count: usize) {
    if is_recorded() {
        record(count);
    }
}

#[cold]
fn record(count: usize) {
    with_part(|part| {
        if let Some(task) = &part.task {
            task.record("items", count as u64);
            if count > MOST {
                let beyond: &dyn Value = &((count - MOST) as u64);
                task.record("items_without_span", beyond);
            }
        }
    });
}
