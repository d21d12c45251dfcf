//! How a task of a graph with `#![settle]` ended.

use core::error::Error;
use core::fmt;

/// How a task ended, in a graph that settles all of its tasks.
///
/// A graph with `#![settle]` does not stop at the first error. Everything that can run runs to completion, and each field of
/// the result is a `Settled`. It is JavaScript's `Promise.allSettled`, for a graph.
///
/// ```
/// use conjoin::{Settled, auto};
///
/// # futures::executor::block_on(async {
/// let page = auto! {
///     #![settle]
///     user => "7".parse::<u32>()?,
///     posts: [user] => [*user, user + 1],
///     weather => "sunny".parse::<f32>()?,
///     advice: [weather] => if *weather < 10.0 { "a coat" } else { "a hat" },
/// }.await;
///
/// assert_eq!(page.posts, Settled::Done([7, 8]));
/// assert_eq!(page.advice, Settled::Skipped("weather"));
/// assert_eq!(page.weather.into_result().unwrap_err().to_string(), "invalid float literal");
/// # });
/// ```
///
/// `E` is the error type of the task's own `?`, or the type in `#![error(…)]`, so it may differ from field to field. For a
/// task without `?` it is [`Never`].
///
/// With the feature `serde` it serializes as `{"done": value}`, `{"failed": error}` or `{"skipped": "task"}`.
#[must_use = "it may hold an error"]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Settled<T, E> {
    /// It completed with a value.
    Done(T),
    /// It ran and failed.
    Failed(E),
    /// It never ran, because the task of this name failed. It depends on that task, directly or not. If several failed, this is
    /// the one behind the first entry of its brackets that is not done.
    Skipped(&'static str),
}

impl<T, E> Settled<T, E> {
    /// Whether it has a value.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        matches!(self, Settled::Done(_))
    }

    /// Whether it ran and failed.
    #[must_use]
    pub const fn is_failed(&self) -> bool {
        matches!(self, Settled::Failed(_))
    }

    /// Whether it never ran.
    #[must_use]
    pub const fn is_skipped(&self) -> bool {
        matches!(self, Settled::Skipped(_))
    }

    /// The value, when there is one.
    #[must_use]
    pub fn ok(self) -> Option<T> {
        match self {
            Settled::Done(value) => Some(value),
            Settled::Failed(_) | Settled::Skipped(_) => None,
        }
    }

    /// The name of the task whose failure skipped this one.
    #[must_use]
    pub const fn skipped(&self) -> Option<&'static str> {
        match self {
            Settled::Skipped(failed) => Some(failed),
            Settled::Done(_) | Settled::Failed(_) => None,
        }
    }

    /// The task's own error. A task that never ran has none.
    #[must_use]
    pub fn err(self) -> Option<E> {
        match self {
            Settled::Failed(error) => Some(error),
            Settled::Done(_) | Settled::Skipped(_) => None,
        }
    }

    /// The value, or the reason for its absence. Use it with `?`.
    ///
    /// # Errors
    ///
    /// [`NotDone::Failed`] with the task's own error, [`NotDone::Skipped`] with the name of the task that failed.
    ///
    /// ```
    /// use conjoin::{NotDone, Settled};
    ///
    /// assert_eq!(Settled::<_, ()>::Done(1).into_result(), Ok(1));
    /// assert_eq!(Settled::<(), _>::Failed("no").into_result(), Err(NotDone::Failed("no")));
    /// let skipped = Settled::<(), String>::Skipped("user").into_result();
    /// assert_eq!(skipped.unwrap_err().to_string(), "skipped because task `user` failed");
    /// ```
    pub fn into_result(self) -> Result<T, NotDone<E>> {
        match self {
            Settled::Done(value) => Ok(value),
            Settled::Failed(error) => Err(NotDone::Failed(error)),
            Settled::Skipped(failed) => Err(NotDone::Skipped(failed)),
        }
    }

    /// Borrows the value or the error.
    pub const fn as_ref(&self) -> Settled<&T, &E> {
        match self {
            Settled::Done(value) => Settled::Done(value),
            Settled::Failed(error) => Settled::Failed(error),
            Settled::Skipped(failed) => Settled::Skipped(failed),
        }
    }

    /// Borrows the value or the error mutably.
    pub const fn as_mut(&mut self) -> Settled<&mut T, &mut E> {
        match self {
            Settled::Done(value) => Settled::Done(value),
            Settled::Failed(error) => Settled::Failed(error),
            Settled::Skipped(failed) => Settled::Skipped(failed),
        }
    }

    /// Applies a function to the value, if there is one.
    pub fn map<U>(self, function: impl FnOnce(T) -> U) -> Settled<U, E> {
        match self {
            Settled::Done(value) => Settled::Done(function(value)),
            Settled::Failed(error) => Settled::Failed(error),
            Settled::Skipped(failed) => Settled::Skipped(failed),
        }
    }

    /// Applies a function to the error, if there is one. Use it to give fields with different errors one type.
    pub fn map_err<F>(self, function: impl FnOnce(E) -> F) -> Settled<T, F> {
        match self {
            Settled::Done(value) => Settled::Done(value),
            Settled::Failed(error) => Settled::Failed(function(error)),
            Settled::Skipped(failed) => Settled::Skipped(failed),
        }
    }
}

#[cfg(feature = "serde")]
impl<T: serde_core::Serialize, E: serde_core::Serialize> serde_core::Serialize for Settled<T, E> {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Settled::Done(value) => {
                serializer.serialize_newtype_variant("Settled", 0, "done", value)
            }
            Settled::Failed(error) => {
                serializer.serialize_newtype_variant("Settled", 1, "failed", error)
            }
            Settled::Skipped(failed) => {
                serializer.serialize_newtype_variant("Settled", 2, "skipped", failed)
            }
        }
    }
}

/// The error of a task that cannot fail: there is no value of this type.
///
/// It differs from [`Infallible`](core::convert::Infallible) in one way: with the feature `serde` it implements `Serialize`, so
/// that the result of a graph can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Never {}

impl fmt::Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl Error for Never {}

#[cfg(feature = "serde")]
impl serde_core::Serialize for Never {
    fn serialize<S: serde_core::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

/// Why a task has no value: the error of [`Settled::into_result`].
///
/// `Failed` displays as its inner error and has that error's source.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NotDone<E> {
    /// It ran and failed.
    Failed(E),
    /// It never ran, because the task of this name failed.
    Skipped(&'static str),
}

impl<E: fmt::Display> fmt::Display for NotDone<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotDone::Failed(error) => error.fmt(f),
            NotDone::Skipped(failed) => write!(f, "skipped because task `{failed}` failed"),
        }
    }
}

impl<E: Error> Error for NotDone<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            NotDone::Failed(error) => error.source(),
            NotDone::Skipped(_) => None,
        }
    }
}
