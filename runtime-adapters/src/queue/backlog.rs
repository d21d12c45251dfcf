//! The items that wait, in the order in which they will be started.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use tokio::sync::oneshot;

use super::job_handle::JobResult;
use crate::span::CapturedSpan;

/// An item that waits.
pub(super) struct Job<T, R, E> {
    pub(super) item: T,
    pub(super) reply: oneshot::Sender<JobResult<R, E>>,
    /// Where it was pushed.
    pub(super) here: CapturedSpan,
    /// Its place in the line: the lowest priority first, and the lowest number among equals.
    place: (i64, i64),
}

/// Where an item joins the line.
#[derive(Clone, Copy)]
pub(super) enum Position {
    Front,
    Back,
    /// After those of the same priority.
    Priority(i64),
}

pub(super) enum BacklogKind {
    Fifo,
    Priority,
}

pub(super) struct Backlog<T, R, E> {
    entries: Order<T, R, E>,
    /// The numbers of the next item at either end.
    front: i64,
    back: i64,
}

enum Order<T, R, E> {
    /// In order of their places, so that an item that joins it at an end costs the same however long it is.
    Fifo(VecDeque<Job<T, R, E>>),
    Priority(BinaryHeap<Job<T, R, E>>),
}

impl<T, R, E> Backlog<T, R, E> {
    pub(super) fn new(kind: &BacklogKind) -> Self {
        let entries = match kind {
            BacklogKind::Fifo => Order::Fifo(VecDeque::new()),
            BacklogKind::Priority => Order::Priority(BinaryHeap::new()),
        };
        Backlog {
            entries,
            front: -1,
            back: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        match &self.entries {
            Order::Fifo(entries) => entries.len(),
            Order::Priority(entries) => entries.len(),
        }
    }

    /// Returns the number of the item, by which it is told from all others.
    pub(super) fn push(
        &mut self,
        item: T,
        reply: oneshot::Sender<JobResult<R, E>>,
        here: CapturedSpan,
        at: Position,
    ) -> i64 {
        let place = match at {
            Position::Front => (0, self.front),
            Position::Back => (0, self.back),
            Position::Priority(priority) => (priority, self.back),
        };
        match at {
            Position::Front => self.front -= 1,
            Position::Back | Position::Priority(_) => self.back += 1,
        }
        let entry = Job {
            item,
            reply,
            here,
            place,
        };
        match (&mut self.entries, at) {
            (Order::Fifo(entries), Position::Front) => entries.push_front(entry),
            (Order::Fifo(entries), Position::Back | Position::Priority(_)) => {
                entries.push_back(entry);
            }
            (Order::Priority(entries), _) => entries.push(entry),
        }
        place.1
    }

    pub(super) fn pop(&mut self) -> Option<Job<T, R, E>> {
        match &mut self.entries {
            Order::Fifo(entries) => entries.pop_front(),
            Order::Priority(entries) => entries.pop(),
        }
    }

    /// All, in order.
    pub(super) fn take(&mut self) -> Vec<Job<T, R, E>> {
        match &mut self.entries {
            Order::Fifo(entries) => std::mem::take(entries).into(),
            Order::Priority(entries) => {
                let mut entries = std::mem::take(entries).into_sorted_vec();
                entries.reverse();
                entries
            }
        }
    }

    /// Entries that were taken, in order, back to their places; others may have come since.
    pub(super) fn put_back(&mut self, mut kept: Vec<Job<T, R, E>>) {
        let Some(first) = kept.first() else { return };
        match &mut self.entries {
            Order::Fifo(entries) => {
                // Newer ones have come at the ends alone.
                let mut behind =
                    entries.split_off(entries.partition_point(|entry| entry.place < first.place));
                entries.extend(kept);
                entries.append(&mut behind);
            }
            Order::Priority(entries) => entries.extend(kept.drain(..)),
        }
    }
}

impl<T, R, E> Job<T, R, E> {
    /// By which it is told from all others of its queue.
    pub(super) fn number(&self) -> i64 {
        self.place.1
    }
}

impl<T, R, E> Ord for Job<T, R, E> {
    /// The greatest is the first to be started, as a heap gives it.
    fn cmp(&self, other: &Self) -> Ordering {
        other.place.cmp(&self.place)
    }
}

impl<T, R, E> PartialOrd for Job<T, R, E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T, R, E> PartialEq for Job<T, R, E> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl<T, R, E> Eq for Job<T, R, E> {}
