//! Telling what happens, in the order in which it does, without a lock.

use std::mem;
use std::sync::Arc;

use super::shared::QueueShared;
use super::state::{Intake, QueueEnd};
use super::{QueueEvent, QueueEvents};
use crate::events::Emitter;
use crate::panic::contain;

/// What is told to those who watch a queue.
pub(super) struct Notifications {
    undelivered: Vec<QueueEvent>,
    watchers: Vec<Emitter<QueueEvent>>,
    /// Somebody has the watchers, to tell them.
    is_delivering: bool,
}

impl Notifications {
    pub(super) fn new() -> Self {
        Notifications {
            undelivered: Vec::new(),
            watchers: Vec::new(),
            is_delivering: false,
        }
    }

    /// To be told, if there is somebody to tell it to.
    pub(super) fn add(&mut self, event: QueueEvent) {
        if self.is_delivering || !self.watchers.is_empty() {
            self.undelivered.push(event);
        }
    }

    /// Whether somebody is needed who tells the news, or that there will be none.
    pub(super) fn is_due(&self, is_over: bool) -> bool {
        !self.is_delivering
            && (!self.undelivered.is_empty() || (is_over && !self.watchers.is_empty()))
    }

    /// Nothing is told any more. The streams end when their emitters, which are returned, are dropped.
    #[must_use]
    pub(super) fn end(&mut self) -> Vec<Emitter<QueueEvent>> {
        self.undelivered.clear();
        mem::take(&mut self.watchers)
    }
}

impl<T, R, E> QueueShared<T, R, E> {
    /// Tells the news. Who makes more meanwhile, on whatever thread, leaves them to this call.
    pub(super) fn announce(&self) {
        let mut state = self.lock();
        if state.notifications.is_delivering {
            return;
        }
        while !state.notifications.undelivered.is_empty() {
            state.notifications.is_delivering = true;
            let undelivered = mem::take(&mut state.notifications.undelivered);
            let mut watchers = mem::take(&mut state.notifications.watchers);
            drop(state);
            for event in undelivered {
                for watcher in &watchers {
                    // A stream that is gone is none the worse for it.
                    contain(|| _ = watcher.emit(event));
                }
            }
            watchers.retain(|watcher| !watcher.is_closed());
            state = self.lock();
            state.notifications.is_delivering = false;
            // Those who came meanwhile are last.
            watchers.append(&mut state.notifications.watchers);
            state.notifications.watchers = watchers;
        }
        let is_over = state.is_over() || state.intake == Intake::Ended(QueueEnd::Killed);
        let watchers = if is_over {
            state.notifications.end()
        } else {
            Vec::new()
        };
        drop(state);
        contain(|| drop(watchers));
    }

    pub(super) fn events(self: &Arc<Self>) -> QueueEvents {
        let (stream, emitter) = QueueEvents::new(self.address());
        let mut state = self.lock();
        let gone: Vec<_> = state
            .notifications
            .watchers
            .extract_if(.., |watcher| watcher.is_closed())
            .collect();
        let is_over = state.is_over() || state.intake == Intake::Ended(QueueEnd::Killed);
        let unwanted = if is_over {
            Some(emitter)
        } else {
            state.notifications.watchers.push(emitter);
            None
        };
        drop(state);
        drop((gone, unwanted));
        stream
    }
}
