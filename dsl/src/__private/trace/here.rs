//! What is being polled on this thread.
//!
//! For the time of its poll a graph puts here what it and its parts keep between polls, and puts back what was here
//! before, also when the poll panics. Nothing stays here, so that a graph can move to another thread. While code of a
//! subscriber runs, nothing here is borrowed.

use core::cell::Cell;

use tracing::span::EnteredSpan;
use tracing::{Id, Span};

use super::part::Kept;
use super::where_it_is_known;

thread_local! {
    /// Whether the graph that is being polled is recorded. All else here is for these; for the others this is all that
    /// is looked at.
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
    pub(super) kept: Box<Kept>,
}

#[inline]
pub(super) fn is_recorded() -> bool {
    IS_RECORDED.get()
}

/// Says whether the graph that is being polled is recorded, until this is dropped.
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

/// Whether there is still a place on this thread, which may be about to end.
pub(super) fn is_there() -> bool {
    HERE.try_with(|_| ()).is_ok()
}

pub(super) fn replace_graph(graph: Option<PolledGraph>) -> Option<PolledGraph> {
    HERE.with(|here| here.graph.replace(graph))
}

pub(super) fn replace_part(part: Option<PolledPart>) -> Option<PolledPart> {
    HERE.with(|here| here.part.replace(part))
}

/// Does something with the graph, which nobody else finds meanwhile.
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

/// Does something where the graph is known, with the id of its span.
pub(super) fn in_graph<T>(run: impl FnOnce(Id) -> T) -> Option<T> {
    with_graph(|graph| where_it_is_known(&graph.span, run)).flatten()
}
