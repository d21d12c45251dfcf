//! The span of a graph.

use core::any::type_name;
use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use tracing::Span;
use tracing::span::EnteredSpan;

use super::failure::Failure;
use super::here::{PolledGraph, has_begun, is_there, pop_graph, push_graph};
use super::parts::Parts;
use super::site::{self, About};
use super::state::PartState;
use super::{Recorded, Unended, close};

pin_project! {
    /// A graph. `A` knows its static data, and `F` extracts the failure from its output.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Graph<G, A, F> {
        // Dropped first, so that tasks are cancelled before the graph.
        #[pin]
        future: G,
        record: Recorded<Record>,
        is_new: bool,
        about: A,
        failure: F,
    }
}

/// The state of a recorded graph. Its span and its parts are elsewhere (`here`) during a poll.
#[derive(Debug)]
struct Record {
    parts: Parts,
    /// The tasks outside of parts.
    part: PartState,
    span: Unended,
    /// Whether an error has left a task. In a block of `concurrent!`, earlier lines may run on.
    has_failed: bool,
    description: Description,
}

/// What the span of a graph gets at its end. Recorded at its start, it would be in each line that a task logs.
#[derive(Clone, Copy, Debug)]
struct Description {
    /// The function around the graph.
    function: &'static str,
    /// The names of all tasks.
    names: &'static str,
}

impl Description {
    fn record(self, span: &Span) {
        if !self.function.is_empty() {
            span.record("code.function.name", self.function);
        }
        span.record("names", self.names);
    }
}

impl<G, A, F> Graph<G, A, F>
where
    G: Future,
    A: Fn() -> &'static About,
    F: Fn(&G::Output) -> Option<Failure>,
{
    #[inline]
    pub fn new(future: G, about: A, failure: F) -> Self {
        Graph {
            future,
            record: Recorded::none(),
            is_new: true,
            about,
            failure,
        }
    }
}

impl<G, A, F> fmt::Debug for Graph<G, A, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

impl<G, A, F> Future for Graph<G, A, F>
where
    G: Future,
    A: Fn() -> &'static About,
    F: Fn(&G::Output) -> Option<Failure>,
{
    type Output = G::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<G::Output> {
        let this = self.project();
        let polling = Polling(&mut this.record.0);
        let waker = if mem::take(this.is_new) {
            if site::may_be_enabled() {
                begin(polling.0, (this.about)(), type_name::<G>(), cx.waker())
            } else {
                cx.waker()
            }
        } else if polling.0.is_some() {
            resume(polling.0, cx.waker())
        } else {
            cx.waker()
        };
        // One call for both cases, so that it is inlined.
        let mut polled = this.future.poll(&mut Context::from_waker(waker));
        if polling.0.is_some() {
            polled = leave(polling.0, polled, &*this.failure);
        }
        mem::forget(polling);
        polled
    }
}

/// Begins the first poll, with a waker. Returns the one to use: another one if wakes are recorded.
#[cold]
#[inline(never)]
fn begin<'w>(
    place: &'w mut Option<Box<Record>>,
    about: &'static About,
    block: &'static str,
    outer: &'w Waker,
) -> &'w Waker {
    let Some(mut record) = Record::new(about, block).map(Box::new) else {
        return outer;
    };
    record.enter(outer);
    has_begun();
    // In its place only now: if the subscriber's code panics before, no poll has begun.
    place.insert(record).part.waker(outer)
}

/// Begins another poll.
#[cold]
#[inline(never)]
fn resume<'w>(place: &'w mut Option<Box<Record>>, outer: &'w Waker) -> &'w Waker {
    let Some(mut record) = place.take() else {
        return outer;
    };
    record.enter(outer);
    place.insert(record).part.waker(outer)
}

