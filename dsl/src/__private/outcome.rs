//! What stands before a `?`, and what a block with a `?` resolves to: a `Result` or an `Option`.
//!
//! The macro does not see types. It takes an outcome apart by [`split`]; what is left of it without a value, an error or the
//! lack of one, makes an outcome of the same kind again by [`fail`], and so says what the block around resolves to.

use core::fmt;
use core::marker::PhantomData;

/// A `Result` or an `Option`: its value, and what is left of it without.
#[diagnostic::on_unimplemented(
    message = "this `?` needs a `Result` or an `Option`, found `{Self}`",
    label = "this is neither a `Result` nor an `Option`",
    note = "of a future, `.await` makes one: `fetch().await?`",
    note = "of a `Settled`, `into_result()` does"
)]
pub trait Outcome<T, L> {
    fn split(self) -> Result<T, L>;
}

/// What is left of an outcome without a value.
pub trait Left {
    /// The outcome that fails with it.
    type Of<T>;
    fn leave<T>(self) -> Self::Of<T>;
    /// What is left of one that has no value.
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

impl<E> Left for Failed<E> {
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

impl Left for Absent {
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

/// An outcome as a `Result`.
#[inline]
pub fn split<O: Outcome<T, L>, T, L>(outcome: O) -> Result<T, L> {
    outcome.split()
}

/// The outcome without a value, which leaves a block and says what that resolves to.
#[inline]
pub fn fail<L: Left, T>(left: L) -> L::Of<T> {
    left.leave()
}

/// The same where that is known.
#[inline]
pub fn fail_alike<L: Left, R: FailsLike<L::Of<()>>>(left: L) -> R {
    R::fail(left.leave())
}

/// The outcome with a value.
#[inline]
pub fn whole<T, R: Whole<T>>(value: T) -> R {
    R::whole(value)
}

/// What an `async` block resolves to, where no variable has that type.
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

/// What stands before the first `?` of a block, as it is: it says what that resolves to. The `?` converts its error.
pub trait Deciding<R, O>: Sized {
    #[inline]
    fn __conjoin_decides(self, _: &Kind<R>) -> O
    where
        Self: Decides<R, O>,
    {
        self.decide()
    }
}

impl<T, R, O> Deciding<R, O> for T {}

/// What stands before a `?` in a graph whose options are about errors, as it is. It is checked before rustc has its words
/// on the `?`, which know nothing of options.
pub trait Operand<T, E>: Sized {
    #[inline]
    fn __conjoin_converted(self) -> Result<T, E>
    where
        Self: FallibleConverted<T, E>,
    {
        self.into_result()
    }

    #[inline]
    fn __conjoin_named(self) -> Result<T, E>
    where
        Self: FallibleNamed<T, E>,
    {
        self.into_result()
    }

