//! The state of a queue, and what each change of it leads to.
//!
//! All of it is under one lock, so loom has no orderings to explore. The lock is never held while user code runs: each
//! change returns [`Effects`] to carry out after the unlock.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::ThreadId;

use super::backlog::{Backlog, Job};
use super::error::QueueError;
use super::event::QueueEvent;
use super::notifications::Notifications;
use super::wait_target::WaitTarget;
use super::waiting_worker::WaitingWorker;

pub(super) struct QueueState<T, R, E> {
    pub(super) backlog: Backlog<T, R, E>,
    pub(super) removal: Option<OngoingRemoval>,
    pub(super) intake: Intake,
    pub(super) concurrency: usize,
    pub(super) is_paused: bool,
    /// The queue's tasks: each runs a job, settles a handle, or is about to look for the next job.
    pub(super) runners: usize,
    /// How many of them run a job.
    pub(super) running: usize,
    /// How many of them have finished a job and not yet settled its handle.
    pub(super) settling: usize,
    /// How many calls are about to fail handles of jobs that will not start.
    pub(super) failing: usize,
    /// One runner waits for the queue to resume, so that it notices the end of the runtime.
    pub(super) is_parked: bool,
    /// How many jobs have started.
    started: u64,
    /// How often the queue has drained.
    pub(super) drains: u64,
    last: LastStatus,
    pub(super) notifications: Notifications,
    /// How many calls have removed jobs and not yet added their permits.
    pub(super) making_room: usize,
    /// The workers that only this queue can wake, by the numbers of their jobs.
    pub(super) stuck: BTreeMap<i64, Arc<WaitingWorker>>,
    /// A stuck worker may wait for itself, and this has not been checked.
    is_suspicious: bool,
}

/// The status after the last change.
struct LastStatus {
    is_drained: bool,
    is_saturated: bool,
}

/// A call of `remove` holds the jobs that waited.
pub(super) struct OngoingRemoval {
    pub(super) thread: ThreadId,
    pub(super) jobs: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Intake {
    Open,
    /// Takes no more items, and runs those it has.
    Closing,
    /// Takes no more items. Those that waited have failed.
    Ended(QueueEnd),
}

/// What waiting items fail with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum QueueEnd {
    Killed,
    Closed,
}

impl QueueEnd {
    pub(super) fn error<E>(self) -> QueueError<E> {
        match self {
            QueueEnd::Killed => QueueError::Killed,
            QueueEnd::Closed => QueueError::Closed,
        }
    }
}

/// What to do after the unlock.
pub(super) struct Effects {
    /// How many runners to spawn. The state counts them already.
    pub(super) start: usize,
    pub(super) unpark: bool,
    pub(super) is_drained: bool,
    pub(super) announce: bool,
}

