//! A slot for one event, which the next one replaces: for `Latest`.
//!
//! A triple buffer with one writer for each emitter. The slot holds a box, and so do each emitter and the stream. An
//! event travels in a box that is swapped with the one in the slot, in one atomic step. So no side waits, and boxes are
//! allocated only with emitters.

use std::sync::atomic::Ordering;

use super::error::EmitError;
use super::next_event::NextEvent;
use super::sync::{AtomicBool, AtomicCell};

/// A box with or without an event, or no box.
type BoxedSlot<T> = Option<Box<Option<T>>>;

pub(super) struct LatestSlot<T> {
    /// Holds a box until the stream takes the last one.
    newest: AtomicCell<BoxedSlot<T>>,
    /// The stream's own empty box.
    spare: AtomicCell<BoxedSlot<T>>,
    is_closed: AtomicBool,
}

/// An emitter's own empty box. Absent while a thread emits.
pub(super) struct SpareBox<T>(AtomicCell<BoxedSlot<T>>);

impl<T> SpareBox<T> {
    pub(super) fn new() -> Self {
        SpareBox(AtomicCell::new(Some(Box::new(None))))
    }

    /// For the other policies.
    pub(super) fn none() -> Self {
        SpareBox(AtomicCell::new(None))
    }
}

impl<T> LatestSlot<T> {
    pub(super) fn new() -> Self {
        #[cfg(not(loom))]
        const {
            assert!(AtomicCell::<BoxedSlot<T>>::is_lock_free());
        }
        LatestSlot {
            newest: AtomicCell::new(Some(Box::new(None))),
            spare: AtomicCell::new(Some(Box::new(None))),
            is_closed: AtomicBool::new(false),
        }
    }

    /// Returns the event that it replaced, if that was not received. Neither allocates nor waits, except for a new box
    /// when two threads use the same emitter at once.
    pub(super) fn push(&self, event: T, spare: &SpareBox<T>) -> Result<Option<T>, EmitError<T>> {
        if self.is_closed() {
            return Err(EmitError::Closed(event));
        }
        let mut filled = spare.0.swap(None).unwrap_or_default();
        *filled = Some(event);
        // Without a box, the stream has taken the last event since the check: take this one back.
        let mut emptied = self
            .newest
            .swap(Some(filled))
            .or_else(|| self.newest.swap(None));
        let unreceived = emptied.as_deref_mut().and_then(Option::take);
        drop(spare.0.swap(emptied));
        Ok(unreceived)
    }

    /// For the stream alone.
    pub(super) fn take(&self) -> NextEvent<T> {
        let Some(spare) = self.spare.swap(None) else {
            return NextEvent::Ended;
        };
        if self.is_closed() {
            // This is the last event.
            return self
                .newest
                .swap(None)
                .and_then(|last| *last)
                .map_or(NextEvent::Ended, NextEvent::Event);
        }
        let mut emptied = self.newest.swap(Some(spare));
        let event = emptied.as_deref_mut().and_then(Option::take);
        self.spare.swap(emptied);
        event.map_or(NextEvent::Empty, NextEvent::Event)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.load(Ordering::Acquire)
    }

    /// Takes no more events. Returns whether it was open.
    pub(super) fn close(&self) -> bool {
        !self.is_closed.swap(true, Ordering::AcqRel)
    }

    /// Drops the event of a closed place.
    pub(super) fn clear(&self) {
        let last = self.newest.swap(None);
        drop(self.spare.swap(None));
        drop(last);
    }
}
