//! What is known of a queue, and what follows from it.
//!
//! All of it is under one lock, so that there are no orderings for loom to explore. The lock is never held while code
//! of the user's runs: each change says in its [`Effects`] what is to be done after it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread::ThreadId;

use super::backlog::{Backlog, Job};
use super::notifications::Notifications;
use super::self_wait::{WaitTarget, WaitingWorker};
use super::{QueueError, QueueEvent};

pub(super) struct QueueState<T, R, E> {
    pub(super) backlog: Backlog<T, R, E>,
    pub(super) removal: Option<OngoingRemoval>,
    pub(super) intake: Intake,
    pub(super) concurrency: usize,
    pub(super) is_paused: bool,
    /// The tasks of the queue's: each works on an item, settles a handle, or is about to look for the next item.
    pub(super) runners: usize,
    /// How many of them work on an item.
    pub(super) running: usize,
    /// How many of them have ended their work, and not yet told the item's handle.
    pub(super) settling: usize,
    /// How many calls are about to tell handles that their items will not be worked on.
    pub(super) failing: usize,
    /// One of them waits until the queue goes on, so that the end of the runtime is noticed.
    pub(super) is_parked: bool,
    /// How many items have been started.
    started: u64,
    /// How often there was nothing left to do.
    pub(super) drains: u64,
    last: LastStatus,
    pub(super) notifications: Notifications,
    /// How many calls have taken items out of the backlog, and are about to make their room known.
    pub(super) making_room: usize,
    /// The workers that nothing but this queue can wake, by the numbers of their items.
    pub(super) standing: BTreeMap<i64, Arc<WaitingWorker>>,
    /// One of them may wait for itself, and this has not been looked at.
    is_unjudged: bool,
}

/// What it was like after the last change.
struct LastStatus {
    is_drained: bool,
    is_saturated: bool,
}

/// A call of `remove` looks at the items that waited.
pub(super) struct OngoingRemoval {
    pub(super) thread: ThreadId,
    pub(super) items: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Intake {
    Open,
    /// Takes nothing more. What it has is done.
    Closing,
    /// Takes nothing more. What waited has failed.
    Ended(QueueEnd),
}

/// What items that waited fail with.
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

/// What is to be done when the lock is free.
pub(super) struct Effects {
    /// As many tasks are to be spawned, and are counted as runners already.
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
            standing: BTreeMap::new(),
            is_unjudged: false,
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.backlog.len() + self.removal.as_ref().map_or(0, |removal| removal.items)
    }

    /// Whether there is nothing left to do.
    pub(super) fn is_idle(&self) -> bool {
        self.waiting() == 0 && self.running == 0
    }

    /// Whether all handles know that.
    pub(super) fn is_drained(&self) -> bool {
        self.is_idle() && self.settling == 0 && self.failing == 0
    }

    /// Whether nothing happens any more.
    pub(super) fn is_over(&self) -> bool {
        self.intake != Intake::Open && self.is_drained()
    }

    /// The next item and its number, for a runner that has none.
    pub(super) fn start(&mut self) -> Option<(Job<T, R, E>, u64)> {
        if self.is_paused || self.removal.is_some() || self.running >= self.concurrency {
            return None;
        }
        let entry = self.backlog.pop()?;
        self.running += 1;
        self.started += 1;
        if self.backlog.len() == 0 {
            self.notifications.add(QueueEvent::Empty);
        }
        Some((entry, self.started))
    }

    /// What follows from the last change.
    pub(super) fn effects(&mut self) -> Effects {
        let start = self.missing_runners();
        self.runners += start;
        // A parked runner goes on, or sees that there is nothing to wait for.
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

    /// This worker waits for nothing but its own queue.
    pub(super) fn stand_still(&mut self, work: Arc<WaitingWorker>) {
        // Most wait for what somebody else works on: nothing more is to be looked at, then.
        self.is_unjudged |= work.waits_only(|wait| match wait {
            WaitTarget::Item(number) => number == work.item || self.standing.contains_key(&number),
            WaitTarget::Room | WaitTarget::Event | WaitTarget::Drained => false,
        });
        self.standing.insert(work.item, work);
    }

    /// A worker for which nothing comes that it waits for, unless the concurrency changes or items are taken out: all that
    /// could bring it are workers of which the same is true.
    ///
    /// It is one at a time: its end makes room, for what the others wait for.
    #[cold]
    pub(super) fn deadlocked(&mut self) -> Option<Arc<WaitingWorker>> {
        let may_all_stand = self.running <= self.standing.len();
        if !(self.is_unjudged || may_all_stand) {
            return None;
        }
        // Somebody is about to wake them. It is looked at again after that.
        if self.settling > 0 || self.failing > 0 || self.making_room > 0 || self.removal.is_some() {
            return None;
        }
        self.is_unjudged = false;
        let mut standing = self.standing.clone();
        standing.retain(|_, work| !work.has_woken());
        loop {
            let before = standing.len();
            // What waits to be started is not, and nothing happens.
            let all_stand = self.running <= before && self.running >= self.concurrency;
            let hopeful: Vec<_> = standing
                .values()
                .filter(|work| {
                    !work.waits_only(|wait| match wait {
                        WaitTarget::Item(number) => all_stand || standing.contains_key(&number),
                        // Who waits for room in a queue that is closed is about to hear of it.
                        WaitTarget::Room => all_stand && self.intake == Intake::Open,
                        WaitTarget::Event | WaitTarget::Drained => all_stand,
                    })
                })
                .map(|work| work.item)
                .collect();
            for item in hopeful {
                standing.remove(&item);
            }
            if standing.len() == before {
                return standing.pop_last().map(|(_, work)| work);
            }
        }
    }

    /// How many tasks are to be spawned so that all work goes on that can.
    fn missing_runners(&self) -> usize {
        // One that settles may be held up by a hook or a drop of the user's.
        let looking = self.runners - self.running - self.settling;
        if self.removal.is_some() {
            0
        } else if self.is_paused {
            // One that is parked.
            usize::from(self.backlog.len() > 0 && self.runners == 0)
        } else {
            self.backlog
                .len()
                .saturating_sub(looking)
                .min(self.concurrency.saturating_sub(self.runners))
        }
    }

    /// Whether a worker is free and will stay so until something comes.
    fn has_free_worker(&self) -> bool {
        self.running < self.concurrency && (self.waiting() == 0 || self.is_paused)
    }
}
