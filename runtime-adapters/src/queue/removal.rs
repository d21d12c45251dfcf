//! Taking items out of the line.

use std::mem;
use std::sync::{Arc, PoisonError};
use std::thread;

use super::QueueError;
use super::backlog::Job;
use super::shared::{QueueShared, drop_all};
use super::state::{Intake, OngoingRemoval};

impl<T, R, E> QueueShared<T, R, E> {
    /// Fails the items that wait and that the predicate wants out, and returns them.
    #[track_caller]
    pub(super) fn remove(self: &Arc<Self>, mut predicate: impl FnMut(&T) -> bool) -> Vec<T> {
        let mut looking = self.begin_removal();
        // When it panics, all go back.
        let verdicts: Vec<bool> = looking
            .entries
            .iter()
            .map(|entry| predicate(&entry.item))
            .collect();
        let mut verdicts = verdicts.into_iter();
        let (unwanted, kept) = mem::take(&mut looking.entries)
            .into_iter()
            .partition(|_| verdicts.next() == Some(true));
        looking.entries = kept;
        looking.end(unwanted)
    }

    #[track_caller]
    fn begin_removal(self: &Arc<Self>) -> RemovalGuard<'_, T, R, E> {
        let thread = thread::current().id();
        let mut state = self.lock();
        while let Some(removal) = &state.removal {
            if removal.thread == thread {
                drop(state);
                panic!("`remove` was called by the predicate of `remove`, of the same queue");
            }
            state = self
                .removed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let entries = state.backlog.take();
        state.removal = Some(OngoingRemoval {
            thread,
            items: entries.len(),
        });
        drop(state);
        RemovalGuard {
            shared: self,
            entries,
            is_over: false,
        }
    }
}

/// The items that a removal looks at. Nothing is started meanwhile, so that the order stays.
struct RemovalGuard<'a, T, R, E> {
    shared: &'a Arc<QueueShared<T, R, E>>,
    entries: Vec<Job<T, R, E>>,
    is_over: bool,
}

impl<T, R, E> RemovalGuard<'_, T, R, E> {
    /// Puts back what it has. Those that are unwanted fail, and are returned.
    fn end(&mut self, unwanted: Vec<Job<T, R, E>>) -> Vec<T> {
        self.is_over = true;
        let shared = self.shared;
        let entries = mem::take(&mut self.entries);
        let places = unwanted.len();
        let mut state = shared.lock();
        state.removal = None;
        state.making_room += 1;
        // Before anybody else is told: a handle's waker may wait for another removal.
        shared.removed.notify_all();
        let (items, lost) = match state.intake {
            Intake::Open | Intake::Closing => {
                state.backlog.put_back(entries);
                (
                    shared.fail(state, unwanted, || QueueError::Removed),
                    Vec::new(),
                )
            }
            // It has been killed meanwhile, and missed these.
            Intake::Ended(end) => {
                let lost = shared.fail(state, entries, || end.error());
                (
                    shared.fail(shared.lock(), unwanted, || QueueError::Removed),
                    lost,
                )
            }
        };
        shared.add_room(places);
        let mut state = shared.lock();
        state.making_room -= 1;
        shared.release(state);
        drop_all(lost);
        items
    }
}

impl<T, R, E> Drop for RemovalGuard<'_, T, R, E> {
    fn drop(&mut self) {
        if !self.is_over {
            self.end(Vec::new());
        }
    }
}
