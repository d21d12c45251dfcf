//! Slots: where the tasks of a gated part hand values to each other.
//!
//! A [`Slot`] is filled once, with its only [`Setter`], and read by any number of tasks after that. A [`Passed`] value goes
//! from one task to the next: each use has a token of its own, and the tokens are admitted in the order in which they were
//! made. Tokens are consumed by their use.
//!
//! The tasks of a graph are polled in turn, but no type says so: a caller by hand could take the two ends of a slot to two
//! threads. So each slot counts what has happened to it, and a use that is not admitted panics instead of touching the value. Each
//! count is loaded and stored, never exchanged, which costs what a plain variable costs: where two threads count at the
//! same time, a count is too low, and then the later uses are not admitted.
#![allow(
    unsafe_code,
    reason = "who may touch a value depends on what has happened"
)]

#[cfg(all(test, loom))]
mod models;
mod passed;
#[cfg(all(test, not(loom)))]
mod tests;

pub use passed::{Giver, Passed, Reader, Reading, Taker, Uses};

use core::fmt;

use self::sync::{AtomicBool, Ordering, Shared};

/// What loom explores takes its place in the models.
mod sync {
    #[cfg(not(loom))]
    pub(super) use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    #[cfg(loom)]
    pub(super) use loom::cell::UnsafeCell as Shared;
    #[cfg(loom)]
    pub(super) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    /// [`UnsafeCell`](core::cell::UnsafeCell) with the functions that loom's has.
    #[cfg(not(loom))]
    pub(super) struct Shared<T>(core::cell::UnsafeCell<T>);

    #[cfg(not(loom))]
    impl<T> Shared<T> {
        #[inline]
        pub(super) const fn new(value: T) -> Self {
            Shared(core::cell::UnsafeCell::new(value))
        }

        #[inline]
        pub(super) fn with<R>(&self, read: impl FnOnce(*const T) -> R) -> R {
            read(self.0.get())
        }

        #[inline]
        pub(super) fn with_mut<R>(&self, change: impl FnOnce(*mut T) -> R) -> R {
            change(self.0.get())
        }

        #[inline]
        pub(super) fn into_inner(self) -> T {
            self.0.into_inner()
        }
    }
}

/// A value that one task makes and others read.
pub struct Slot<T> {
    is_filled: AtomicBool,
    value: Shared<Option<T>>,
}

// SAFETY: a shared slot moves a `T` from the thread of its setter to that of its owner, which takes `Send`, and lends it to all
// threads at once, which takes `Sync`. The value is never reached by two threads of which one changes it: see `Setter::set`.
unsafe impl<T: Send + Sync> Sync for Slot<T> {}

impl<T> Slot<T> {
    /// An empty one.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Slot {
            is_filled: AtomicBool::new(false),
            value: Shared::new(None),
        }
    }

    /// The two ends: the token that fills the slot, and what reads it.
    #[inline]
    pub fn split(&mut self) -> (Setter<'_, T>, &Self) {
        *self = Slot::new();
        (Setter { slot: self }, self)
    }

    /// The value, for a task that starts after it was made.
    ///
    /// # Panics
    ///
    /// If there is none yet.
    #[inline]
    pub fn get(&self) -> &T {
        self.value()
            .expect("a task starts after those that it depends on")
    }

    #[inline]
    fn value(&self) -> Option<&T> {
        if !self.is_filled.load(Ordering::Acquire) {
            return None;
        }
        // SAFETY: the setter stored `true` after it had written the value, and is gone. From then on nobody changes the value while
        // the slot is borrowed.
        self.value.with(|value| unsafe { (*value).as_ref() })
    }

    /// The value, when all tasks have ended.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline]
    #[must_use]
    pub fn into_value(self) -> T {
        self.value
            .into_inner()
            .expect("a task that has ended has a value")
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

/// The token of the task that fills a [`Slot`].
#[derive(Debug)]
#[must_use = "without it the slot stays empty"]
pub struct Setter<'s, T> {
    slot: &'s Slot<T>,
}

impl<T> Setter<'_, T> {
    /// Hands the value to those that wait for it.
    #[inline]
    pub fn set(self, value: T) {
        let old = self.slot.value.with_mut(|place| {
            // SAFETY: `split` empties the slot and makes one setter, which this call consumes, so that nobody else writes. Nobody
            // reads either before the store below.
            unsafe { (*place).replace(value) }
        });
        debug_assert!(old.is_none(), "a slot is filled once");
        self.slot.is_filled.store(true, Ordering::Release);
    }
}
