//! A queue that drops its oldest event when it is full: for `DropOldest`.

use std::collections::VecDeque;
use std::mem;

use super::error::EmitError;
use super::next_event::NextEvent;
use crate::panic::call_all;
use crate::sync::{Mutex, lock};

pub(super) struct SlidingQueue<T> {
    state: Mutex<SlidingState<T>>,
    capacity: usize,
}

struct SlidingState<T> {
    events: VecDeque<T>,
    is_closed: bool,
}

impl<T> SlidingQueue<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let state = SlidingState {
            events: VecDeque::with_capacity(capacity),
            is_closed: false,
        };
        SlidingQueue {
            state: Mutex::new(state),
            capacity,
        }
    }

    /// Returns the event that it dropped, if any.
    pub(super) fn push(&self, event: T) -> Result<Option<T>, EmitError<T>> {
        let mut state = lock(&self.state);
        if state.is_closed {
            return Err(EmitError::Closed(event));
        }
        let oldest = if state.events.len() == self.capacity {
            state.events.pop_front()
        } else {
            None
        };
        state.events.push_back(event);
        Ok(oldest)
    }

    pub(super) fn take(&self) -> NextEvent<T> {
        let mut state = lock(&self.state);
        match state.events.pop_front() {
            Some(event) => NextEvent::Event(event),
            None if state.is_closed => NextEvent::Ended,
            None => NextEvent::Empty,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        lock(&self.state).is_closed
    }

    /// Takes no more events. Returns whether it was open.
    pub(super) fn close(&self) -> bool {
        !mem::replace(&mut lock(&self.state).is_closed, true)
    }

    /// Drops the events of a closed queue.
    pub(super) fn clear(&self) {
        let events = mem::take(&mut lock(&self.state).events);
        call_all(events.into_iter().map(|event| move || drop(event)));
    }
}
