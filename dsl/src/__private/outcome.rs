//! Outcomes: the operands of `?`s, and the outputs of blocks with a `?`. An outcome is a `Result` or an `Option`.
//!
//! The macro does not see types. [`split`](Outcome::split) separates the value of an outcome from its failure: an
//! error, or the `None` of an `Option`. [`fail`] turns a failure into an outcome of the same kind again, and so decides
//! the type of the surrounding block.

use core::fmt;
use core::marker::PhantomData;

use crate::settled::Never;

/// A `Result` or an `Option`, with its value and its failure.
#[diagnostic::on_unimplemented(
    message = "this `?` needs a `Result` or an `Option`, found `{Self}`",
    label = "this is neither a `Result` nor an `Option`",
    note = "if this is a future, await it: `fetch().await?`",
    note = "if this is a `Settled`, convert it: `value.into_result()?`"
)]
pub trait Outcome<T, L> {
    #[doc(hidden)]
    fn split(self) -> Result<T, L>;
}

/// The failure of an outcome.
pub trait Failure {
    type Error;
    /// The outcome with this failure.
    type Of<T>;
    fn leave<T>(self) -> Self::Of<T>;
    /// The failure of an outcome that has no value.
    fn of(outcome: Self::Of<()>) -> Self;
}

/// The error of a `Result`.
#[derive(Debug)]
pub struct Failed<E>(pub E);

/// The `None` of an `Option`.
#[derive(Debug)]
pub struct Absent;

impl fmt::Display for Absent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`None`")
    }
}

#[diagnostic::do_not_recommend]
impl<T, E> Outcome<T, Failed<E>> for Result<T, E> {
    #[inline]
    fn split(self) -> Result<T, Failed<E>> {
        self.map_err(Failed)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Outcome<T, Absent> for Option<T> {
    #[inline]
    fn split(self) -> Result<T, Absent> {
        self.ok_or(Absent)
    }
}

impl<E> Failure for Failed<E> {
    type Error = E;
    type Of<T> = Result<T, E>;
    #[inline]
    fn leave<T>(self) -> Result<T, E> {
        Err(self.0)
    }
    #[inline]
    fn of(outcome: Result<(), E>) -> Self {
        match outcome {
            Ok(()) => super::nothing(),
            Err(error) => Failed(error),
        }
    }
}

impl Failure for Absent {
    type Error = Absent;
    type Of<T> = Option<T>;
    #[inline]
    fn leave<T>(self) -> Option<T> {
        None
    }
    #[inline]
    fn of(_: Option<()>) -> Self {
        Absent
    }
}

/// The failed outcome, which leaves a block and decides the block's type.
#[inline]
pub fn fail<L: Failure, T>(left: L) -> L::Of<T> {
    left.leave()
}

/// The outcome with a value.
#[inline]
pub fn whole<T, R: Whole<T>>(value: T) -> R {
    R::whole(value)
}

/// The output type of an `async` block, when no variable has that type.
#[derive(Debug)]
pub struct Kind<R>(PhantomData<fn() -> R>);

impl<R> Kind<R> {
    #[must_use]
    #[allow(clippy::new_without_default)]
    pub fn new() -> Self {
        Kind(PhantomData)
    }

    /// In code that never runs.
    #[must_use]
    pub fn value(&self) -> R {
        super::nothing()
    }
}

/// An outcome in a block that resolves to an outcome of the same kind.
///
/// If nothing fixes the type of the error, rustc asks for the first parameter by its name.
#[diagnostic::on_unimplemented(
    message = "this `?` needs a `Result` or an `Option`, found `{Self}`",
    label = "this is neither a `Result` nor an `Option`",
    note = "if this is a future, await it: `fetch().await?`",
    note = "if this is a `Settled`, convert it: `value.into_result()?`"
)]
pub trait Decides<NeedsErrorOption, O> {
    #[doc(hidden)]
    fn decide(self, _: &Kind<NeedsErrorOption>) -> O;
}

