//! The values of tasks under `#![settle]`, for the tasks that depend on them.
//!
//! Only a task whose dependencies are all done reads their values. A value that some task takes is in an `Option`,
//! because its place outlives it.

use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering::Relaxed;

use crate::settled::Settled;

/// The record of failed tasks. It is separate from the values, which other tasks may be changing.
///
/// Atomic only to be `Sync`: the tasks are polled in turn.
#[derive(Debug)]
pub struct Outcomes<const TASKS: usize> {
    names: &'static [&'static str; TASKS],
    /// For each task, the task that failed, counted from 1: itself, or the one whose failure skipped it.
    failed: [AtomicUsize; TASKS],
}

impl<const TASKS: usize> Outcomes<TASKS> {
    #[inline]
    #[must_use]
    pub const fn of(names: &'static [&'static str; TASKS]) -> Self {
        Outcomes {
            names,
            failed: [const { AtomicUsize::new(0) }; TASKS],
        }
    }

    /// The name of a task.
    #[inline]
    #[must_use]
    pub const fn name(&self, task: usize) -> &'static str {
        self.names[task]
    }

    /// The failed task behind the first of these dependencies that is not done. It skips the task that depends on them.
    #[inline]
    #[must_use]
    pub fn first_failed<const N: usize>(&self, tasks: [usize; N]) -> Option<usize> {
        tasks
            .into_iter()
            .find_map(|task| self.failed[task].load(Relaxed).checked_sub(1))
    }

    /// The outcome of a task that is skipped because of another.
    #[inline]
    pub fn skip<T, E>(&self, task: usize, failed: usize) -> Settled<T, E> {
        self.failed[task].store(failed + 1, Relaxed);
        Settled::Skipped(self.names[failed])
    }

    /// The outcome of a task that has failed.
    #[inline]
    pub fn fail<T, E>(&self, task: usize, error: E) -> Settled<T, E> {
        self.failed[task].store(task + 1, Relaxed);
        Settled::Failed(error)
    }
}

const DONE: &str = "a task runs when those that it depends on are done";

#[inline]
pub fn done<T, E>(dependency: &Settled<T, E>) -> &T {
    match dependency {
        Settled::Done(value) => value,
        _ => unreachable!("{DONE}"),
    }
}

#[inline]
pub fn done_mut<T, E>(dependency: &mut Settled<T, E>) -> &mut T {
    match dependency {
        Settled::Done(value) => value,
        _ => unreachable!("{DONE}"),
    }
}

const KEPT: &str = "a value is taken after it was used";

#[inline]
pub fn kept<T>(value: &Option<T>) -> &T {
    value.as_ref().expect(KEPT)
}

#[inline]
pub fn kept_mut<T>(value: &mut Option<T>) -> &mut T {
    value.as_mut().expect(KEPT)
}

/// The field of a value that a task takes.
#[inline]
pub fn handed_over<T, E>(task: Settled<Option<T>, E>) -> Settled<(), E> {
    task.map(drop)
}
