//! The failure of blocks in a graph with a `break`.

use super::{Failure, Never};

/// How the blocks of such a graph fail.
#[derive(Debug)]
pub enum Stop<B, E> {
    /// By a `break` with this value.
    Break(B),
    /// By the error of a task.
    Fail(E),
}

/// A task ends the graph.
#[inline]
pub fn stop<T, B, E>(value: B) -> Result<T, Stop<B, E>> {
    Err(Stop::Break(value))
}

/// A task fails.
#[inline]
pub fn stopped<T, B, E>(error: E) -> Result<T, Stop<B, E>> {
    Err(Stop::Fail(error))
}

/// The same with an error that has been compared.
#[inline]
pub fn stopped_by<T, B, E>(failed: Result<Never, E>) -> Result<T, Stop<B, E>> {
    match failed {
        Ok(never) => match never {},
        Err(error) => stopped(error),
    }
}

/// The same if a `?` may be on an `Option`.
#[inline]
pub fn stopped_alike<T, B, L: Failure, Expected: Failure>(
    compared: impl FnOnce(L) -> Expected::Of<()>,
    left: L,
) -> Result<T, Stop<B, Expected>> {
    stopped(Expected::of(compared(left)))
}
