//! The values of tasks under `#![settle]`, for the tasks that depend on them.
//!
//! Only a task none of whose dependencies stands in the way asks for their values. A value that some task takes is kept
//! in an `Option` until then, as its place outlives it.

use std::sync::OnceLock;

use crate::settled::Settled;

/// How the tasks of a graph ended, apart from their values, which other tasks may be changing: of each the task that
/// failed, if it did or was skipped for it.
#[derive(Debug)]
pub struct Outcomes<const TASKS: usize>([OnceLock<Option<&'static str>>; TASKS]);

impl<const TASKS: usize> Outcomes<TASKS> {
    #[must_use]
    pub const fn empty() -> Self {
        Outcomes([const { OnceLock::new() }; TASKS])
    }

    /// The task whose failure keeps from running what depends on these tasks, which have all ended: for the first of them
    /// that is not done.
    #[must_use]
    pub fn first_failed<const N: usize>(&self, tasks: [usize; N]) -> Option<&'static str> {
        tasks.into_iter().find_map(|task| *self.0[task].get().expect("a task starts after those that it depends on"))
    }

    /// Called once for each task, when it has ended.
    pub fn record<T, E>(&self, task: usize, name: &'static str, outcome: &Settled<T, E>) {
        let failed = match outcome {
            Settled::Done(_) => None,
            Settled::Failed(_) => Some(name),
            Settled::Skipped(failed) => Some(*failed),
        };
        self.0[task].set(failed).expect("a task ends once");
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

/// What is left in the result of a value that a task has taken, or was to take.
#[inline]
pub fn handed_over<T, E>(task: Settled<Option<T>, E>) -> Settled<(), E> {
    task.map(drop)
}
