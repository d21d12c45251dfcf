//! Loaders that would wait for their own end.
//!
//! A thread knows which calls it polls, one within the other. A load that is polled within a call makes that call wait for
//! its own. When a call comes to wait for itself, over however many others, the load panics.

use std::cell::RefCell;
use std::sync::{Arc, Weak};

use super::waiters::WaiterSet;
use crate::sync::lock;

thread_local! {
    /// The calls that this thread polls, the innermost last.
    static POLLED: RefCell<Vec<Arc<WaiterSet>>> = const { RefCell::new(Vec::new()) };
}

/// While a call is polled.
pub(super) struct PollGuard(());

impl PollGuard {
    pub(super) fn enter(call: &Arc<WaiterSet>) -> Self {
        POLLED.with_borrow_mut(|polled| polled.push(Arc::clone(call)));
        PollGuard(())
    }
}

impl Drop for PollGuard {
    fn drop(&mut self) {
        let call = POLLED.with_borrow_mut(Vec::pop);
        drop(call);
    }
}

/// That a call waits for another, for as long as a load of it does.
#[derive(Debug)]
pub(super) struct NestedWait {
    call: Arc<WaiterSet>,
    awaited: Weak<WaiterSet>,
}

impl NestedWait {
    /// Notes that the call that is polled here, if there is one, waits for another.
    ///
    /// # Panics
    ///
    /// When that one waits for the call, or is the call.
    pub(super) fn note(awaited: &Arc<WaiterSet>) -> Option<Self> {
        let call = POLLED.with_borrow(|polled| polled.last().cloned())?;
        lock(&call.waits_for).push(Arc::downgrade(awaited));
        let within = NestedWait {
            call,
            awaited: Arc::downgrade(awaited),
        };
        // Of two threads that close a circle, each notes its part before it looks.
        assert!(
            !reaches(awaited, &within.call),
            "a loader of a batch awaits a load that waits for its own end: load another key, or return what is known, and \
             load the rest outside of the loader"
        );
        Some(within)
    }
}

impl Drop for NestedWait {
    fn drop(&mut self) {
        let mut waits_for = lock(&self.call.waits_for);
        let at = waits_for
            .iter()
            .position(|awaited| awaited.ptr_eq(&self.awaited));
        let noted = at.map(|at| waits_for.swap_remove(at));
        drop(waits_for);
        drop(noted);
    }
}

/// Whether one is the other, or waits for it.
fn reaches(from: &Arc<WaiterSet>, to: &Arc<WaiterSet>) -> bool {
    let (mut seen, mut next) = (Vec::new(), vec![Arc::clone(from)]);
    while let Some(call) = next.pop() {
        if Arc::ptr_eq(&call, to) {
            return true;
        }
        let known = |call: &Arc<WaiterSet>| seen.iter().any(|known| Arc::ptr_eq(known, call));
        if !known(&call) {
            next.extend(lock(&call.waits_for).iter().filter_map(Weak::upgrade));
            seen.push(call);
        }
    }
    false
}
