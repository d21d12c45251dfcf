//! What ends a graph in which a `break` may end it.

use super::{FailsLike, Left, SameAs};

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
pub fn stopped_left_alike<T, B, L: Left, Expected: Left<Of<()>: FailsLike<L::Of<()>>>>(
    left: L,
) -> Result<T, Stop<B, Expected>> {
    let alike: Expected::Of<()> = super::fail_alike(left);
    Err(Stop::Fail(Expected::of(alike)))
}
