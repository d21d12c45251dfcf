//! What ends a graph in which a `break` may end it.

use super::outcome::{SameAs, SameLeft};

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

/// The same where the graph fails with `Expected`.
#[inline]
pub fn stopped_alike<T, B, Found, Expected: SameAs<Found>>(
    error: Found,
) -> Result<T, Stop<B, Expected>> {
    Err(Stop::Fail(Expected::same(error)))
}

/// The same where a `?` may be on an `Option`.
#[inline]
pub fn stopped_left_alike<T, B, Found, Expected: SameLeft<Found>>(
    left: Found,
) -> Result<T, Stop<B, Expected>> {
    Err(Stop::Fail(Expected::same_left(left)))
}
