//! A queue that takes nothing more when it is full: for `DropNewest`, `Fail` and `Block`.
//!
//! An emitter takes a place before it pushes, and the stream gives the place back after it has popped. So a push always
//! finds its slot free: it waits neither for the stream nor for another emitter, which a bare `ArrayQueue` does when it
//! meets a slot that is being emptied.

use std::iter::from_fn;
use std::sync::atomic::Ordering;

use event_listener::{Event, IntoNotification, Listener};

use super::error::EmitError;
use super::next_event::NextEvent;
use super::sync::{ArrayQueue, AtomicUsize, fence};
use crate::panic::call_all;

/// Nobody takes a place any more.
const CLOSED: usize = 1 << (usize::BITS - 1);
/// The stream is gone.
const GONE: usize = CLOSED >> 1;

pub(super) struct BoundedQueue<T> {
    queue: ArrayQueue<T>,
    /// How many places are taken, and the two bits above.
    places: AtomicUsize,
    /// Told when there is room; for `Block`.
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
        // The bits make it a large number.
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
            "a place was taken for the event"
        );
        // With the fence in `clear`: that one finds the event, or this one sees that nobody else will.
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
                    // There may have been room just before somebody listened: it is tried once more.
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
                // One more for each place, also when the one before has not been heeded yet.
                room.notify(1.additional());
            }
            return NextEvent::Event(event);
        }
        // A place that is still taken is that of an emitter that is about to push, and then to wake.
        if self.places.load(Ordering::Acquire) == CLOSED {
            NextEvent::Ended
        } else {
            NextEvent::Empty
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.places.load(Ordering::Acquire) & CLOSED != 0
    }

    /// Takes no more events. Whether it did until now.
    pub(super) fn close(&self) -> bool {
        self.close_with(CLOSED)
    }

    /// Takes no more events, and nobody takes them out.
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
