//! The state of a part of a recorded graph.

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
            task: Unended(task),
            wakes: None,
            waker: None,
        }
    }

    /// Ends the poll, and the part, too, if it `is_over`.
    pub(super) fn leave(&mut self, is_over: bool) {
        let Some(part) = pop_part() else {
            return;
        };
        (self.wakes, self.has_parts) = (part.wakes, part.has_parts);
        match part.task.map(EnteredSpan::exit) {
            // The task has not reached the end of its body: an error has left the task and the part.
            Some(task) if is_over => {
                task.record("outcome", "failed");
                let before = with_graph(|graph| graph.failed.replace(task)).flatten();
                // Not in the closure: this runs the subscriber's code.
                before.into_iter().for_each(close);
            }
            Some(task) => self.task.put(task),
            None => {}
        }
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
