//! Spans for graphs and their tasks.
//!
//! A graph is a future around the `async` block that it is without them ([`Graph`]); so is each part that is polled
//! beside others ([`Part`]). In each of these one task runs at a time: they keep its span from poll to poll, and enter
//! it for the time of each. The task itself says when it starts and when it ends, by functions that find the part that
//! is being polled on this thread (`here`). So bodies stay where they are, in the same block, and their types are
//! inferred as ever.
//!
//! A graph is recorded from its first poll on, or never.

mod called;
mod failure;
mod graph;
mod here;
mod item;
mod left;
mod part;
mod site;
mod wakes;

pub use called::Called;
pub use failure::{ByDebug, ByDisplay, ByNothing, Errors};
pub use failure::{
    Failure, failure, is_whole, named_failure, never_fails, no_message, some_failure,
};
pub use graph::Graph;
pub use item::{Item, items};
pub use left::{Left, LeftByDebug, LeftByDisplay, LeftByNothing};
pub use part::{Part, ends, fails, skips, starts};
pub use site::{Metadata, Site, graph_metadata, item_metadata, task_metadata};

use core::panic::{RefUnwindSafe, UnwindSafe};

use tracing::dispatcher::with_default;
use tracing::{Id, Span};

/// What all spans and events are filtered by.
const TARGET: &str = "conjoin";

/// The span of what runs and is not being polled. If it is dropped with it, that was cancelled.
#[derive(Debug, Default)]
struct Unended(Option<Span>);

impl Unended {
    fn of(span: Span) -> Self {
        Unended(Some(span))
    }

    fn get(&self) -> Option<&Span> {
        self.0.as_ref()
    }

    fn take(&mut self) -> Option<Span> {
        self.0.take()
    }

    /// Where there was none.
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

// What a subscriber does with a span after a panic does not depend on the graph. Without the feature there is none.
impl UnwindSafe for Unended {}
impl RefUnwindSafe for Unended {}

/// Runs something where the subscriber is the current one that made this span, whoever else is it on this thread.
/// `None` when the span is disabled.
fn where_it_is_known<T>(span: &Span, run: impl FnOnce(Id) -> T) -> Option<T> {
    let (id, subscriber) =
        span.with_subscriber(|(id, subscriber)| (id.clone(), subscriber.clone()))?;
    Some(with_default(&subscriber, || run(id)))
}

/// Drops a span where it is known: a registry of spans closes the parent where the current subscriber is.
fn close(span: Span) {
    let subscriber = span.with_subscriber(|(_, subscriber)| subscriber.clone());
    if let Some(subscriber) = subscriber {
        with_default(&subscriber, || drop(span));
    }
}
