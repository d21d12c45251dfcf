//! Reports on a run in progress, and makes the spans of modes without a graph.

use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures::channel::mpsc::UnboundedSender;
use tracing::{Instrument, Span, field::Empty, info_span};

use super::runs::Report;
use crate::blog::error::AppError;
use crate::blog::modes::{Mode, Shape};

/// Watches the queries of one run. Clones watch the same run.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    mode: Mode,
    reports: UnboundedSender<Report>,
    start: Instant,
    /// The span that stands for the graph, until the run is over. Queries that run on keep the watch, and must not keep
    /// this span open.
    graph: Arc<Mutex<Span>>,
}

impl Watch {
    /// Begins a run, in the current span.
    pub(super) fn begin(mode: Mode, shape: Shape, reports: UnboundedSender<Report>) -> Self {
        let tasks = match shape {
            Shape::Activity => 5,
            Shape::Page => 3,
        };
        let graph = if mode.has_graph() {
            Span::none()
        } else {
            info_span!(target: "conjoin", "queries", tasks, outcome = Empty)
        };
        let watch = Self {
            mode,
            reports,
            start: Instant::now(),
            graph: Arc::new(Mutex::new(graph)),
        };
        watch.report(Report::Began { mode: mode.name() });
        watch
    }

    /// Watches the query of a task. If it is dropped, its end is not reported.
    pub(crate) async fn query<T>(
        &self,
        task: &'static str,
        answer: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        let mode = self.mode.name();
        let span = self.span(task);
        let at_ns = self.at_ns();
        self.report(Report::TaskStarted { mode, task, at_ns });
        let answer = answer.instrument(span.clone()).await;
        let at_ns = self.at_ns();
        self.report(Report::TaskEnded { mode, task, at_ns });
        record(&span, &answer);
        answer
    }

    /// Ends the run with `result`.
    pub(super) fn end<T>(&self, result: &Result<T, AppError>) {
        record(&self.take(), result);
    }

    /// Takes the graph's span.
    fn take(&self) -> Span {
        mem::replace(
            &mut *self.graph.lock().unwrap_or_else(PoisonError::into_inner),
            Span::none(),
        )
    }

    /// The span that `auto!` would make for a task. [`conjoin_adapters::waterfall`] says which fields it has.
    fn span(&self, task: &str) -> Span {
        macro_rules! task {
            ($name:literal) => {{
                let graph = self.graph.lock().unwrap_or_else(PoisonError::into_inner).clone();
                info_span!(
                    target: "conjoin", parent: &graph, $name,
                    dependencies = dependencies(self.mode, $name), outcome = Empty, exception.message = Empty
                )
            }};
        }
        match task {
            _ if self.mode.has_graph() => Span::none(),
            "user" => task!("user"),
            "posts" => task!("posts"),
            "comments" => task!("comments"),
            "replies" => task!("replies"),
            "threads" => task!("threads"),
            _ => Span::none(),
        }
    }

    fn at_ns(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn report(&self, report: Report) {
        // The page may be closed while queries run on.
        let _ = self.reports.unbounded_send(report);
    }
}

/// The tasks that a task waits for, needed or not.
fn dependencies(mode: Mode, task: &str) -> &'static str {
    match (mode, task) {
        (_, "user") => "",
        (Mode::Sync, "replies") => "comments",
        (Mode::Sync, "threads") => "replies",
        (Mode::Layers, "replies") | (_, "threads") => "posts, comments",
        (Mode::Sync, "comments") | (_, "replies") => "posts",
        _ => "user",
    }
}

fn record<T>(span: &Span, result: &Result<T, AppError>) {
    match result {
        Ok(_) => span.record("outcome", "done"),
        Err(error) => {
            span.record("exception.message", error.to_string());
            span.record("outcome", "failed")
        }
    };
}
