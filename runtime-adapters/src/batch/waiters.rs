//! The waiters of a shared future.

use std::mem;
use std::sync::{Arc, Weak};
use std::task::{Wake, Waker};

use slab::Slab;

use crate::sync::{Mutex, lock};

/// The waiters, and whether the future needs a poll. No user code runs under its locks.
#[derive(Debug)]
pub(super) struct WaiterSet {
    waiting: Mutex<WaiterState>,
    /// The shared futures that this one waits for. See `self_wait`.
    pub(super) waits_for: Mutex<Vec<Weak<WaiterSet>>>,
}

#[derive(Debug)]
struct WaiterState {
    /// Whether the future needs a poll.
    is_woken: bool,
    /// Whether a thread is polling it.
    is_polled: bool,
    has_ended: bool,
    /// How many threads are waking waiters right now.
    waking: usize,
    places: Slab<Waiter>,
}

/// One waiter.
#[derive(Debug)]
struct Waiter {
    /// In an `Arc`, because it is cloned under the lock.
    waker: Arc<Waker>,
    /// Whether it has been woken, or is about to be, since its last poll.
    is_woken: bool,
}

/// A waiter's place in the set.
#[derive(Debug)]
pub(super) struct WaiterTicket {
    wakes: Arc<WaiterSet>,
    at: usize,
}

impl WaiterSet {
    pub(super) fn new() -> Self {
        WaiterSet {
            waiting: Mutex::new(WaiterState {
                is_woken: true,
                is_polled: false,
                has_ended: false,
                waking: 0,
                places: Slab::new(),
            }),
            waits_for: Mutex::default(),
        }
    }

    /// Registers the waiter, unless it is registered. Returns whether it is to poll the future now.
    pub(super) fn wait(self: &Arc<Self>, ticket: &mut Option<WaiterTicket>, waker: &Waker) -> bool {
        if let Some(ticket) = ticket {
            let mut waiting = lock(&self.waiting);
            let place = &mut waiting.places[ticket.at];
            if place.waker.will_wake(waker) {
                place.is_woken = false;
                return waiting.begin_poll();
            }
        }
        let mut place = Some(Waiter {
            waker: Arc::new(waker.clone()),
            is_woken: false,
        });
        let mut waiting = lock(&self.waiting);
        if let Some(ticket) = ticket {
            let known = waiting.places.get_mut(ticket.at);
            if let (Some(known), Some(place)) = (known, &mut place) {
                mem::swap(known, place);
            }
        } else if let Some(place) = place.take() {
            let at = waiting.places.insert(place);
            *ticket = Some(WaiterTicket {
                wakes: Arc::clone(self),
                at,
            });
        }
        let is_due = waiting.begin_poll();
        drop(waiting);
        // The waker that this one replaces.
        drop(place);
        is_due
    }

    /// The future is pending.
    pub(super) fn polled(&self) {
        let mut waiting = lock(&self.waiting);
        waiting.is_polled = false;
        // It was woken during the poll, so that waiters that came since did not poll it.
        let wakers = if waiting.is_woken {
            waiting.wakers(false)
        } else {
            Vec::new()
        };
        drop(waiting);
        wake(wakers);
    }

    pub(super) fn ended(&self) {
        let mut waiting = lock(&self.waiting);
        waiting.is_polled = false;
        waiting.has_ended = true;
    }

    /// Wakes all waiters that have not been woken. Another thread that is about to wake some may be slow: this wakes
    /// them before it returns, so that they are polled in this round or the next.
    pub(super) fn wake_all(&self) {
        let mut waiting = lock(&self.waiting);
        let is_slow = waiting.waking > 0;
        let wakers = waiting.wakers(is_slow);
        drop(waiting);
        wake(wakers);
    }
}

impl WaiterState {
    fn begin_poll(&mut self) -> bool {
        let is_due = self.is_woken && !self.is_polled && !self.has_ended;
        if is_due {
            self.is_woken = false;
            self.is_polled = true;
        }
        is_due
    }

    /// The wakers of those that are not woken yet, or of all.
    fn wakers(&mut self, all: bool) -> Vec<Arc<Waker>> {
        let places = self.places.iter_mut().map(|(_, place)| place);
        let asleep = places.filter(|place| all || !place.is_woken);
        let wakers = asleep.map(|place| {
            place.is_woken = true;
            Arc::clone(&place.waker)
        });
        wakers.collect()
    }
}

fn wake(wakers: Vec<Arc<Waker>>) {
    for waker in wakers {
        waker.wake_by_ref();
    }
}

impl Wake for WaiterSet {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut waiting = lock(&self.waiting);
        waiting.is_woken = true;
        waiting.waking += 1;
        let wakers = waiting.wakers(false);
        drop(waiting);
        wake(wakers);
        lock(&self.waiting).waking -= 1;
    }
}

impl WaiterTicket {
    /// Whether this is a ticket of these waiters.
    pub(super) fn is_of(&self, wakes: &Arc<WaiterSet>) -> bool {
        Arc::ptr_eq(&self.wakes, wakes)
    }
}

impl Drop for WaiterTicket {
    fn drop(&mut self) {
        let place = lock(&self.wakes.waiting).places.remove(self.at);
        drop(place);
    }
}
