//! Spans for graphs and their tasks.
//!
//! With tracing, [`Graph`] wraps the `async` block of a graph. [`Part`] wraps each part that is polled concurrently with
//! others, and [`PartChild`] each that is in a join. Each of these runs one task at a time. It keeps the task's span from
//! poll to poll, and enters it during each poll. A part that is a single task starts and ends it. Other tasks report their
//! start and end by functions that find the part that this thread is polling (`here`). So bodies stay in the same block,
//! and type inference does not change.
//!
//! A graph is recorded from its first poll on, or not at all. Its block asks once, at its start, and keeps the answer in a
//! variable. An unrecorded graph only tests this variable: all else is in cold functions, which also poll what is recorded.

mod failure;
mod graph;
mod here;
mod item;
mod line_exit;
mod part;
mod parts;
mod polling;
mod site;
mod state;
mod task;
mod wakes;

pub use failure::{ByDebug, ByDisplay, ByNothing, Errors, NoMessage};
pub use failure::{Failure, failure, is_whole, named_failure, never_fails, some_failure};
pub use graph::Graph;
pub use here::is_recorded;
pub use item::{Item, items};
pub use line_exit::{LineExit, LineExitByDebug, LineExitByDisplay, LineExitByNothing};
pub use part::{Part, PartChild, part_child, steps};
pub use site::{About, Metadata, Site, Task, graph_metadata, item_metadata, task_metadata};
pub use task::{ends, fails, is_done, returns, skips, starts};

use core::panic::{RefUnwindSafe, UnwindSafe};

use tracing::dispatcher::with_default;
use tracing::{Id, Span};

/// The target of all spans and events.
const TARGET: &str = "conjoin";

/// The span of something that runs, between its polls. If it drops with the span in it, it was cancelled.
#[derive(Debug, Default)]
struct Unended(Option<Span>);

impl Unended {
    fn get(&self) -> Option<&Span> {
        self.0.as_ref()
    }

    fn take(&mut self) -> Option<Span> {
        self.0.take()
    }

    /// Puts a span into an empty place.
    fn put(&mut self, span: Span) {
        if !span.is_disabled() {
            self.0 = Some(span);
        }
    }
}

impl Drop for Unended {
    #[cold]
    fn drop(&mut self) {
        if let Some(span) = self.take() {
            span.record("outcome", "cancelled");
            close(span);
        }
    }
}

// A subscriber's use of a span after a panic does not depend on the graph. And without the feature, a graph is
// `UnwindSafe`.
impl UnwindSafe for Unended {}
impl RefUnwindSafe for Unended {}

/// Runs a closure with the span's own subscriber as the current one of this thread. `None` if the span is disabled.
fn where_it_is_known<T>(span: &Span, run: impl FnOnce(Id) -> T) -> Option<T> {
    let (id, subscriber) =
        span.with_subscriber(|(id, subscriber)| (id.clone(), subscriber.clone()))?;
    Some(with_default(&subscriber, || run(id)))
}

/// Drops a span with its own subscriber as the current one: a registry closes the parent with the current subscriber.
fn close(span: Span) {
    let subscriber = span.with_subscriber(|(_, subscriber)| subscriber.clone());
    if let Some(subscriber) = subscriber {
        with_default(&subscriber, || drop(span));
    }
}
