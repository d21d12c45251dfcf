//! Detects loaders that would wait for themselves.
//!
//! Each thread knows which calls it polls, and their nesting. A load that is polled inside of a call makes that call
//! wait for the load's call. If a call comes to wait for itself, even through others, the load panics.

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

/// Marks that a call waits for another, while a load in it does.
#[derive(Debug)]
pub(super) struct NestedWait {
    call: Arc<WaiterSet>,
    awaited: Weak<WaiterSet>,
}

impl NestedWait {
    /// Marks that the call that is polled here, if there is one, waits for `awaited`.
    ///
    /// # Panics
    ///
    /// When `awaited` is that call, or waits for it.
    pub(super) fn note(awaited: &Arc<WaiterSet>) -> Option<Self> {
        let call = POLLED.with_borrow(|polled| polled.last().cloned())?;
        lock(&call.waits_for).push(Arc::downgrade(awaited));
        let within = NestedWait {
            call,
            awaited: Arc::downgrade(awaited),
        };
        // Each of two threads that close a cycle marks its part before it checks.
        assert!(
            !reaches(awaited, &within.call),
            "a loader of a batch awaits a load of its own call, so it awaits its own end; help: load another key, or load it \
             outside of the loader"
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

/// Whether `from` is `to`, or waits for it.
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
