//! A vtable for each child of a group. It knows the child's bit, so the data of a waker is the target alone.

use core::ptr::NonNull;
use core::task::{RawWaker, RawWakerVTable};

#[cfg(not(loom))]
use alloc::sync::Arc;
#[cfg(not(loom))]
use core::sync::atomic::{AtomicPtr, Ordering};
#[cfg(loom)]
use loom::sync::Arc;
#[cfg(loom)]
use loom::sync::atomic::{AtomicPtr, Ordering};

use super::{CHUNK, GROUP, Group, Shared};

/// Vtables for these chunks of children.
macro_rules! vtables {
    ($has_words:literal $($chunk:literal)*) => {
        [$(vtables!(@ $has_words $chunk 0 1 2 3 4 5 6 7),)*]
    };
    (@ $has_words:literal $chunk:literal $($place:literal)*) => {
        [$(vtable::<{ $chunk * CHUNK + $place }, $has_words>(),)*]
    };
}

/// For nodes with several words.
pub(super) static VTABLES: [[RawWakerVTable; CHUNK]; GROUP / CHUNK] = vtables!(true
    0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);

/// For nodes with one word.
pub(super) static OF_ONE_WORD: [[RawWakerVTable; CHUNK]; 64 / CHUNK] =
    vtables!(false 0 1 2 3 4 5 6 7);

/// For data that points to a [`Group`] whose node is being polled, as long as the waker is lent, or else is the pointer of
/// an `Arc<Shared>`.
const fn vtable<const BIT: usize, const HAS_WORDS: bool>() -> RawWakerVTable {
    /// The pointer of the `Arc` that the target is in, or `None` if it is a group without one.
    ///
    /// # Safety
    ///
    /// `target` points to a `Group` or is the pointer of a live `Arc<Shared>`.
    #[inline]
    unsafe fn shared(target: *const ()) -> Option<NonNull<Shared>> {
        // SAFETY: both begin with such a pointer.
        let shared = unsafe { &*target.cast::<AtomicPtr<Shared>>() };
        NonNull::new(shared.load(Ordering::Acquire))
    }

    #[inline]
    fn waker<const BIT: usize, const HAS_WORDS: bool>(shared: *const Shared) -> RawWaker {
        let vtable = if HAS_WORDS {
            &VTABLES[BIT / CHUNK][BIT % CHUNK]
        } else {
            &OF_ONE_WORD[BIT / CHUNK][BIT % CHUNK]
        };
        RawWaker::new(shared.cast(), vtable)
    }

    /// # Safety
    ///
    /// `target` points to a `Group` whose node is being polled, or is the pointer of a live `Arc<Shared>`.
    unsafe fn clone<const BIT: usize, const HAS_WORDS: bool>(target: *const ()) -> RawWaker {
        // SAFETY: see above.
        let Some(shared) = (unsafe { shared(target) }) else {
            // SAFETY: see above.
            return unsafe { clone_first::<BIT, HAS_WORDS>(target) };
        };
        // SAFETY: the pointer is that of a live `Arc`.
        unsafe { Arc::increment_strong_count(shared.as_ptr()) };
        waker::<BIT, HAS_WORDS>(shared.as_ptr())
    }

    /// # Safety
    ///
    /// `group` points to a `Group` whose node is being polled, and that has nothing to share as yet.
    #[cold]
    unsafe fn clone_first<const BIT: usize, const HAS_WORDS: bool>(group: *const ()) -> RawWaker {
        // SAFETY: see above.
        waker::<BIT, HAS_WORDS>(unsafe { (*group.cast::<Group>()).share() })
    }

    /// # Safety
    ///
    /// `shared` is the pointer of a live `Arc<Shared>`, and the caller gives this `Arc` away.
    unsafe fn wake<const BIT: usize, const HAS_WORDS: bool>(shared: *const ()) {
        // SAFETY: see above.
        unsafe { Arc::from_raw(shared.cast::<Shared>()) }.wake::<HAS_WORDS>(BIT);
    }

    /// # Safety
    ///
    /// As for `clone`.
    unsafe fn wake_by_ref<const BIT: usize, const HAS_WORDS: bool>(target: *const ()) {
        // SAFETY: see above.
        match unsafe { shared(target) } {
            // SAFETY: the pointer is that of a live `Arc`.
            Some(shared) => unsafe { shared.as_ref() }.wake::<HAS_WORDS>(BIT),
            // SAFETY: the target is a group.
            None => unsafe { &(*target.cast::<Group>()).woken }.add_polled::<HAS_WORDS>(BIT),
        }
    }

    /// # Safety
    ///
    /// As for `wake`.
    unsafe fn drop(shared: *const ()) {
        // SAFETY: see above.
        unsafe { Arc::decrement_strong_count(shared.cast::<Shared>()) };
    }

    RawWakerVTable::new(
        clone::<BIT, HAS_WORDS>,
        wake::<BIT, HAS_WORDS>,
        wake_by_ref::<BIT, HAS_WORDS>,
        drop,
    )
}
