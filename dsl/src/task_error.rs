//! Which task of a graph failed.

use core::error::Error;
use core::fmt;

/// An error that knows the task it came from: what a graph with `#![name_errors]` fails with.
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
/// As its message holds the inner error's, its [`source`](Error::source) is the inner error's source, not the inner error
/// itself, which a report of the whole chain would print twice ([`Error`] has this rule). That one is at
/// [`get_ref`](Self::get_ref) and [`into_inner`](Self::into_inner).
///
/// It is an [`Error`] if `E` is, which `Box<dyn Error>` and `anyhow::Error` are not. With those, pass on
/// [`into_inner`](Self::into_inner), and say which [`task`](Self::task) it was beside it (`.context(…)`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskError<E> {
    task: &'static str,
    error: E,
}

impl<E> TaskError<E> {
    /// The error of the task of this name.
    #[inline]
    #[must_use]
    pub const fn new(task: &'static str, error: E) -> Self {
        TaskError { task, error }
    }

    /// The name of the task, as in the graph. An error of the final arm has `"=>"` here.
    #[must_use]
    pub const fn task(&self) -> &'static str {
        self.task
    }

    /// The error that the task failed with.
    #[must_use]
    pub const fn get_ref(&self) -> &E {
        &self.error
    }

    /// The error that the task failed with.
    #[must_use]
    pub fn into_inner(self) -> E {
        self.error
    }

    /// The error of the same task with another inner error.
    #[must_use]
    pub fn map<F>(self, function: impl FnOnce(E) -> F) -> TaskError<F> {
        TaskError {
            task: self.task,
            error: function(self.error),
        }
    }
}

/// What stands for the name of the final arm.
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
