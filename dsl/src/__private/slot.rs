//! Where the tasks of a gated part pass a value on to each other.

use core::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// A value on its way from one task to the next. The order of the tasks is proven when the graph is compiled: whoever
/// comes finds the value there, and nobody else at the lock, which is held for the length of a move.
pub struct Slot<T>(Mutex<Option<T>>);

impl<T> Slot<T> {
    #[inline]
    #[must_use]
    pub const fn empty() -> Self {
        Slot(Mutex::new(None))
    }

    #[inline]
    #[must_use]
    pub const fn holding(value: T) -> Self {
        Slot(Mutex::new(Some(value)))
    }

    #[inline]
    pub fn put(&self, value: T) {
        *self.lock() = Some(value);
    }

    #[inline]
    pub fn take(&self) -> T {
        self.lock()
            .take()
            .expect("a value is there when its next task starts")
    }

    /// Never waits: the tasks are polled one after the other.
    #[inline]
    fn lock(&self) -> MutexGuard<'_, Option<T>> {
        match self.0.try_lock() {
            Ok(guard) => guard,
            // No value is dropped, and no code of the user's runs, under the lock.
            Err(TryLockError::Poisoned(poisoned)) => PoisonError::into_inner(poisoned),
            Err(TryLockError::WouldBlock) => {
                unreachable!("the tasks of a graph are polled one after the other")
            }
        }
    }
}

impl<T> Slot<Arc<T>> {
    /// The value for a task that reads it, beside others that do.
    #[inline]
    pub fn share(&self) -> Arc<T> {
        Arc::clone(
            self.lock()
                .as_ref()
                .expect("a value is there when its next task starts"),
        )
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

/// The value for the task that changes it: all that read it before have ended.
#[inline]
pub fn exclusive<T>(value: &mut Arc<T>) -> &mut T {
    Arc::get_mut(value).expect("a task that changes a value starts after those that read it")
}

/// The value for the task that takes it: all that read it before have ended.
#[inline]
pub fn unshared<T>(value: Arc<T>) -> T {
    Arc::into_inner(value).expect("a task that takes a value starts after those that read it")
}
