//! The starts and ends of tasks, in the part that is being polled.

use tracing::Span;
use tracing::field::Value;

use super::close;
use super::failure::{Failure, Message};
use super::here::{in_graph, with_part};
use super::site::{self, Task};

/// A task starts.
#[cold]
#[inline(never)]
pub fn starts(task: &'static Task) {
    enter(open(task));
}

/// The span of a task that starts.
pub(super) fn open(task: &'static Task) -> Option<Span> {
    let span = in_graph(|graph| {
        site::open(
            task.site(),
            Some(graph),
            [("dependencies", &task.dependencies)],
        )
    });
    span.filter(|span| !span.is_disabled())
}

/// Makes this task the current one of the part.
pub(super) fn enter(task: Option<Span>) {
    with_part(|part| {
        if let Some(wakes) = &mut part.wakes {
            wakes.are_of(task.as_ref());
        }
        part.task = task.map(Span::entered);
    });
}

/// The task in the part is done, unless it has ended already.
#[cold]
#[inline(never)]
pub fn is_done() {
    end("done", None);
}

/// The same with another outcome.
#[cold]
#[inline(never)]
pub fn ends(outcome: &'static str) {
    end(outcome, None);
}

/// The same with an error that does not end the graph.
#[cold]
#[inline(never)]
pub fn fails<E>(error: &E, message: impl Message<E>) {
    end("failed", Some(Failure::of(error, message)));
}

/// Records the error with which the task in this part is about to leave.
pub(super) fn leaves<E>(error: &E, message: impl Message<E>) {
    with_part(|part| {
        if let Some(task) = &part.task {
            Failure::of(error, message).record(task);
        }
    });
}

pub(super) fn end(outcome: &'static str, failure: Option<Failure>) {
    with_part(|part| {
        if let Some(task) = part.task.take() {
            task.record("outcome", outcome);
            if let Some(failure) = failure {
                failure.record(&task);
            }
            if let Some(wakes) = &mut part.wakes {
                wakes.are_of(None);
            }
            close(task.exit());
        }
    });
}

/// The line that runs in this part leaves its block with a value that is no error.
#[cold]
#[inline(never)]
pub fn returns() {
    with_part(|part| part.returns = true);
}

/// A task never starts, because another failed.
#[cold]
#[inline(never)]
pub fn skips(task: &'static Task, failed: &str) {
    in_graph(|graph| {
        let values: [(_, &dyn Value); 3] = [
            ("dependencies", &task.dependencies),
            ("outcome", &"skipped"),
            ("skipped_for", &failed),
        ];
        drop(site::open(task.site(), Some(graph), values));
    });
}
