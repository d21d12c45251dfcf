//! A queue that takes no events while it is full: for `DropNewest`, `Fail` and `Block`.
//!
//! An emitter reserves a place before it pushes, and the stream releases it after it has popped. So a push always finds
//! its slot free, and waits neither for the stream nor for another emitter. A bare `ArrayQueue` would wait for a slot
//! that is being emptied.

use std::iter::from_fn;
use std::sync::atomic::Ordering;

use event_listener::{Event, IntoNotification, Listener};

use super::error::EmitError;
use super::next_event::NextEvent;
use super::sync::{ArrayQueue, AtomicUsize, fence};
use crate::panic::call_all;

/// No place can be reserved.
const CLOSED: usize = 1 << (usize::BITS - 1);
/// The stream is gone.
const GONE: usize = CLOSED >> 1;

pub(super) struct BoundedQueue<T> {
    queue: ArrayQueue<T>,
    /// The number of reserved places, and the two bits above.
    places: AtomicUsize,
    /// Notified when there is room, for `Block`.
    room: Option<Event>,
}

impl<T> BoundedQueue<T> {
    pub(super) fn new(capacity: usize, can_wait: bool) -> Self {
        BoundedQueue {
            queue: ArrayQueue::new(capacity),
            places: AtomicUsize::new(0),
            room: can_wait.then(Event::new),
        }
    }

    /// Neither allocates nor waits.
    pub(super) fn push(&self, event: T) -> Result<(), EmitError<T>> {
        // With a bit set it is larger than any capacity.
        let taken = self
            .places
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |places| {
                (places < self.queue.capacity()).then_some(places + 1)
            });
        match taken {
            Ok(_) => {}
            Err(places) if places & CLOSED != 0 => return Err(EmitError::Closed(event)),
            Err(_) => return Err(EmitError::Full(event)),
        }
        assert!(
            self.queue.push(event).is_ok(),
            "the event has a reserved place"
        );
        // Pairs with the fence in `clear`: either that one finds the event, or this one sees that the stream is gone.
        fence(Ordering::SeqCst);
        if self.places.load(Ordering::Relaxed) & GONE != 0 {
            self.clear();
        }
        Ok(())
    }

    /// Blocks the thread until there is room.
    pub(super) fn push_blocking(&self, mut event: T) -> Result<(), EmitError<T>> {
        let mut listener = None;
        loop {
            match (self.push(event), &self.room) {
                (Err(EmitError::Full(back)), Some(room)) => {
                    event = back;
                    // There may be room since the push, so try once more before the wait.
                    match listener.take() {
                        None => listener = Some(room.listen()),
                        Some(listener) => listener.wait(),
                    }
                }
                (result, _) => return result,
            }
        }
    }

    /// Waits until there is room.
    pub(super) async fn push_waiting(&self, mut event: T) -> Result<(), EmitError<T>> {
        let mut listener = None;
        loop {
            match (self.push(event), &self.room) {
                (Err(EmitError::Full(back)), Some(room)) => {
                    event = back;
                    match listener.take() {
                        None => listener = Some(room.listen()),
                        Some(listener) => listener.await,
                    }
                }
                (result, _) => return result,
            }
        }
    }

    pub(super) fn take(&self) -> NextEvent<T> {
        if let Some(event) = self.queue.pop() {
            self.places.fetch_sub(1, Ordering::AcqRel);
            if let Some(room) = &self.room {
                // One notification for each place, even if the one before has not been received.
                room.notify(1.additional());
            }
            return NextEvent::Event(event);
        }
        // A reserved place belongs to an emitter that is about to push and then to wake.
        if self.places.load(Ordering::Acquire) == CLOSED {
            NextEvent::Ended
        } else {
            NextEvent::Empty
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.places.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Takes no more events. Returns whether it was open.
    pub(super) fn close(&self) -> bool {
        self.close_with(CLOSED)
    }

    /// Takes no more events, and the stream is gone.
    pub(super) fn abandon(&self) {
        self.close_with(CLOSED | GONE);
    }

    fn close_with(&self, bits: usize) -> bool {
        let before = self.places.fetch_or(bits, Ordering::AcqRel);
        if let Some(room) = &self.room {
            room.notify(usize::MAX);
        }
        before & CLOSED == 0
    }

    /// Drops the events of an abandoned queue.
    pub(super) fn clear(&self) {
        fence(Ordering::SeqCst);
        call_all(from_fn(|| self.queue.pop()).map(|event| move || drop(event)));
    }
}
