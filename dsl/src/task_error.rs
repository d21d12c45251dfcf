//! Which task of a graph failed.

use core::error::Error;
use core::fmt;

/// An error that knows the task it came from: the error of a graph with `#![name_errors]`.
///
/// ```
/// use conjoin::auto;
///
/// # futures::executor::block_on(async {
/// let failed = auto! {
///     #![name_errors]
///     port => "80".parse::<u16>()?,
///     retries => "many".parse::<u16>()?,
/// }.await;
///
/// let error = failed.err().unwrap();
/// assert_eq!(error.task(), "retries");
/// assert_eq!(error.to_string(), "task `retries`: invalid digit found in string");
/// # });
/// ```
///
/// Its message contains the inner error's message. So its [`source`](Error::source) is the inner error's source: a report of the
/// whole chain must not print the inner error twice. Get the inner error from [`get_ref`](Self::get_ref) or
/// [`into_inner`](Self::into_inner).
///
/// It implements [`Error`] if `E` does. `Box<dyn Error>` and `anyhow::Error` do not. With those, return
/// [`into_inner`](Self::into_inner), and add the [`task`](Self::task) as context (`.context(…)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskError<E> {
    task: &'static str,
    error: E,
}

impl<E> TaskError<E> {
    /// Creates the error of the task of this name.
    #[inline]
    #[must_use]
    pub const fn new(task: &'static str, error: E) -> Self {
        TaskError { task, error }
    }

    /// The name of the task, as in the graph, or `"=>"` for the final arm.
    #[must_use]
    pub const fn task(&self) -> &'static str {
        self.task
    }

    /// Borrows the error that the task failed with.
    #[must_use]
    pub const fn get_ref(&self) -> &E {
        &self.error
    }

    /// Returns the error that the task failed with.
    #[must_use]
    pub fn into_inner(self) -> E {
        self.error
    }

    /// Applies a function to the inner error and keeps the task.
    #[must_use]
    pub fn map<F>(self, function: impl FnOnce(E) -> F) -> TaskError<F> {
        TaskError {
            task: self.task,
            error: function(self.error),
        }
    }
}

/// The name of the final arm.
pub(crate) const FINAL_ARM: &str = "=>";

impl<E: fmt::Display> fmt::Display for TaskError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TaskError { task, error } = self;
        if *task == FINAL_ARM {
            write!(f, "final arm: {error}")
        } else {
            write!(f, "task `{task}`: {error}")
        }
    }
}

impl<E: Error> Error for TaskError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}
