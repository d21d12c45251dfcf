//! Cells without locks: a wake may come from an interrupt, which must not wait for what it interrupts.

use core::fmt;
#[cfg(not(loom))]
use core::hint;
use core::marker::PhantomData;
use core::mem;
use core::ptr;
use core::task::Waker;

#[cfg(not(loom))]
use alloc::sync::Arc;
#[cfg(not(loom))]
use core::sync::atomic::{AtomicPtr, AtomicU8, Ordering};
#[cfg(loom)]
use loom::cell::UnsafeCell;
#[cfg(loom)]
use loom::hint;
#[cfg(loom)]
use loom::sync::Arc;
#[cfg(loom)]
use loom::sync::atomic::{AtomicPtr, AtomicU8, Ordering};

use super::are_same;

/// An `Arc` that any thread can put in while the cell is empty.
#[repr(transparent)]
pub(super) struct OnceArc<T> {
    pointer: AtomicPtr<T>,
    owned: PhantomData<Arc<T>>,
}

impl<T> OnceArc<T> {
    pub(super) fn new() -> Self {
        OnceArc {
            pointer: AtomicPtr::new(ptr::null_mut()),
            owned: PhantomData,
        }
    }

    /// The pointer of the `Arc`, as that of [`Arc::into_raw`]. The cell keeps the `Arc`.
    #[inline]
    pub(super) fn pointer(&self) -> Option<*const T> {
        let pointer = self.pointer.load(Ordering::Acquire);
        (!pointer.is_null()).then_some(pointer.cast_const())
    }

    /// What the `Arc` points to.
    #[inline]
    pub(super) fn get(&self) -> Option<&T> {
        // SAFETY: the cell keeps the `Arc` until it is cleared or dropped, which takes an exclusive reference.
        self.pointer().map(|pointer| unsafe { &*pointer })
    }

    /// The `Arc` in the cell, which is `new()` if the cell is empty.
    pub(super) fn get_or_put(&self, new: impl FnOnce() -> Arc<T>) -> Arc<T> {
        let known = self.pointer().unwrap_or_else(|| {
            let new = Arc::into_raw(new());
            let put = self.pointer.compare_exchange(
                ptr::null_mut(),
                new.cast_mut(),
                Ordering::AcqRel,
                Ordering::Acquire,
            );
            match put {
                Ok(_) => new,
                Err(other) => {
                    // SAFETY: the pointer comes from `into_raw`, and nothing else has it.
                    drop(unsafe { Arc::from_raw(new) });
                    other.cast_const()
                }
            }
        });
        // SAFETY: the pointer comes from `into_raw`, and the cell keeps one count as long as it is borrowed.
        unsafe {
            Arc::increment_strong_count(known);
            Arc::from_raw(known)
        }
    }

    pub(super) fn clear(&mut self) {
        let pointer = self.pointer.swap(ptr::null_mut(), Ordering::AcqRel);
        if !pointer.is_null() {
            // SAFETY: the pointer comes from `into_raw`, and the count of the cell goes with it.
            drop(unsafe { Arc::from_raw(pointer.cast_const()) });
        }
    }
}

impl<T> Drop for OnceArc<T> {
    fn drop(&mut self) {
        self.clear();
    }
}

impl<T: fmt::Debug> fmt::Debug for OnceArc<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnceArc").field(&self.get()).finish()
    }
}

/// The waker that one side registers and the other side takes, like `futures::task::AtomicWaker`.
///
/// When both sides meet, the second leaves the wake to the first. Foreign code, such as a waker's `clone`, runs while neither
/// side holds the waker.
pub(super) struct Parent {
    /// Which side holds the waker: neither ([`FREE`]), the registering side ([`TAKEN`], or [`TAKEN`] and [`WOKEN`]), or the
    /// waking side ([`WOKEN`] alone).
    state: AtomicU8,
    waker: Cell,
}

const FREE: u8 = 0;
/// The registering side holds the waker.
const TAKEN: u8 = 1;
/// The waking side came. Without [`TAKEN`], it holds the waker.
const WOKEN: u8 = 2;

// SAFETY: the state gives the waker to one side at a time.
unsafe impl Sync for Parent {}

impl Parent {
    pub(super) fn new() -> Self {
        Parent {
            state: AtomicU8::new(FREE),
            waker: Cell::new(None),
        }
    }

    /// Keeps the waker for the next wake. Only one thread at a time may call it.
    #[inline]
    pub(super) fn register(&self, parent: &Waker) {
        let is_known = |it: &mut Option<Waker>| it.as_ref().is_some_and(|it| are_same(it, parent));
        match self.with(is_known) {
            Some(true) => return,
            Some(false) => {
                let mut waker = Some(parent.clone());
                if self.with(|it| mem::swap(it, &mut waker)).is_some() {
                    return;
                }
            }
            None => {}
        }
        // The other side wakes the waker that was registered before, and then releases it.
        parent.wake_by_ref();
        hint::spin_loop();
    }

    /// Wakes the registered waker once.
    pub(super) fn wake(&self) {
        if self.state.fetch_or(WOKEN, Ordering::AcqRel) == FREE {
            // SAFETY: the state was free, so that this side has the waker now.
            let parent = unsafe { self.waker.take() };
            // Acquires what happened before the wakes that were left to this side.
            self.state.fetch_and(!WOKEN, Ordering::AcqRel);
            if let Some(parent) = parent {
                parent.wake();
            }
        }
    }

    /// Drops the waker. Only the registering side may call it.
    pub(super) fn forget(&self) {
        drop(self.with(Option::take));
    }

    /// Lends the waker to the registering side, unless the waking side has it.
    fn with<R>(&self, use_it: impl FnOnce(&mut Option<Waker>) -> R) -> Option<R> {
        self.state
            .compare_exchange(FREE, TAKEN, Ordering::Acquire, Ordering::Acquire)
            .ok()?;
        // SAFETY: the state was free, so that this side has the waker now.
        let used = unsafe { self.waker.with(use_it) };
        let left = self
            .state
            .compare_exchange(TAKEN, FREE, Ordering::AcqRel, Ordering::Acquire);
        if left.is_err() {
            // The other side came in the meantime, and left the wake to this one. SAFETY: the state is taken until it is
            // written below.
            let parent = unsafe { self.waker.take() };
            self.state.swap(FREE, Ordering::AcqRel);
            if let Some(parent) = parent {
                parent.wake();
            }
        }
        Some(used)
    }
}

struct Cell(UnsafeCell<Option<Waker>>);

impl Cell {
    fn new(waker: Option<Waker>) -> Self {
        Cell(UnsafeCell::new(waker))
    }

    /// # Safety
    ///
    /// Nothing else holds the waker.
    unsafe fn take(&self) -> Option<Waker> {
        // SAFETY: see above.
        unsafe { self.with(Option::take) }
    }

    /// # Safety
    ///
    /// As for `take`.
    unsafe fn with<R>(&self, use_it: impl FnOnce(&mut Option<Waker>) -> R) -> R {
        // SAFETY: see above.
        self.0.with_mut(|waker| use_it(unsafe { &mut *waker }))
    }
}

/// As loom's.
#[cfg(not(loom))]
struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

#[cfg(not(loom))]
impl<T> UnsafeCell<T> {
    const fn new(value: T) -> Self {
        UnsafeCell(core::cell::UnsafeCell::new(value))
    }

    #[inline]
    fn with_mut<R>(&self, use_it: impl FnOnce(*mut T) -> R) -> R {
        use_it(self.0.get())
    }
}
