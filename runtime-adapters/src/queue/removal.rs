//! Removes waiting items.

use std::mem;
use std::sync::{Arc, PoisonError};
use std::thread;

use super::backlog::Job;
use super::error::QueueError;
use super::shared::{QueueShared, drop_all};
use super::state::{Intake, OngoingRemoval};

impl<T, R, E> QueueShared<T, R, E> {
    /// Fails the waiting items for which `predicate` is true, and returns them.
    #[track_caller]
    pub(super) fn remove(self: &Arc<Self>, mut predicate: impl FnMut(&T) -> bool) -> Vec<T> {
        let mut removal = self.begin_removal();
        // If it panics, the guard puts all jobs back.
        let verdicts: Vec<bool> = removal
            .jobs
            .iter()
            .map(|job| predicate(&job.item))
            .collect();
        let mut verdicts = verdicts.into_iter();
        let (removed, kept) = mem::take(&mut removal.jobs)
            .into_iter()
            .partition(|_| verdicts.next() == Some(true));
        removal.jobs = kept;
        removal.end(removed)
    }

    #[track_caller]
    fn begin_removal(self: &Arc<Self>) -> RemovalGuard<'_, T, R, E> {
        let thread = thread::current().id();
        let mut state = self.lock();
        while let Some(removal) = &state.removal {
            if removal.thread == thread {
                drop(state);
                panic!(
                    "the predicate of `remove` called `remove` on the same queue; help: remove the items afterwards"
                );
            }
            state = self
                .removed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let jobs = state.backlog.take();
        state.removal = Some(OngoingRemoval {
            thread,
            jobs: jobs.len(),
        });
        drop(state);
        RemovalGuard {
            shared: self,
            jobs,
            is_over: false,
        }
    }
}

/// Holds the waiting jobs during a removal. No job starts meanwhile, so the order is kept.
struct RemovalGuard<'a, T, R, E> {
    shared: &'a Arc<QueueShared<T, R, E>>,
    jobs: Vec<Job<T, R, E>>,
    is_over: bool,
}

impl<T, R, E> RemovalGuard<'_, T, R, E> {
    /// Puts the jobs back. Fails the removed ones, and returns their items.
    fn end(&mut self, removed: Vec<Job<T, R, E>>) -> Vec<T> {
        self.is_over = true;
        let shared = self.shared;
        let jobs = mem::take(&mut self.jobs);
        let permits = removed.len();
        let mut state = shared.lock();
        state.removal = None;
        state.making_room += 1;
        // Before the handles settle: one of their wakers may wait for another removal.
        shared.removed.notify_all();
        let (items, lost) = match state.intake {
            Intake::Open | Intake::Closing => {
                state.backlog.put_back(jobs);
                (
                    shared.fail(state, removed, || QueueError::Removed),
                    Vec::new(),
                )
            }
            // The queue ended meanwhile and missed these jobs.
            Intake::Ended(end) => {
                let lost = shared.fail(state, jobs, || end.error());
                (
                    shared.fail(shared.lock(), removed, || QueueError::Removed),
                    lost,
                )
            }
        };
        shared.add_room(permits);
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
