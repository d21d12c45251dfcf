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
use super::polling::{Owned, Polled, Polling, Status};
use super::site::{self, About};
use super::state::PartState;
use super::{Unended, close};

pin_project! {
    /// A graph. `A` knows its static data, and `F` extracts the failure from its output.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Graph<G, A, F> {
        // Dropped first, so that tasks are cancelled before the graph.
        #[pin]
        future: G,
        record: Owned<Record>,
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
            record: Owned::new(true),
            about,
            failure,
        }
    }

    #[cold]
    #[inline(never)]
    fn poll_recorded(self: Pin<&mut Self>, outer: &Waker) -> Poll<G::Output> {
        let this = self.project();
        let status = this.record.status();
        let is_new = matches!(status, Status::New);
        let record = match status.take() {
            Status::New => Record::new((this.about)(), type_name::<G>()).map(Box::new),
            Status::Resting(record) => Some(record),
            Status::Unrecorded | Status::Over => None,
        };
        let polling = Polling::begin(record, outer);
        if !polling.is_recorded() {
            *status = Status::Unrecorded;
        } else if is_new {
            has_begun();
        }
        let polled = this
            .future
            .poll(&mut Context::from_waker(polling.waker(outer)));
        match &polled {
            Poll::Pending => {
                if let Some(mut record) = polling.end() {
                    record.leave();
                    *status = Status::Resting(record);
                }
            }
            Poll::Ready(output) => {
                // This runs the error's own code. If it panics, the graph has panicked.
                let failure = (this.failure)(output);
                if let Some(mut record) = polling.end() {
                    record.end(failure.as_ref());
                }
            }
        }
        polled
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
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<G::Output> {
        let this = self.as_mut().project();
        let status = this.record.status();
        if matches!(status, Status::New) && !site::may_be_enabled() {
            *status = Status::Unrecorded;
        }
        if status.is_recorded() {
            return self.poll_recorded(cx.waker());
        }
        this.future.poll(cx)
    }
}

impl Polled for Record {
    fn enter(&mut self, outer: &Waker) {
        let span = self.span.take().unwrap_or_else(Span::none).entered();
        self.part.enter(outer);
        push_graph(PolledGraph {
            span,
            failed: None,
            has_failed: self.has_failed,
            parts: mem::take(&mut self.parts),
        });
    }

    fn waker<'w>(&'w self, outer: &'w Waker) -> &'w Waker {
        self.part.waker(outer)
    }

    fn panic(&mut self) {
        self.part.panic();
        let Some((span, failed)) = self.take_spans() else {
            return;
        };
        span.record("outcome", "panicked");
        Failure::panic().record(&span);
        failed.into_iter().chain([span.exit()]).for_each(close);
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

    /// Ends a poll that was pending.
    fn leave(&mut self) {
        self.part.leave(false);
        if let Some(PolledGraph {
            span,
            failed,
            has_failed,
            parts,
        }) = pop_graph()
        {
            self.span.put(span.exit());
            (self.parts, self.has_failed) = (parts, has_failed);
            failed.into_iter().for_each(close);
        }
    }

    /// The span of the graph that has ended, and that of the task whose error has ended it. The parts drop first.
    fn take_spans(&mut self) -> Option<(EnteredSpan, Option<Span>)> {
        let PolledGraph {
            span,
            failed,
            has_failed,
            parts,
        } = pop_graph()?;
        self.has_failed = has_failed;
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
        let has_failed = failure.is_some() || self.has_failed;
        span.record("outcome", if has_failed { "failed" } else { "done" });
        for span in failed.into_iter().chain([span.exit()]) {
            if let Some(failure) = failure {
                failure.record(&span);
            }
            close(span);
        }
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
