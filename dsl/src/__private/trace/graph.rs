//! The span of a graph.

use core::any::type_name;
use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use pin_project_lite::pin_project;
use tracing::Span;

use super::failure::Failure;
use super::here::{PolledGraph, Recorded, is_recorded, is_there, replace_graph};
use super::part::{PartState, Polling};
use super::site::{self, Site};
use super::{Unended, close};

pin_project! {
    /// A graph. `F` extracts the failure from its output.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Graph<G, F> {
        // Dropped first, so that tasks are cancelled before the graph.
        #[pin]
        future: G,
        record: Option<Box<Record>>,
        is_new: bool,
        site: &'static Site,
        tasks: &'static (usize, &'static str),
        failure: F,
    }
}

/// The state of a recorded graph between its polls.
#[derive(Debug)]
struct Record {
    /// The tasks outside of parts.
    part: Option<Box<PartState>>,
    span: Unended,
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

impl<G: Future, F: Fn(&G::Output) -> Option<Failure>> Graph<G, F> {
    #[inline]
    pub fn new(
        future: G,
        site: &'static Site,
        tasks: &'static (usize, &'static str),
        failure: F,
    ) -> Self {
        Graph {
            future,
            record: None,
            is_new: true,
            site,
            tasks,
            failure,
        }
    }
}

impl<G, F> fmt::Debug for Graph<G, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Graph")
            .field("record", &self.record)
            .field("tasks", &self.tasks)
            .finish_non_exhaustive()
    }
}

impl<G: Future, F: Fn(&G::Output) -> Option<Failure>> Future for Graph<G, F> {
    type Output = G::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<G::Output> {
        let this = self.project();
        if mem::take(this.is_new) && site::may_be_enabled() {
            let function = surrounding_function(type_name::<G>());
            *this.record = Record::begin(this.site, this.tasks, function);
        }
        let is_watched = this.record.is_some() || is_recorded();
        let polling =
            is_watched.then(|| PollingGraph::begin(this.record.as_deref_mut(), cx.waker()));
        let waker = match &polling {
            Some((_, Some(waker))) => waker,
            _ => cx.waker(),
        };
        // One call for all cases, so that it is inlined.
        let polled = this.future.poll(&mut Context::from_waker(waker));
        if let Some((polling, _)) = polling {
            match &polled {
                Poll::Pending => polling.pause(),
                Poll::Ready(output) => polling.end(|| (this.failure)(output)),
            }
        }
        polled
    }
}

impl Record {
    #[cold]
    fn begin(
        site: &'static Site,
        &(tasks, names): &(usize, &'static str),
        function: &'static str,
    ) -> Option<Box<Self>> {
        if !is_there() {
            return None;
        }
        let span = site::open(site, None, [("tasks", &(tasks as u64))]);
        let is_wanted = !span.is_disabled();
        is_wanted.then(|| {
            Box::new(Record {
                part: None,
                span: Unended::of(span),
                description: Description { function, names },
            })
        })
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
struct PollingGraph<'g> {
    /// The place of its span between polls.
    span: Option<&'g mut Unended>,
    /// The outer graph that polls this one.
    around: Option<PolledGraph>,
    /// The tasks outside of parts, in a recorded graph, until the poll ends.
    part: Option<Polling<'g>>,
    description: Option<Description>,
    _recorded: Recorded,
}

impl<'g> PollingGraph<'g> {
    /// Begins a poll with a waker. Returns the one to use instead if wakes are recorded.
    #[cold]
    fn begin(record: Option<&'g mut Record>, outer: &Waker) -> (Self, Option<Waker>) {
        let Some((span, record)) = record.and_then(|record| Some((record.span.take()?, record)))
        else {
            // Inside the body of a recorded graph, it must not count as a part of that graph.
            let recorded = Recorded::set(false);
            return (
                PollingGraph {
                    span: None,
                    around: None,
                    part: None,
                    description: None,
                    _recorded: recorded,
                },
                None,
            );
        };
        let around = replace_graph(Some(PolledGraph {
            span: span.entered(),
            failed: None,
        }));
        let recorded = Recorded::set(true);
        let (part, waker) = Polling::begin(&mut record.part, outer);
        (
            PollingGraph {
                span: Some(&mut record.span),
                around,
                part: Some(part),
                description: Some(record.description),
                _recorded: recorded,
            },
            waker,
        )
    }

    #[cold]
    fn pause(mut self) {
        let graph = self.leave(false);
        if let Some((graph, span)) = graph.zip(self.span.take()) {
            span.put(graph.span.exit());
        }
    }

    #[cold]
    fn end(mut self, failure: impl FnOnce() -> Option<Failure>) {
        // This runs the error's own code. If it panics, the graph has panicked.
        let failure = self.part.is_some().then(failure).flatten();
        let Some(PolledGraph { span, failed }) = self.leave(true) else {
            return;
        };
        if let Some(description) = self.description {
            description.record(&span);
        }
        // In a block of `concurrent!`, only the lines record failures.
        let has_failed = failure.is_some() || failed.is_some();
        span.record("outcome", if has_failed { "failed" } else { "done" });
        for span in failed.into_iter().chain([span.exit()]) {
            if let Some(failure) = &failure {
                failure.record(&span);
            }
            close(span);
        }
    }

    fn leave(&mut self, is_over: bool) -> Option<PolledGraph> {
        self.part.take()?.end(is_over);
        replace_graph(self.around.take())
    }
}

impl Drop for PollingGraph<'_> {
    #[cold]
    fn drop(&mut self) {
        // `None` after the graph has ended.
        let Some(part) = self.part.take() else { return };
        drop(part);
        if let Some(PolledGraph { span, failed }) = replace_graph(self.around.take()) {
            if let Some(description) = self.description {
                description.record(&span);
            }
            span.record("outcome", "panicked");
            Failure::panic().record(&span);
            failed.into_iter().chain([span.exit()]).for_each(close);
        }
    }
}
