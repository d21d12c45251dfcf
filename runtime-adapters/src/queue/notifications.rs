//! The events that watchers of a queue have not received yet.

use std::mem;

use super::event::QueueEvent;
use crate::events::Emitter;

pub(super) struct Notifications {
    pub(super) undelivered: Vec<QueueEvent>,
    pub(super) watchers: Vec<Emitter<QueueEvent>>,
    /// A thread has taken the watchers and delivers to them.
    pub(super) is_delivering: bool,
}

impl Notifications {
    pub(super) fn new() -> Self {
        Notifications {
            undelivered: Vec::new(),
            watchers: Vec::new(),
            is_delivering: false,
        }
    }

    /// Adds an event, if there is a watcher.
    pub(super) fn add(&mut self, event: QueueEvent) {
        if self.is_delivering || !self.watchers.is_empty() {
            self.undelivered.push(event);
        }
    }

    /// Whether a thread has to deliver events, or the end of all.
    pub(super) fn is_due(&self, is_over: bool) -> bool {
        !self.is_delivering
            && (!self.undelivered.is_empty() || (is_over && !self.watchers.is_empty()))
    }

    /// Drops the events and returns the emitters. The streams end when the caller drops those.
    #[must_use]
    pub(super) fn end(&mut self) -> Vec<Emitter<QueueEvent>> {
        self.undelivered.clear();
        mem::take(&mut self.watchers)
    }
}
