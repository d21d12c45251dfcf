//! The spans of the items of `for` tasks.

use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use tracing::Span;
use tracing::field::Value;

use super::failure::Failure;
use super::here::with_part;
use super::site::{self, Site};
use super::state::PartState;
use super::task::end;
use super::{Recorded, where_it_is_known};

/// How many items of a task have spans, the first ones. The others run in the span of the task.
const MOST: usize = 1024;

pin_project! {
    /// The future of an item.
    #[must_use = "futures do nothing unless polled"]
    pub struct Item<F: Future> {
        // Dropped first, so that it is cancelled within its span.
        #[pin]
        future: F,
        state: Recorded<PartState>,
        // And whether this has a span.
        is_recorded: bool,
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
            state: Recorded::none(),
            is_recorded: is_recorded && index < MOST,
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
        let polling = Polling(&mut this.state.0);
        let waker = if *this.is_recorded {
            begin(polling.0, this.site, *this.index, cx.waker())
        } else {
            cx.waker()
        };
        // One call for both cases, so that it is inlined.
        let polled = this.future.poll(&mut Context::from_waker(waker));
        if polling.0.is_some() {
            if let Poll::Ready(output) = &polled {
                complete((this.failure)(output));
            }
            leave(polling.0, polled.is_ready());
        }
        mem::forget(polling);
        polled
    }
}

/// A poll of an item. If it drops early, the poll has panicked.
struct Polling<'s>(&'s mut Option<Box<PartState>>);

impl Drop for Polling<'_> {
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn drop(&mut self) {
        if self.0.is_some() {
            panic(self.0);
        }
    }
}

/// Begins a poll with a waker. Returns the one to use: another one if wakes are recorded.
#[cold]
#[inline(never)]
fn begin<'w>(
    place: &'w mut Option<Box<PartState>>,
    site: &'static Site,
    index: usize,
    outer: &'w Waker,
) -> &'w Waker {
    // In its place only at the end: if the subscriber's code panics before, no poll has begun.
    let state = place.take();
    let mut state = state.unwrap_or_else(|| Box::new(PartState::of(open(site, index))));
    state.enter(outer);
    place.insert(state).waker(outer)
}

#[cold]
#[inline(never)]
fn leave(place: &mut Option<Box<PartState>>, is_over: bool) {
    if let Some(mut state) = place.take() {
        state.leave(is_over);
        *place = (!is_over).then_some(state);
    }
}

#[cold]
#[inline(never)]
fn panic(place: &mut Option<Box<PartState>>) {
    *place = None;
    PartState::panic();
}

#[cold]
#[inline(never)]
fn complete(failure: Option<Failure>) {
    let outcome = if failure.is_some() { "failed" } else { "done" };
    end(outcome, failure);
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