    #[inline]
    fn __conjoin_settled(self) -> Result<T, E>
    where
        Self: FallibleSettled<T, E>,
    {
        self.into_result()
    }
}

impl<O, T, E> Operand<T, E> for O {}

/// An outcome, as it is, in a block that resolves to one of its kind.
#[diagnostic::on_unimplemented(
    message = "this `?` needs a `Result` or an `Option`, found `{Self}`",
    label = "this is neither a `Result` nor an `Option`",
    note = "of a future, `.await` makes one: `fetch().await?`",
    note = "of a `Settled`, `into_result()` does"
)]
pub trait Decides<R, O> {
    fn decide(self) -> O;
}

#[diagnostic::do_not_recommend]
impl<T, E, U, F> Decides<Result<U, F>, Result<T, E>> for Result<T, E> {
    #[inline]
    fn decide(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<T, U> Decides<Option<U>, Option<T>> for Option<T> {
    #[inline]
    fn decide(self) -> Self {
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

/// An outcome that fails as another does.
#[diagnostic::on_unimplemented(
    message = "the tasks of a graph fail with one type: `{Self}` in one before this, `{Found}` here",
    label = "this fails with `{Found}`",
    note = "name an error that all of them convert into with `From`, at the top of the graph: `#![error(AppError)]`",
    note = "an `Option` becomes a `Result` by `.ok_or(error)?`, a `Result` an `Option` by `.ok()?`"
)]
pub trait FailsLike<Found> {
    fn fail(found: Found) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, E> FailsLike<Result<(), E>> for Result<T, E> {
    #[inline]
    fn fail(found: Result<(), E>) -> Self {
        found.map(|()| super::nothing())
    }
}

#[diagnostic::do_not_recommend]
impl<T> FailsLike<Option<()>> for Option<T> {
    #[inline]
    fn fail(_: Option<()>) -> Self {
        None
    }
}

/// What stands before a `?` in a graph that resolves to a `Result`.
#[inline]
pub fn fallible<R: Fallible<T, E>, T, E>(result: R) -> Result<T, E> {
    result.into_result()
}

#[diagnostic::on_unimplemented(
    message = "this `?` needs a `Result`, found `{Self}`",
    label = "this is not a `Result`",
    note = "of a future, `.await` makes one: `fetch().await?`",
    note = "of an `Option`, an error for its `None` does: `find().ok_or(error)?`",
    note = "of a `Settled`, `into_result()` does"
)]
pub trait Fallible<T, E> {
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
#[inline]
pub fn fallible_converted<R: FallibleConverted<T, E>, T, E>(result: R) -> Result<T, E> {
    result.into_result()
}

#[diagnostic::on_unimplemented(
    message = "under `#![error(…)]`, a `?` needs a `Result`, found `{Self}`",
    label = "this is not a `Result`",
    note = "of a future, `.await` makes one: `fetch().await?`",
    note = "of an `Option`, an error for its `None` does: `find().ok_or(error)?`",
    note = "of a `Settled`, `into_result()` does"
)]
pub trait FallibleConverted<T, E> {
    fn into_result(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> FallibleConverted<T, E> for Result<T, E> {
    #[inline]
    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// The same for a graph whose errors have names.
#[inline]
pub fn fallible_named<R: FallibleNamed<T, E>, T, E>(result: R) -> Result<T, E> {
    result.into_result()
}

#[diagnostic::on_unimplemented(
    message = "under `#![name_errors]`, a `?` needs a `Result`, found `{Self}`",
    label = "this is not a `Result`",
    note = "of a future, `.await` makes one: `fetch().await?`",
    note = "of an `Option`, an error for its `None` does: `find().ok_or(error)?`",
    note = "of a `Settled`, `into_result()` does"
)]
pub trait FallibleNamed<T, E> {
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
#[inline]
pub fn fallible_settled<R: FallibleSettled<T, E>, T, E>(result: R) -> Result<T, E> {
    result.into_result()
}

#[diagnostic::on_unimplemented(
    message = "under `#![settle]`, a `?` needs a `Result`, found `{Self}`",
    label = "this is not a `Result`",
    note = "of a future, `.await` makes one: `fetch().await?`",
    note = "of an `Option`, an error for its `None` does: `find().ok_or(error)?`",
    note = "of a `Settled`, `into_result()` does"
)]
pub trait FallibleSettled<T, E> {
    fn into_result(self) -> Result<T, E>;
}

#[diagnostic::do_not_recommend]
impl<T, E> FallibleSettled<T, E> for Result<T, E> {
    #[inline]
    fn into_result(self) -> Result<T, E> {
        self
    }
}

/// The error of a task as the error of what is around it, which fails with `Expected`.
#[inline]
pub fn failed<T, Found, Expected: SameAs<Found>>(error: Found) -> Result<T, Expected> {
    Err(Expected::same(error))
}

/// Implemented by each type for itself: the trait is for the message.
#[diagnostic::on_unimplemented(
    message = "the tasks of a graph fail with one type of error: `{Self}` in one before this, `{Found}` here",
    label = "this fails with `{Found}`",
    note = "name an error that all of them convert into with `From`, at the top of the graph: `#![error(AppError)]`"
)]
pub trait SameAs<Found> {
    fn same(error: Found) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E> SameAs<E> for E {
    #[inline]
    fn same(error: E) -> E {
        error
    }
}
