//! The items that wait, in the order in which they will be started.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};

use tokio::sync::oneshot;

use super::pushed::Outcome;
use crate::span::Here;

/// An item that waits.
pub(super) struct Entry<T, R, E> {
    pub(super) item: T,
    pub(super) reply: oneshot::Sender<Outcome<R, E>>,
    /// Where it was pushed.
    pub(super) here: Here,
    /// Its place in the line: the lowest priority first, and the lowest number among equals.
    place: (i64, i64),
}

/// Where an item joins the line.
#[derive(Clone, Copy)]
pub(super) enum At {
    Front,
    Back,
    /// After those of the same priority.
    Priority(i64),
}

pub(super) enum Kind {
    Fifo,
    Priority,
}

pub(super) struct Line<T, R, E> {
    entries: Entries<T, R, E>,
    /// The numbers of the next item at either end.
    front: i64,
    back: i64,
}

enum Entries<T, R, E> {
    /// In order of their places, so that an item that joins it at an end costs the same however long it is.
    Fifo(VecDeque<Entry<T, R, E>>),
    Priority(BinaryHeap<Entry<T, R, E>>),
}

impl<T, R, E> Line<T, R, E> {
    pub(super) fn new(kind: &Kind) -> Self {
        let entries = match kind {
            Kind::Fifo => Entries::Fifo(VecDeque::new()),
            Kind::Priority => Entries::Priority(BinaryHeap::new()),
        };
        Line {
            entries,
            front: -1,
            back: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        match &self.entries {
            Entries::Fifo(entries) => entries.len(),
            Entries::Priority(entries) => entries.len(),
        }
    }

    /// Returns the number of the item, by which it is told from all others.
    pub(super) fn push(
        &mut self,
        item: T,
        reply: oneshot::Sender<Outcome<R, E>>,
        here: Here,
        at: At,
    ) -> i64 {
        let place = match at {
            At::Front => (0, self.front),
            At::Back => (0, self.back),
            At::Priority(priority) => (priority, self.back),
        };
        match at {
            At::Front => self.front -= 1,
            At::Back | At::Priority(_) => self.back += 1,
        }
        let entry = Entry {
            item,
            reply,
            here,
            place,
        };
        match (&mut self.entries, at) {
            (Entries::Fifo(entries), At::Front) => entries.push_front(entry),
            (Entries::Fifo(entries), At::Back | At::Priority(_)) => entries.push_back(entry),
            (Entries::Priority(entries), _) => entries.push(entry),
        }
        place.1
    }

    pub(super) fn pop(&mut self) -> Option<Entry<T, R, E>> {
        match &mut self.entries {
            Entries::Fifo(entries) => entries.pop_front(),
            Entries::Priority(entries) => entries.pop(),
        }
    }

    /// All, in order.
    pub(super) fn take(&mut self) -> Vec<Entry<T, R, E>> {
        match &mut self.entries {
            Entries::Fifo(entries) => std::mem::take(entries).into(),
            Entries::Priority(entries) => {
                let mut entries = std::mem::take(entries).into_sorted_vec();
                entries.reverse();
                entries
            }
        }
    }

    /// Entries that were taken, in order, back to their places; others may have come since.
    pub(super) fn put_back(&mut self, mut kept: Vec<Entry<T, R, E>>) {
        let Some(first) = kept.first() else { return };
        match &mut self.entries {
            Entries::Fifo(entries) => {
                // Newer ones have come at the ends alone.
                let mut behind =
                    entries.split_off(entries.partition_point(|entry| entry.place < first.place));
                entries.extend(kept);
                entries.append(&mut behind);
            }
            Entries::Priority(entries) => entries.extend(kept.drain(..)),
        }
    }
}

impl<T, R, E> Entry<T, R, E> {
    /// By which it is told from all others of its queue.
    pub(super) fn number(&self) -> i64 {
        self.place.1
    }
}

impl<T, R, E> Ord for Entry<T, R, E> {
    /// The greatest is the first to be started, as a heap gives it.
    fn cmp(&self, other: &Self) -> Ordering {
        other.place.cmp(&self.place)
    }
}

impl<T, R, E> PartialOrd for Entry<T, R, E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T, R, E> PartialEq for Entry<T, R, E> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl<T, R, E> Eq for Entry<T, R, E> {}
