//! A value that goes from one task to the next.

use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

use super::sync::{AtomicUsize, Ordering, Shared};

/// A value that tasks take one after the other; between two of them, others may read it.
pub struct Passed<T> {
    /// How many times it was given or read to the end.
    steps: AtomicUsize,
    value: Shared<Option<T>>,
}

// SAFETY: a shared slot moves a `T` from thread to thread, which takes `Send`. It lends it only by way of `Reader`, which can be
// sent only if `T` is `Sync`. Who reaches the value at the same time is decided by `steps`: see `Taker` and `Reader`.
unsafe impl<T: Send> Sync for Passed<T> {}

impl<T> Passed<T> {
    /// An empty one.
    #[inline]
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Passed {
            steps: AtomicUsize::new(0),
            value: Shared::new(None),
        }
    }

    /// The token that gives the first value, and the tokens after it.
    #[inline]
    pub fn empty(&mut self) -> (Giver<'_, T>, Uses<'_, T>) {
        *self = Passed::new();
        (Giver { passed: self }, Uses::of(self))
    }

    /// The tokens for a value that is there already.
    #[inline]
    pub fn holding(&mut self, value: T) -> Uses<'_, T> {
        *self = Passed {
            steps: AtomicUsize::new(1),
            value: Shared::new(Some(value)),
        };
        Uses::of(self)
    }

    /// The value that the last task has given back.
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

    /// One more step, by who was admitted.
    #[inline]
    fn step(&self) {
        let steps = self.steps.load(Ordering::Acquire);
        self.steps.store(steps + 1, Ordering::Release);
    }
}

impl<T> fmt::Debug for Passed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passed").finish_non_exhaustive()
    }
}

/// Makes the tokens of a [`Passed`] value, in the order in which they are admitted.
#[derive(Debug)]
pub struct Uses<'s, T> {
    passed: &'s Passed<T>,
    /// The steps before the readers that are made now.
    before: usize,
    /// How many of them there are.
    readers: usize,
    /// Readers of a `T` that is not `Sync` stay on one thread: where they are made.
    stays: PhantomData<*const ()>,
}

impl<'s, T> Uses<'s, T> {
    #[inline]
    fn of(passed: &'s Passed<T>) -> Self {
        Uses {
            passed,
            before: 1,
            readers: 0,
            stays: PhantomData,
        }
    }

    /// The token of a task that reads the value, at the same time as other readers before and after it.
    #[inline]
    pub fn read(&mut self) -> Reader<'s, T> {
        self.readers += 1;
        Reader {
            passed: self.passed,
            before: self.before,
            lends: PhantomData,
        }
    }

    /// The token of a task that has the value to itself.
    #[inline]
    pub fn take(&mut self) -> Taker<'s, T> {
        let before = self.before + self.readers;
        (self.before, self.readers) = (before + 1, 0);
        Taker {
            passed: self.passed,
            before,
        }
    }
}

/// The token of a task that gives the value.
#[derive(Debug)]
pub struct Giver<'s, T> {
    passed: &'s Passed<T>,
}

impl<T> Giver<'_, T> {
    /// Hands the value to the next task.
    #[inline]
    pub fn give(self, value: T) {
        let old = self.passed.value.with_mut(|place| {
            // SAFETY: there is one giver at a time, the first or that of the taker that was admitted last, and this call consumes it.
            // Nobody else is admitted before the step below.
            unsafe { (*place).replace(value) }
        });
        debug_assert!(old.is_none(), "a value is given after it was taken");
        self.passed.step();
    }
}

/// The token of a task that takes the value.
#[derive(Debug)]
pub struct Taker<'s, T> {
    passed: &'s Passed<T>,
    before: usize,
}

impl<'s, T> Taker<'s, T> {
    /// The value, and the token to give it back.
    ///
    /// # Panics
    ///
    /// If a use before this one has not ended.
    #[inline]
    #[must_use]
    pub fn take(self) -> (T, Giver<'s, T>) {
        let value = self.try_take();
        let value = value.expect("a task starts after those that it depends on");
        let passed = self.passed;
        (value, Giver { passed })
    }

    /// Takes the value once; before its turn, there is none.
    #[inline]
    pub(super) fn try_take(&self) -> Option<T> {
        if self.passed.steps.load(Ordering::Acquire) != self.before {
            return None;
        }
        self.passed.value.with_mut(|place| {
            // SAFETY: each use before this one takes one step, when it has ended, and no use after this one is admitted before the
            // step of this one, which its giver takes. A step that is lost leaves the number lower, never higher. So nobody
            // else reaches the value, and what they did to it was seen by the load above.
            unsafe { (*place).take() }
        })
    }
}

/// The token of a task that reads the value.
#[derive(Debug)]
pub struct Reader<'s, T> {
    passed: &'s Passed<T>,
    before: usize,
    /// To send this is to lend a `T` to another thread.
    lends: PhantomData<&'s T>,
}

impl<'s, T> Reader<'s, T> {
    /// The value, until this is dropped.
    ///
    /// # Panics
    ///
    /// If a use before this one that takes the value has not ended.
    #[inline]
    #[must_use]
    pub fn read(self) -> Reading<'s, T> {
        self.try_read()
            .expect("a task starts after those that it depends on")
    }

    #[inline]
    pub(super) fn try_read(self) -> Option<Reading<'s, T>> {
        if self.passed.steps.load(Ordering::Acquire) < self.before {
            return None;
        }
        Some(Reading {
            passed: self.passed,
            lent: PhantomData,
        })
    }
}

/// The value, lent to a task that reads it.
#[derive(Debug)]
pub struct Reading<'s, T> {
    /// No reference to the value: when this is dropped, somebody else may change it at once.
    passed: &'s Passed<T>,
    lent: PhantomData<&'s T>,
}

impl<T> Deref for Reading<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        let value = self.passed.value.with(|place| {
            // SAFETY: the uses before the readers of this turn have ended: their steps were seen when this one was admitted. The
            // next taker is admitted after the step of each reader, which the drop of `Reading` takes. Till then, all who
            // reach the value read it.
            unsafe { (*place).as_ref() }
        });
        value.expect("who takes a value gives it back")
    }
}

impl<T> Drop for Reading<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.passed.step();
    }
}
