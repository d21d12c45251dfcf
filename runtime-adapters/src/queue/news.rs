//! Telling what happens, in the order in which it does, without a lock.

use std::mem;
use std::sync::Arc;

use super::shared::Shared;
use super::state::{End, Intake};
use super::{QueueEvent, QueueEvents};
use crate::events::Emitter;
use crate::panic::contain;

/// What is told to those who watch a queue.
pub(super) struct News {
    untold: Vec<QueueEvent>,
    watchers: Vec<Emitter<QueueEvent>>,
    /// Somebody has the watchers, to tell them.
    is_telling: bool,
}

impl News {
    pub(super) fn new() -> Self {
        News {
            untold: Vec::new(),
            watchers: Vec::new(),
            is_telling: false,
        }
    }

    /// To be told, if there is somebody to tell it to.
    pub(super) fn add(&mut self, event: QueueEvent) {
        if self.is_telling || !self.watchers.is_empty() {
            self.untold.push(event);
        }
    }

    /// Whether somebody is needed who tells the news, or that there will be none.
    pub(super) fn is_due(&self, is_over: bool) -> bool {
        !self.is_telling && (!self.untold.is_empty() || (is_over && !self.watchers.is_empty()))
    }

    /// Nothing is told any more. The streams end when their emitters, which are returned, are dropped.
    #[must_use]
    pub(super) fn end(&mut self) -> Vec<Emitter<QueueEvent>> {
        self.untold.clear();
        mem::take(&mut self.watchers)
    }
}

impl<T, R, E> Shared<T, R, E> {
    /// Tells the news. Who makes more meanwhile, on whatever thread, leaves them to this call.
    pub(super) fn announce(&self) {
        let mut state = self.lock();
        if state.news.is_telling {
            return;
        }
        while !state.news.untold.is_empty() {
            state.news.is_telling = true;
            let untold = mem::take(&mut state.news.untold);
            let mut watchers = mem::take(&mut state.news.watchers);
            drop(state);
            for event in untold {
                for watcher in &watchers {
                    // A stream that is gone is none the worse for it.
                    contain(|| _ = watcher.emit(event));
                }
            }
            watchers.retain(|watcher| !watcher.is_closed());
            state = self.lock();
            state.news.is_telling = false;
            // Those who came meanwhile are last.
            watchers.append(&mut state.news.watchers);
            state.news.watchers = watchers;
        }
        let is_over = state.is_over() || state.intake == Intake::Ended(End::Killed);
        let watchers = if is_over {
            state.news.end()
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
            .news
            .watchers
            .extract_if(.., |watcher| watcher.is_closed())
            .collect();
        let is_over = state.is_over() || state.intake == Intake::Ended(End::Killed);
        let unwanted = if is_over {
            Some(emitter)
        } else {
            state.news.watchers.push(emitter);
            None
        };
        drop(state);
        drop((gone, unwanted));
        stream
    }
}
