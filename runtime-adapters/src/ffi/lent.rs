//! A value that C uses until it calls.
#![allow(unsafe_code)]

use std::fmt;
use std::ptr::NonNull;

/// A value in an allocation of its own that neither moves nor is touched when this moves. Pointers into it stay valid
/// from the last [`get_mut`](LentValue::get_mut) until it is taken out or dropped.
///
/// Not a `Box`: moving one asserts that no other pointers into it exist.
pub(super) struct LentValue<L>(NonNull<L>);

impl<L> LentValue<L> {
    pub(super) fn new(value: L) -> Self {
        LentValue(NonNull::from(Box::leak(Box::new(value))))
    }

    pub(super) fn get_mut(&mut self) -> &mut L {
        // SAFETY: The place was made by `new` and is freed only with `self`, and the borrow of `self` makes this reference
        // the only one.
        unsafe { self.0.as_mut() }
    }

    pub(super) fn into_inner(self) -> L {
        let place = self.0;
        std::mem::forget(self);
        // SAFETY: The place is a box's, by `new`, and `self`, which would free it too, is forgotten.
        *unsafe { Box::from_raw(place.as_ptr()) }
    }
}

impl<L> Drop for LentValue<L> {
    fn drop(&mut self) {
        // SAFETY: The place is a box's, by `new`, and `into_inner`, which frees it too, forgets `self`.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

// SAFETY: It owns its value, and gives references to it by `&mut self` only.
unsafe impl<L: Send> Send for LentValue<L> {}

impl<L> fmt::Debug for LentValue<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LentValue").finish_non_exhaustive()
    }
}
