//! Slots: where the tasks of a gated part hand values to each other.
//!
//! A [`Slot`] is filled once, with its only [`Setter`] or with the [`Setters`] of its row, and read by any number of tasks
//! after that. A [`Passed`] value goes from one task to the next: each use has a token of its own, and the tokens are admitted
//! in the order in which they were made. Tokens are consumed by their use.
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
use core::mem::{ManuallyDrop, MaybeUninit};

use self::sync::{AtomicBool, Ordering, Shared, is_set};

/// What loom explores takes its place in the models.
mod sync {
    #[cfg(not(loom))]
    pub(super) use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    #[cfg(loom)]
    pub(super) use loom::cell::UnsafeCell as Shared;
    #[cfg(loom)]
    pub(super) use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    /// What a flag is that nobody else has. LLVM knows it if it was just made.
    #[inline]
    pub(super) fn is_set(flag: &mut AtomicBool) -> bool {
        #[cfg(not(loom))]
        return *flag.get_mut();
        #[cfg(loom)]
        flag.load(Ordering::Relaxed)
    }

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
    value: Shared<MaybeUninit<T>>,
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
            value: Shared::new(MaybeUninit::uninit()),
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
        self.value.with(|value| {
            // SAFETY: `true` is stored after the value is written, and nothing changes the value while the slot is borrowed.
            Some(unsafe { (*value).assume_init_ref() })
        })
    }

    /// Fills it.
    ///
    /// # Safety
    ///
    /// Since the slot was emptied and borrowed, nobody else fills it.
    #[inline]
    unsafe fn fill(&self, value: T) {
        self.value.with_mut(|place| {
            // SAFETY: nobody else writes, as the caller promises, and nobody reads before the store below.
            unsafe { (*place).write(value) };
        });
        self.is_filled.store(true, Ordering::Release);
    }

    /// The value, when all tasks have ended.
    ///
    /// # Panics
    ///
    /// If there is none.
    #[inline]
    #[must_use]
    pub fn into_value(self) -> T {
        let mut slot = ManuallyDrop::new(self);
        assert!(
            is_set(&mut slot.is_filled),
            "a task that has ended has a value"
        );
        slot.value.with_mut(|value| {
            // SAFETY: it was filled. Nobody else has the slot, which does not drop the value.
            unsafe { (*value).assume_init_read() }
        })
    }
}

impl<T> Drop for Slot<T> {
    #[inline]
    fn drop(&mut self) {
        if is_set(&mut self.is_filled) {
            self.value.with_mut(|value| {
                // SAFETY: it was filled, and nobody else has the slot any more.
                unsafe { (*value).assume_init_drop() }
            });
        }
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
        // SAFETY: `split` empties the slot and makes one setter, which this call consumes.
        unsafe { self.slot.fill(value) }
    }
}

/// Slots that one block fills in sequence: a slot and the rest of the row, as in `(Slot<A>, (Slot<B>, ()))`.
pub trait Row {
    /// Those of the slots, as in `(A, (B, ()))`.
    type Values;

    #[doc(hidden)]
    fn clear(&mut self);

    /// The values of all slots, when all tasks have ended. rustc checks one call faster than one for each slot.
    ///
    /// # Panics
    ///
    /// If a slot has none.
    #[must_use]
    fn into_values(self) -> Self::Values;
}

impl Row for () {
    type Values = ();

    #[inline]
    fn clear(&mut self) {}

    #[inline]
    fn into_values(self) {}
}

impl<T, R: Row> Row for (Slot<T>, R) {
    type Values = (T, R::Values);

    #[inline]
    fn clear(&mut self) {
        let (slot, rest) = self;
        *slot = Slot::new();
        rest.clear();
    }

    #[inline]
    fn into_values(self) -> Self::Values {
        let (slot, rest) = self;
        (slot.into_value(), rest.into_values())
    }
}

/// The token of the block that fills a row.
#[derive(Debug)]
#[must_use = "without it the slots stay empty"]
pub struct Setters<'s, R> {
    row: &'s R,
}

impl<'s, R: Row> Setters<'s, R> {
    /// The two ends of a row: the token that fills its slots, and what reads them.
    #[inline]
    pub fn of(row: &'s mut R) -> (Self, &'s R) {
        row.clear();
        (Setters { row }, row)
    }
}

impl<'s, T, R> Setters<'s, (Slot<T>, R)> {
    /// Hands the value of the first slot to those that wait for it. The token that remains fills the rest of the row.
    #[inline]
    #[allow(clippy::must_use_candidate)]
    pub fn set(self, value: T) -> Setters<'s, R> {
        let (slot, rest) = self.row;
        // SAFETY: `of` empties the slots and makes one token, as nobody else may borrow them. This call consumes the token, and the
        // one that remains does not reach this slot.
        unsafe { slot.fill(value) }
        Setters { row: rest }
    }
}
