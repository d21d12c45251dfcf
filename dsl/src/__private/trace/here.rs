//! The graph that this thread is polling.
//!
//! During its poll, a graph moves its state and that of its parts here. Afterwards it restores the previous state, also
//! if the poll panics. Nothing stays here, so a graph can move to another thread. While a subscriber's code runs,
//! nothing here is borrowed.

use core::cell::Cell;

use tracing::span::EnteredSpan;
use tracing::{Id, Span};

use super::part::PartState;
use super::where_it_is_known;

thread_local! {
    /// Whether the graph that is being polled is recorded. An unrecorded graph reads only this.
    static IS_RECORDED: Cell<bool> = const { Cell::new(false) };
    static HERE: Here = const { Here { graph: Cell::new(None), part: Cell::new(None) } };
}

struct Here {
    graph: Cell<Option<PolledGraph>>,
    part: Cell<Option<PolledPart>>,
}

/// The innermost graph that is being polled.
pub(super) struct PolledGraph {
    pub(super) span: EnteredSpan,
    /// The task whose error ends it.
    pub(super) failed: Option<Span>,
}

/// The innermost part of it that is being polled.
pub(super) struct PolledPart {
    /// The task that runs in it.
    pub(super) task: Option<EnteredSpan>,
    pub(super) state: Box<PartState>,
}

#[inline]
pub(super) fn is_recorded() -> bool {
    IS_RECORDED.get()
}

/// Sets whether the graph that is being polled is recorded, until it drops.
#[derive(Debug)]
pub(super) struct Recorded {
    around: bool,
}

impl Recorded {
    pub(super) fn set(is_recorded: bool) -> Self {
        Recorded {
            around: IS_RECORDED.replace(is_recorded),
        }
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        IS_RECORDED.set(self.around);
    }
}

/// Whether the thread-local state still exists: the thread may be ending.
pub(super) fn is_there() -> bool {
    HERE.try_with(|_| ()).is_ok()
}

pub(super) fn replace_graph(graph: Option<PolledGraph>) -> Option<PolledGraph> {
    HERE.with(|here| here.graph.replace(graph))
}

pub(super) fn replace_part(part: Option<PolledPart>) -> Option<PolledPart> {
    HERE.with(|here| here.part.replace(part))
}

/// Runs a closure with the graph, which is not accessible elsewhere meanwhile.
pub(super) fn with_graph<T>(run: impl FnOnce(&mut PolledGraph) -> T) -> Option<T> {
    let mut graph = replace_graph(None)?;
    let result = run(&mut graph);
    replace_graph(Some(graph));
    Some(result)
}

/// The same with the part.
pub(super) fn with_part<T>(run: impl FnOnce(&mut PolledPart) -> T) -> Option<T> {
    let mut part = replace_part(None)?;
    let result = run(&mut part);
    replace_part(Some(part));
    Some(result)
}

/// Runs a closure with the subscriber of the graph and the id of its span.
pub(super) fn in_graph<T>(run: impl FnOnce(Id) -> T) -> Option<T> {
    with_graph(|graph| where_it_is_known(&graph.span, run)).flatten()
}
