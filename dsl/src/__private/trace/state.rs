//! The state of a part of a recorded graph.

use core::mem;
use core::task::Waker;

use tracing::Span;
use tracing::span::EnteredSpan;

use super::failure::Failure;
use super::here::{PolledPart, pop_part, push_part, with_graph, with_part};
use super::parts::Place;
use super::polling::Polled;
use super::site::{self, Task};
use super::task;
use super::wakes::{PartWaker, Wakes};
use super::{Unended, close};

/// The state of a part of a recorded graph. Its task and its wakes are elsewhere (`here`) during a poll.
#[derive(Debug)]
pub(super) struct PartState {
    pub(super) place: Place,
    /// The part that it has begun in.
    pub(super) around: Place,
    /// Whether parts have begun within it.
    pub(super) has_parts: bool,
    /// Whether its line is leaving a block by a `return` of a value that is no error.
    pub(super) returns: bool,
    /// The task that runs in it.
    task: Unended,
    /// `Some` if a subscriber records wakes.
    wakes: Option<Wakes>,
    /// The waker that records them.
    waker: Option<PartWaker>,
}

impl PartState {
    /// That of a part that begins.
    pub(super) fn begin(task: Option<&'static Task>) -> Self {
        let around = with_part(|part| {
            part.has_parts = true;
            part.place
        });
        let mut state = PartState::of(task.and_then(task::open));
        state.around = around.unwrap_or_default();
        state.place = with_graph(|graph| graph.parts.add()).unwrap_or_default();
        state
    }

    /// A state outside of the graph, with the span of the task in it.
    pub(super) fn of(task: Option<Span>) -> Self {
        PartState {
            place: Place::default(),
            around: Place::default(),
            has_parts: false,
            returns: false,
            task: Unended(task),
            wakes: None,
            waker: None,
        }
    }

    /// Ends the poll, and the part, too, if it `is_over`. Returns whether its task has left the part before its end.
    pub(super) fn leave(&mut self, is_over: bool) -> bool {
        let Some(part) = pop_part() else {
            return false;
        };
        (self.wakes, self.has_parts, self.returns) = (part.wakes, part.has_parts, part.returns);
        let Some(task) = part.task.map(EnteredSpan::exit) else {
            return false;
        };
        if !is_over {
            self.task.put(task);
            return false;
        }
        task.record("outcome", if self.returns { "done" } else { "failed" });
        let (failed, ended) = if self.returns {
            (None, Some(task))
        } else {
            (Some(task), None)
        };
        let before = with_graph(|graph| {
            graph.has_failed = failed.is_some();
            mem::replace(&mut graph.failed, failed)
        });
        // Not in the closure: this runs the subscriber's code.
        before.flatten().into_iter().chain(ended).for_each(close);
        true
    }
}

impl Polled for PartState {
    fn enter(&mut self, outer: &Waker) {
        if site::wakes_may_be_told() {
            let task = self.task.get();
            let wakes = self.wakes.get_or_insert_with(|| Wakes::of(task));
            self.waker = Some(wakes.waker(self.waker.take(), outer));
        } else {
            (self.wakes, self.waker) = (None, None);
        }
        push_part(PolledPart {
            place: self.place,
            has_parts: self.has_parts,
            returns: self.returns,
            task: self.task.take().map(Span::entered),
            wakes: self.wakes.take(),
        });
    }

    fn waker<'w>(&'w self, outer: &'w Waker) -> &'w Waker {
        self.waker.as_ref().map_or(outer, |it| &it.waker)
    }

    fn panic(&mut self) {
        if let Some(task) = pop_part().and_then(|part| part.task) {
            task.record("outcome", "panicked");
            Failure::panic().record(&task);
            close(task.exit());
        }
    }
}
