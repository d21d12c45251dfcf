//! The spans of tasks.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use tracing::Span;
use tracing::field::Value;
use tracing::span::EnteredSpan;

use super::failure::Failure;
use super::here::{PolledPart, in_graph, is_recorded, replace_part, with_graph, with_part};
use super::site::{self, Site};
use super::wakes::Wakes;
use super::{Unended, close};
use crate::__private::Called;

/// The state of a part between its polls.
#[derive(Debug, Default)]
pub(super) struct PartState {
    /// The task that runs in it.
    task: Unended,
    /// `Some` if a subscriber records wakes.
    wakes: Option<Wakes>,
}

/// A part of a graph that is polled concurrently with others.
#[must_use = "futures do nothing unless polled"]
pub struct Part<'f, F> {
    future: Pin<&'f mut F>,
    /// `Some` from the first poll on, in a recorded graph.
    state: Option<Box<PartState>>,
}

impl<'f, F> Part<'f, F> {
    #[inline]
    pub fn new(future: Pin<&'f mut F>) -> Self {
        Part {
            future,
            state: None,
        }
    }

    /// Mirrors `Pin::as_mut` of the inner future.
    #[inline]
    pub fn as_mut(&mut self) -> Pin<&mut Self> {
        Pin::new(self)
    }
}

impl<F> Part<'_, Called<'_, F>> {
    /// Whether the future has completed, or was dropped.
    #[inline]
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.future.is_over()
    }

    /// Drops the future, and with it the task that runs in it.
    #[inline]
    pub fn drop_future(&mut self) {
        self.future.drop_future();
        self.state = None;
    }
}

impl<F> fmt::Debug for Part<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl<F: Future> Future for Part<'_, F> {
    type Output = F::Output;

    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = &mut *self;
        let polling = is_recorded().then(|| Polling::begin(&mut this.state, cx.waker()));
        let waker = match &polling {
            Some((_, Some(waker))) => waker,
            _ => cx.waker(),
        };
        // One call for all cases, so that it is inlined.
        let polled = this.future.as_mut().poll(&mut Context::from_waker(waker));
        if let Some((polling, _)) = polling {
            polling.end(polled.is_ready());
        }
        polled
    }
}

/// A poll of a part. If it drops early, the poll has panicked.
pub(super) struct Polling<'k> {
    state: &'k mut Option<Box<PartState>>,
    /// The outer part that polls this one.
    around: Option<PolledPart>,
    has_ended: bool,
}

impl<'k> Polling<'k> {
    /// Begins a poll with a waker. Returns the one to use instead if wakes are recorded.
    #[cold]
    pub(super) fn begin(
        state: &'k mut Option<Box<PartState>>,
        outer: &Waker,
    ) -> (Self, Option<Waker>) {
        let mut part = state.take().unwrap_or_default();
        if !site::wakes_may_be_told() {
            part.wakes = None;
        } else if part.wakes.is_none() {
            part.wakes = Some(Wakes::new(outer, part.task.get()));
        }
        let waker = part.wakes.as_mut().map(|wakes| wakes.waker(outer));
        let task = part.task.take().map(Span::entered);
        let around = replace_part(Some(PolledPart { task, state: part }));
        (
            Polling {
                state,
                around,
                has_ended: false,
            },
            waker,
        )
    }

    /// Ends the poll, and the part, too, if it `is_over`.
    #[cold]
    pub(super) fn end(mut self, is_over: bool) {
        self.has_ended = true;
        let Some(PolledPart { task, mut state }) = replace_part(self.around.take()) else {
            return;
        };
        match task.map(EnteredSpan::exit) {
            // The task has not reached the end of its body: an error has left the task and the part.
            Some(task) if is_over => {
                task.record("outcome", "failed");
                with_graph(|graph| graph.failed = Some(task));
            }
            Some(task) => state.task.put(task),
            None => {}
        }
        if !is_over {
            *self.state = Some(state);
        }
    }
}

impl Drop for Polling<'_> {
    #[cold]
    fn drop(&mut self) {
        if self.has_ended {
            return;
        }
        let part = replace_part(self.around.take());
        if let Some(task) = part.and_then(|part| part.task) {
            task.record("outcome", "panicked");
            Failure::panic().record(&task);
            close(task.exit());
        }
    }
}

/// A task starts in the part that is being polled.
#[inline]
pub fn starts(site: &'static Site, dependencies: &str) {
    if is_recorded() {
        begin(site, dependencies);
    }
}

#[cold]
fn begin(site: &'static Site, dependencies: &str) {
    enter(in_graph(|graph| {
        site::open(site, Some(graph), [("dependencies", &dependencies)])
    }));
}

/// Makes this task the current one of the part that is being polled.
pub(super) fn enter(task: Option<Span>) {
    with_part(|part| {
        if let Some(wakes) = &mut part.state.wakes {
            wakes.are_of(task.as_ref());
        }
        part.task = task.map(Span::entered);
    });
}

/// The task in the part that is being polled ends, unless it has ended already.
#[inline]
pub fn ends(outcome: &'static str) {
    if is_recorded() {
        end(outcome, None);
    }
}

/// The same with an error that does not end the graph.
#[inline]
pub fn fails<E>(error: &E, message: fn(&E) -> Option<String>) {
    if is_recorded() {
        end("failed", Some(Failure::of(error, message)));
    }
}

/// Records the error with which the task in this part is about to leave.
#[cold]
pub(super) fn leaves<E>(error: &E, message: fn(&E) -> Option<String>) {
    if is_recorded() {
        with_part(|part| {
            if let Some(task) = &part.task {
                Failure::of(error, message).record(task);
            }
        });
    }
}

#[cold]
pub(super) fn end(outcome: &'static str, failure: Option<Failure>) {
    with_part(|part| {
        if let Some(task) = part.task.take() {
            task.record("outcome", outcome);
            if let Some(failure) = failure {
                failure.record(&task);
            }
            if let Some(wakes) = &mut part.state.wakes {
                wakes.are_of(None);
            }
            close(task.exit());
        }
    });
}

/// A task never starts, because another failed.
#[inline]
pub fn skips(site: &'static Site, dependencies: &str, failed: &str) {
    if is_recorded() {
        skip(site, dependencies, failed);
    }
}

#[cold]
fn skip(site: &'static Site, dependencies: &str, failed: &str) {
    in_graph(|graph| {
        let values: [(_, &dyn Value); 3] = [
            ("dependencies", &dependencies),
            ("outcome", &"skipped"),
            ("skipped_for", &failed),
        ];
        drop(site::open(site, Some(graph), values));
    });
}
