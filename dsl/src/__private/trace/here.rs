//! The graphs and parts that this thread is polling.
//!
//! During its poll, a graph or a part moves its span here. Afterwards it takes it back, also if the poll panics. Nothing
//! stays here, so a graph can move to another thread. While a subscriber's code runs, nothing here is borrowed.

use core::cell::{Cell, RefCell};

use tracing::span::EnteredSpan;
use tracing::{Id, Span};

use super::parts::{Parts, Place};
use super::wakes::Wakes;
use super::where_it_is_known;

thread_local! {
    /// Whether a recorded graph is at its first poll, and its block has not asked yet. An unrecorded graph reads only this.
    static HAS_BEGUN: Cell<bool> = const { Cell::new(false) };
    static HERE: Here = const { Here { graphs: Stack::new(), parts: Stack::new() } };
}

struct Here {
    graphs: Stack<PolledGraph>,
    parts: Stack<PolledPart>,
}

/// The innermost one is the last. It is `None` while its owner uses it.
struct Stack<T>(RefCell<Vec<Option<T>>>);

impl<T> Stack<T> {
    const fn new() -> Self {
        Stack(RefCell::new(Vec::new()))
    }

    fn push(&self, value: T) {
        self.0.borrow_mut().push(Some(value));
    }

    fn pop(&self) -> Option<T> {
        self.0.borrow_mut().pop().flatten()
    }

    /// Runs a closure with the innermost one, which is not accessible elsewhere meanwhile.
    fn with<R>(&self, run: impl FnOnce(&mut T) -> R) -> Option<R> {
        let mut value = self.0.borrow_mut().last_mut()?.take()?;
        let result = run(&mut value);
        if let Some(place) = self.0.borrow_mut().last_mut() {
            *place = Some(value);
        }
        Some(result)
    }
}

/// A graph that is being polled.
pub(super) struct PolledGraph {
    pub(super) span: EnteredSpan,
    /// The task whose error ends it.
    pub(super) failed: Option<Span>,
    /// Whether it ends with an error of a task. The last exit counts: in a block, earlier lines run on.
    pub(super) has_failed: bool,
    pub(super) parts: Parts,
}

/// A part of it that is being polled.
pub(super) struct PolledPart {
    pub(super) place: Place,
    /// Whether parts have begun within it.
    pub(super) has_parts: bool,
    /// Whether its line is leaving a block by a `return` of a value that is no error.
    pub(super) returns: bool,
    /// The task that runs in it.
    pub(super) task: Option<EnteredSpan>,
    pub(super) wakes: Option<Wakes>,
}

/// Whether this graph is recorded. Its block asks once, at its start.
#[inline]
#[must_use]
pub fn is_recorded() -> bool {
    HAS_BEGUN.get() && HAS_BEGUN.take()
}

/// The block of a recorded graph is about to ask.
pub(super) fn has_begun() {
    HAS_BEGUN.set(true);
}

/// Whether the thread-local state still exists: the thread may be ending.
pub(super) fn is_there() -> bool {
    HERE.try_with(|_| ()).is_ok()
}

pub(super) fn push_graph(graph: PolledGraph) {
    HERE.with(|here| here.graphs.push(graph));
}

pub(super) fn pop_graph() -> Option<PolledGraph> {
    HERE.with(|here| here.graphs.pop())
}

pub(super) fn push_part(part: PolledPart) {
    HERE.with(|here| here.parts.push(part));
}

pub(super) fn pop_part() -> Option<PolledPart> {
    HERE.with(|here| here.parts.pop())
}

/// Runs a closure with the innermost graph.
pub(super) fn with_graph<T>(run: impl FnOnce(&mut PolledGraph) -> T) -> Option<T> {
    HERE.with(|here| here.graphs.with(run))
}

/// The same with the part.
pub(super) fn with_part<T>(run: impl FnOnce(&mut PolledPart) -> T) -> Option<T> {
    HERE.with(|here| here.parts.with(run))
}

/// Runs a closure with the subscriber of the graph and the id of its span.
pub(super) fn in_graph<T>(run: impl FnOnce(Id) -> T) -> Option<T> {
    with_graph(|graph| where_it_is_known(&graph.span, run)).flatten()
}
