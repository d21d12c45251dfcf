//! The spans of the items of `for` tasks.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use tracing::Span;
use tracing::field::Value;

use super::failure::Failure;
use super::here::with_part;
use super::polling::{Owned, Polling, Status};
use super::site::{self, Site};
use super::state::PartState;
use super::task::end;
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
        state: Owned<PartState>,
        site: &'static Site,
        index: usize,
        failure: fn(&F::Output) -> Option<Failure>,
    }
}

impl<F: Future> Item<F> {
    #[inline]
    pub const fn new(
        future: F,
        is_recorded: bool,
        site: &'static Site,
        index: usize,
        failure: fn(&F::Output) -> Option<Failure>,
    ) -> Self {
        Item {
            future,
            state: Owned::new(is_recorded && index < MOST),
            site,
            index,
            failure,
        }
    }

    #[cold]
    #[inline(never)]
    fn poll_recorded(self: Pin<&mut Self>, outer: &Waker) -> Poll<F::Output> {
        let this = self.project();
        let status = this.state.status();
        let state = match status.take() {
            Status::New => Some(Box::new(PartState::of(open(this.site, *this.index)))),
            Status::Resting(state) => Some(state),
            Status::Unrecorded | Status::Over => None,
        };
        let polling = Polling::begin(state, outer);
        let polled = this
            .future
            .poll(&mut Context::from_waker(polling.waker(outer)));
        let failure = match &polled {
            Poll::Pending => Poll::Pending,
            Poll::Ready(output) => Poll::Ready((this.failure)(output)),
        };
        if let Some(state) = polling.end() {
            *status = leave(state, failure);
        }
        polled
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
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.as_mut().project();
        if this.state.status().is_recorded() {
            return self.poll_recorded(cx.waker());
        }
        this.future.poll(cx)
    }
}

/// Ends a poll, which has resolved to this failure or `None` if it was the last one.
fn leave(mut state: Box<PartState>, failure: Poll<Option<Failure>>) -> Status<Box<PartState>> {
    let Poll::Ready(failure) = failure else {
        state.leave(false);
        return Status::Resting(state);
    };
    let outcome = if failure.is_some() { "failed" } else { "done" };
    end(outcome, failure);
    state.leave(true);
    Status::Over
}

/// The span of an item, within the span of the task that is being polled.
fn open(site: &'static Site, index: usize) -> Option<Span> {
    let task = with_part(|part| part.task.as_ref().map(|task| Span::clone(task))).flatten()?;
    let span = where_it_is_known(&task, |task| {
        site::open(site, Some(task), [("item", &(index as u64))])
    });
    span.filter(|span| !span.is_disabled())
}

/// Records the number of items of the task that is being polled.
#[cold]
#[inline(never)]
pub fn items(count: usize) {
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
