//! Delivers events to the watchers, in order, without the lock.

use std::mem;
use std::sync::Arc;

use super::event::QueueEvents;
use super::shared::QueueShared;
use super::state::{Intake, QueueEnd};
use crate::events::Emitter;
use crate::panic::contain;

impl<T, R, E> QueueShared<T, R, E> {
    /// Delivers all events, including those that other threads add meanwhile.
    pub(super) fn announce(&self) {
        let mut state = self.lock();
        if state.notifications.is_delivering {
            return;
        }
        while !state.notifications.undelivered.is_empty() {
            state.notifications.is_delivering = true;
            let events = mem::take(&mut state.notifications.undelivered);
            let mut watchers = mem::take(&mut state.notifications.watchers);
            drop(state);
            for event in events {
                for watcher in &watchers {
                    // An error means that the stream is gone.
                    contain(|| _ = watcher.emit(event));
                }
            }
            watchers.retain(|watcher| !watcher.is_closed());
            state = self.lock();
            state.notifications.is_delivering = false;
            // Behind the old ones come those added meanwhile.
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
        let watchers = mem::take(&mut state.notifications.watchers).into_iter();
        let (gone, watchers): (Vec<_>, _) = watchers.partition(Emitter::is_closed);
        state.notifications.watchers = watchers;
        let is_over = state.is_over() || state.intake == Intake::Ended(QueueEnd::Killed);
        let unused = if is_over {
            Some(emitter)
        } else {
            state.notifications.watchers.push(emitter);
            None
        };
        drop(state);
        drop((gone, unused));
        stream
    }
}
