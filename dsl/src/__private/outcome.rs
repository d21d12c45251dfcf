//! What stands before a `?`, and what a block with a `?` resolves to: a `Result` or an `Option`.
//!
//! The macro does not see types. It takes an outcome apart by [`split`]; what is left of it without a value, an error or the
//! lack of one, makes an outcome of the same kind again by [`fail`], and so says what the block around resolves to.

use core::fmt;

/// A `Result` or an `Option`.
#[diagnostic::on_unimplemented(
    message = "the `?` at the end of a task needs a `Result` or an `Option`, found `{Self}`",
    label = "this is neither a `Result` nor an `Option`",
    note = "of a future, `.await` makes one: `fetch().await?`",
    note = "of a `Settled`, `into_result()` does"
)]
pub trait Outcome {
    type Value;
    type Left: Left;
    fn split(self) -> Result<Self::Value, Self::Left>;
}

/// What is left of an outcome without a value.
pub trait Left {
    /// The outcome that fails with it.
    type Of<T>;
    fn leave<T>(self) -> Self::Of<T>;
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
impl<T, E> Outcome for Result<T, E> {
    type Value = T;
    type Left = Failed<E>;
    #[inline]
    fn split(self) -> Result<T, Failed<E>> {
        self.map_err(Failed)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Outcome for Option<T> {
    type Value = T;
    type Left = Absent;
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
}

impl Left for Absent {
    type Of<T> = Option<T>;
    #[inline]
    fn leave<T>(self) -> Option<T> {
        None
    }
}

/// An outcome as a `Result`.
#[inline]
pub fn split<O: Outcome>(outcome: O) -> Result<O::Value, O::Left> {
    outcome.split()
}

/// The outcome without a value, which leaves a block and says what that resolves to.
#[inline]
pub fn fail<L: Left, T>(left: L) -> L::Of<T> {
    left.leave()
}

/// The same where that is known.
#[inline]
pub fn fail_alike<L, R: Takes<L>>(left: L) -> R {
    R::take(left)
}

/// The outcome with a value.
#[inline]
pub fn whole<T, R: Whole<T>>(value: T) -> R {
    R::whole(value)
}

/// In code that never runs: what a block resolves to that an inner `?` after this leaves. Its error is not known yet.
#[must_use]
pub fn like<O: Inner<E>, E, T>(_: &O) -> O::Like<T> {
    super::nothing()
}

/// The outcomes of a kind.
pub trait Inner<E> {
    type Like<T>;
}

impl<U, F, E> Inner<E> for Result<U, F> {
    type Like<T> = Result<T, E>;
}

impl<U> Inner<Absent> for Option<U> {
    type Like<T> = Option<T>;
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

/// An outcome of the same kind as what is left of another.
#[diagnostic::on_unimplemented(
    message = "a graph has a `?` on an `Option` and a `?` on a `Result`",
    label = "the `?` of this task is on the one, that of a task before it on the other",
    note = "an `Option` becomes a `Result` by `.ok_or(error)?`, a `Result` an `Option` by `.ok()?`"
)]
pub trait Takes<L> {
    fn take(left: L) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T, Found, E: SameAs<Found>> Takes<Failed<Found>> for Result<T, E> {
    #[inline]
    fn take(left: Failed<Found>) -> Self {
        Err(E::same(left.0))
    }
}

#[diagnostic::do_not_recommend]
impl<T> Takes<Absent> for Option<T> {
    #[inline]
    fn take(_: Absent) -> Self {
        None
    }
}

/// Declares a function that takes the operand of a `?` where only a `Result` can stand, and the trait that says so.
macro_rules! only_results {
    ($function:ident, $trait:ident, $message:literal, $($note:literal),*) => {
        /// The value or error of what stands before a `?`.
        #[inline]
        pub fn $function<R: $trait>(result: R) -> Result<R::Value, R::Error> {
            result.into_result()
        }

        #[diagnostic::on_unimplemented(
            message = $message,
            label = "this is not a `Result`",
            $(note = $note,)*
            note = "of a future, `.await` makes one: `fetch().await?`",
            note = "of an `Option`, an error for its `None` does: `find().ok_or(error)?`",
            note = "of a `Settled`, `into_result()` does"
        )]
        pub trait $trait {
            type Value;
            type Error;
            fn into_result(self) -> Result<Self::Value, Self::Error>;
        }

        #[diagnostic::do_not_recommend]
        impl<T, E> $trait for Result<T, E> {
            type Value = T;
            type Error = E;
            #[inline]
            fn into_result(self) -> Result<T, E> {
                self
            }
        }
    };
}

only_results!(
    fallible,
    Fallible,
    "this `?` needs a `Result`, found `{Self}`",
);
only_results!(
    fallible_converted,
    FallibleConverted,
    "under `#![error(…)]`, a `?` needs a `Result`, found `{Self}`",
);
only_results!(
    fallible_named,
    FallibleNamed,
    "under `#![name_errors]`, a `?` needs a `Result`, found `{Self}`",
);
only_results!(
    fallible_settled,
    FallibleSettled,
    "under `#![settle]`, a `?` needs a `Result`, found `{Self}`",
);

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

/// What is left of an outcome as the same of another.
#[diagnostic::on_unimplemented(
    message = "a graph has a `?` on an `Option` and a `?` on a `Result`",
    label = "the `?` of this task is on the one, that of a task before it on the other",
    note = "an `Option` becomes a `Result` by `.ok_or(error)?`, a `Result` an `Option` by `.ok()?`"
)]
pub trait SameLeft<Found> {
    fn same_left(left: Found) -> Self;
}

#[diagnostic::do_not_recommend]
impl<Found, E: SameAs<Found>> SameLeft<Failed<Found>> for Failed<E> {
    #[inline]
    fn same_left(left: Failed<Found>) -> Self {
        Failed(E::same(left.0))
    }
}

#[diagnostic::do_not_recommend]
impl SameLeft<Absent> for Absent {
    #[inline]
    fn same_left(left: Absent) -> Self {
        left
    }
}