impl<T, R, E> QueueState<T, R, E> {
    pub(super) fn new(backlog: Backlog<T, R, E>, concurrency: usize, is_paused: bool) -> Self {
        QueueState {
            backlog,
            removal: None,
            intake: Intake::Open,
            concurrency,
            is_paused,
            runners: 0,
            running: 0,
            settling: 0,
            failing: 0,
            is_parked: false,
            started: 0,
            drains: 0,
            last: LastStatus {
                is_drained: true,
                is_saturated: false,
            },
            notifications: Notifications::new(),
            making_room: 0,
            stuck: BTreeMap::new(),
            is_suspicious: false,
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.backlog.len() + self.removal.as_ref().map_or(0, |removal| removal.jobs)
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting() == 0 && self.running == 0
    }

    /// Idle, and all handles have settled.
    pub(super) fn is_drained(&self) -> bool {
        self.is_idle() && self.settling == 0 && self.failing == 0
    }

    /// Nothing will happen any more.
    pub(super) fn is_over(&self) -> bool {
        self.intake != Intake::Open && self.is_drained()
    }

    /// The next job and its number in the order of starts, for a runner that has none.
    pub(super) fn start(&mut self) -> Option<(Job<T, R, E>, u64)> {
        if self.is_paused || self.removal.is_some() || self.running >= self.concurrency {
            return None;
        }
        let job = self.backlog.pop()?;
        self.running += 1;
        self.started += 1;
        if self.backlog.len() == 0 {
            self.notifications.add(QueueEvent::Empty);
        }
        Some((job, self.started))
    }

    /// What the last change leads to.
    pub(super) fn effects(&mut self) -> Effects {
        let start = self.missing_runners();
        self.runners += start;
        // The parked runner continues, or leaves because nothing waits.
        let unpark = self.is_parked && (!self.is_paused || self.waiting() == 0);
        self.is_parked &= !unpark;

        let is_full = self.running >= self.concurrency;
        if is_full && !self.last.is_saturated {
            self.last.is_saturated = true;
            self.notifications.add(QueueEvent::Saturated);
        } else if self.last.is_saturated && self.has_free_worker() {
            self.last.is_saturated = false;
            self.notifications.add(QueueEvent::Unsaturated);
        }
        let was_drained = self.last.is_drained;
        self.last.is_drained = self.is_drained();
        let is_drained = self.last.is_drained && !was_drained;
        if is_drained {
            self.drains += 1;
            self.notifications.add(QueueEvent::Drained);
        }
        let announce = self.notifications.is_due(self.is_over());
        Effects {
            start,
            unpark,
            is_drained,
            announce,
        }
    }

    /// Adds a worker that only this queue can wake.
    pub(super) fn stick(&mut self, worker: Arc<WaitingWorker>) {
        // Most wait for a job that another worker runs. Those cannot be a deadlock yet.
        self.is_suspicious |= worker.waits_only(|target| match target {
            WaitTarget::Job(number) => number == worker.job || self.stuck.contains_key(&number),
            WaitTarget::Room | WaitTarget::Event | WaitTarget::Drained => false,
        });
        self.stuck.insert(worker.job, worker);
    }

    /// A worker that would wait forever, unless the concurrency changes or items are removed: only workers that would wait
    /// forever could wake it.
    ///
    /// It returns one at a time, because the end of one makes room for what the others wait for.
    #[cold]
    pub(super) fn deadlocked(&mut self) -> Option<Arc<WaitingWorker>> {
        let may_all_be_stuck = self.running <= self.stuck.len();
        if !(self.is_suspicious || may_all_be_stuck) {
            return None;
        }
        // Some are about to be woken. This is called again afterwards.
        if self.settling > 0 || self.failing > 0 || self.making_room > 0 || self.removal.is_some() {
            return None;
        }
        self.is_suspicious = false;
        let mut stuck = self.stuck.clone();
        stuck.retain(|_, worker| !worker.has_woken());
        loop {
            let before = stuck.len();
            // No job can start, and no event can happen.
            let all_are_stuck = self.running <= before && self.running >= self.concurrency;
            let hopeful: Vec<_> = stuck
                .values()
                .filter(|worker| {
                    !worker.waits_only(|target| match target {
                        WaitTarget::Job(number) => all_are_stuck || stuck.contains_key(&number),
                        // A closed queue is about to refuse those who wait for room.
                        WaitTarget::Room => all_are_stuck && self.intake == Intake::Open,
                        WaitTarget::Event | WaitTarget::Drained => all_are_stuck,
                    })
                })
                .map(|worker| worker.job)
                .collect();
            for job in hopeful {
                stuck.remove(&job);
            }
            if stuck.len() == before {
                return stuck.pop_last().map(|(_, worker)| worker);
            }
        }
    }

    /// How many runners to spawn so that every job that can start does.
    fn missing_runners(&self) -> usize {
        // Not those that settle: a hook or a drop of the user's may block them.
        let looking = self.runners - self.running - self.settling;
        if self.removal.is_some() {
            0
        } else if self.is_paused {
            // One that parks.
            usize::from(self.backlog.len() > 0 && self.runners == 0)
        } else {
            self.backlog
                .len()
                .saturating_sub(looking)
                .min(self.concurrency.saturating_sub(self.runners))
        }
    }

    /// Whether a worker is free and stays free until an item is pushed.
    fn has_free_worker(&self) -> bool {
        self.running < self.concurrency && (self.waiting() == 0 || self.is_paused)
    }
}

#[track_caller]
pub(super) fn assert_concurrency(concurrency: usize) {
    assert!(
        concurrency > 0,
        "the concurrency of a queue is 0; help: use at least 1, and `pause` to start no more jobs"
    );
}