#[diagnostic::do_not_recommend]
impl<T, E, U, F> Decides<Result<U, F>, Result<T, E>> for Result<T, E> {
    #[inline]
    fn decide(self, _: &Kind<Result<U, F>>) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T, U> Decides<Option<U>, Option<T>> for Option<T> {
    #[inline]
    fn decide(self, _: &Kind<Option<U>>) -> Self {
        self
    }
}

/// An outcome with this value.
pub trait Whole<T> {
    fn whole(value: T) -> Self;
}

impl<T, E> Whole<T> for Result<T, E> {
    #[inline]
    fn whole(value: T) -> Self {
        Ok(value)
    }
}

impl<T> Whole<T> for Option<T> {
    #[inline]
    fn whole(value: T) -> Self {
        Some(value)
    }
}

/// Converts an error into the same type under another name.
pub type Same<Found, E> = fn(Found) -> Result<Never, E>;

/// A block whose outcome has the same kind as a task's. [`SameError`] compares the errors.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this graph has a `?` on an `Option` and a `?` on a `Result`",
    label = "this one differs from those before it",
    note = "write `.ok_or(error)?` on the `Option`, or `.ok()?` on the `Result`"
)]
pub trait SameKind<L: Failure>: Sized {
    type Error;
    #[doc(hidden)]
    fn failed() -> fn(L, Same<L::Error, Self::Error>) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, E, Found> SameKind<Failed<Found>> for Result<T, E> {
    type Error = E;
    #[inline]
    fn failed() -> fn(Failed<Found>, Same<Found, E>) -> Self {
        |left, same| same(left.0).map(|never| match never {})
    }
}

#[diagnostic::do_not_recommend]
impl<T> SameKind<Absent> for Option<T> {
    type Error = Absent;
    #[inline]
    fn failed() -> fn(Absent, Same<Absent, Absent>) -> Self {
        |_, _| None
    }
}

/// The operand of a `?` in a graph that resolves to a `Result`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this `?` needs a `Result`, found `{Self}`",
    label = "this is not a `Result`",
    note = "if this is a future, await it: `fetch().await?`",
    note = "if this is an `Option`, name an error for `None`: `find().ok_or(error)?`",
    note = "if this is a `Settled`, convert it: `value.into_result()?`"
)]
pub trait Fallible<T, E> {
    #[doc(hidden)]
    fn into_result(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> Fallible<T, E> for Result<T, E> {
    #[inline]
    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// The same for a graph that names its error.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "under `#![error(…)]`, a `?` needs a `Result`, found `{Self}`",
    label = "this is not a `Result`",
    note = "if this is a future, await it: `fetch().await?`",
    note = "if this is an `Option`, name an error for `None`: `find().ok_or(error)?`",
    note = "if this is a `Settled`, convert it: `value.into_result()?`"
)]
pub trait FallibleConverted<T, E> {
    #[doc(hidden)]
    fn into_result(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> FallibleConverted<T, E> for Result<T, E> {
    #[inline]
    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// The same for a graph with `#![name_errors]`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "under `#![name_errors]`, a `?` needs a `Result`, found `{Self}`",
    label = "this is not a `Result`",
    note = "if this is a future, await it: `fetch().await?`",
    note = "if this is an `Option`, name an error for `None`: `find().ok_or(error)?`",
    note = "if this is a `Settled`, convert it: `value.into_result()?`"
)]
pub trait FallibleNamed<T, E> {
    #[doc(hidden)]
    fn into_result(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> FallibleNamed<T, E> for Result<T, E> {
    #[inline]
    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// The same for a graph that settles.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "under `#![settle]`, a `?` needs a `Result`, found `{Self}`",
    label = "this is not a `Result`",
    note = "if this is a future, await it: `fetch().await?`",
    note = "if this is an `Option`, name an error for `None`: `find().ok_or(error)?`",
    note = "if this is a `Settled`, convert it: `value.into_result()?`"
)]
pub trait FallibleSettled<T, E> {
    #[doc(hidden)]
    fn into_result(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> FallibleSettled<T, E> for Result<T, E> {
    #[inline]
    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// The error of a task as the error of the surrounding block. Each type implements it for itself: the trait exists for
/// its message. rustc reports it at the top of the graph, once for each pair of types. (With an argument, rustc would
/// report it at the argument, so there is none.)
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the tasks of this graph fail with different errors: `{Self}` and `{Found}`",
    label = "write `#![error(AppError)]` at the top of the graph: every `?` then converts into `AppError` with `From`"
)]
pub trait SameError<Found>: Sized {
    #[doc(hidden)]
    fn failed<T>() -> fn(Found) -> Result<T, Self>;
}

#[diagnostic::do_not_recommend]
impl<E> SameError<E> for E {
    #[inline]
    fn failed<T>() -> fn(E) -> Result<T, E> {
        Err
    }
}