/// Ends a poll.
#[cold]
#[inline(never)]
fn leave<T>(
    place: &mut Option<Box<Record>>,
    polled: Poll<T>,
    failure: &impl Fn(&T) -> Option<Failure>,
) -> Poll<T> {
    match &polled {
        Poll::Pending => pause(place),
        // This runs the error's own code. If it panics, the graph has panicked.
        Poll::Ready(output) => end(place, failure(output).as_ref()),
    }
    polled
}

fn pause(place: &mut Option<Box<Record>>) {
    if let Some(mut record) = place.take() {
        record.leave();
        *place = Some(record);
    }
}

fn end(place: &mut Option<Box<Record>>, failure: Option<&Failure>) {
    if let Some(mut record) = place.take() {
        record.end(failure);
    }
}

#[cold]
#[inline(never)]
fn panic(place: &mut Option<Box<Record>>) {
    if let Some(record) = place.take() {
        record.panic();
    }
}

impl Record {
    /// The first poll of a graph: it is recorded if a subscriber wants it.
    fn new(about: &'static About, block: &'static str) -> Option<Self> {
        if !is_there() {
            return None;
        }
        let span = site::open(about.site(), None, [("tasks", &(about.tasks as u64))]);
        (!span.is_disabled()).then(|| Record {
            parts: Parts::default(),
            part: PartState::of(None),
            span: Unended(Some(span)),
            has_failed: false,
            description: Description {
                function: surrounding_function(block),
                names: about.names,
            },
        })
    }

    /// Begins a poll with a waker.
    fn enter(&mut self, outer: &Waker) {
        let span = self.span.take().unwrap_or_else(Span::none).entered();
        self.part.enter(outer);
        push_graph(PolledGraph {
            span,
            failed: None,
            parts: mem::take(&mut self.parts),
        });
    }

    /// Ends a poll that was pending.
    fn leave(&mut self) {
        self.part.leave(false);
        if let Some(PolledGraph {
            span,
            failed,
            parts,
        }) = pop_graph()
        {
            self.span.put(span.exit());
            self.parts = parts;
            if let Some(failed) = failed {
                self.has_failed = true;
                close(failed);
            }
        }
    }

    /// The span of the graph that has ended, and that of the task whose error has ended it. The parts drop first.
    fn take_spans(&self) -> Option<(EnteredSpan, Option<Span>)> {
        let PolledGraph {
            span,
            failed,
            parts,
        } = pop_graph()?;
        drop(parts);
        self.description.record(&span);
        Some((span, failed))
    }

    /// Ends the last poll.
    fn end(&mut self, failure: Option<&Failure>) {
        self.part.leave(true);
        let Some((span, failed)) = self.take_spans() else {
            return;
        };
        // In a block of `concurrent!`, only the lines record failures.
        let has_failed = failure.is_some() || failed.is_some() || self.has_failed;
        span.record("outcome", if has_failed { "failed" } else { "done" });
        for span in failed.into_iter().chain([span.exit()]) {
            if let Some(failure) = failure {
                failure.record(&span);
            }
            close(span);
        }
    }

    /// Ends a poll that has panicked.
    fn panic(&self) {
        PartState::panic();
        let Some((span, failed)) = self.take_spans() else {
            return;
        };
        span.record("outcome", "panicked");
        Failure::panic().record(&span);
        failed.into_iter().chain([span.exit()]).for_each(close);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if let Some(span) = self.span.get() {
            self.description.record(span);
        }
    }
}

/// The function that an `async` block of this type is in: the type has its name. Empty if the name has another form.
fn surrounding_function(mut block: &'static str) -> &'static str {
    let mut function = "";
    while let Some(outside) = block.strip_suffix("::{{closure}}") {
        (block, function) = (outside, outside);
    }
    function
}

/// A poll of a graph. If it drops early, the poll has panicked.
struct Polling<'g>(&'g mut Option<Box<Record>>);

impl Drop for Polling<'_> {
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn drop(&mut self) {
        if self.0.is_some() {
            panic(self.0);
        }
    }
}
