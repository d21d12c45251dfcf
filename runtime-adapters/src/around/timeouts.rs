//! Tasks that take too long fail.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::{Pending, pending};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use conjoin::Around;
use pin_project_lite::pin_project;
use tokio::time::error::Elapsed;
use tokio::time::{Timeout, timeout};

/// Fails tasks that take too long, with an error made of [`Elapsed`]. A task that cannot fail is a compile error.
///
/// ```
/// use std::time::Duration;
///
/// use conjoin::auto;
/// use conjoin_adapters::around::{Elapsed, Timeouts};
///
/// #[derive(Debug, PartialEq)]
/// enum AppError {
///     TimedOut,
/// }
///
/// impl From<Elapsed> for AppError {
///     fn from(_: Elapsed) -> Self {
///         AppError::TimedOut
///     }
/// }
///
/// # async fn fetch(what: &str) -> Result<String, AppError> {
/// #     if what == "comments" { std::future::pending().await }
/// #     Ok(what.to_owned())
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let timeouts = Timeouts::new(Duration::from_secs(2)).of("comments", Duration::from_millis(5));
/// let page = auto! {
///     #![around(timeouts)]
///     #![name_errors]
///     #![error(AppError)]
///     user => fetch("user").await?,
///     comments => fetch("comments").await?,
/// };
/// let error = page.await.map(|page| page.user).unwrap_err();
/// assert_eq!((error.task(), error.into_inner()), ("comments", AppError::TimedOut));
/// # }
/// ```
///
/// The clock of a task starts with the task, and is tokio's: the graph runs in a tokio runtime with a timer. A task that is
/// timed out is dropped, as by a cancelled graph. The time of a condition is not counted.
#[derive(Clone, Debug, Default)]
pub struct Timeouts {
    of_all: Option<Duration>,
    of_names: HashMap<&'static str, Option<Duration>>,
}

impl Timeouts {
    /// So much time for each task.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Timeouts {
            of_all: Some(limit),
            of_names: HashMap::new(),
        }
    }

    /// As much time as they take, but for those that are [named](Self::of).
    #[must_use]
    pub fn none() -> Self {
        Timeouts::default()
    }

    /// Another time for the task of this name.
    #[must_use = "this returns the timeouts"]
    pub fn of(mut self, name: &'static str, limit: Duration) -> Self {
        self.of_names.insert(name, Some(limit));
        self
    }

    /// No limit for the task of this name.
    #[must_use = "this returns the timeouts"]
    pub fn never(mut self, name: &'static str) -> Self {
        self.of_names.insert(name, None);
        self
    }

    fn limit(&self, name: &str) -> Option<Duration> {
        self.of_names.get(name).copied().unwrap_or(self.of_all)
    }
}

impl<T: TimesOut> Around<T> for Timeouts {
    fn task(&self, name: &'static str, body: impl Future<Output = T>) -> impl Future<Output = T> {
        TimedTask {
            body,
            limit: self.limit(name),
            clock: None,
        }
    }
}

pin_project! {
    /// No `async` block: that would hold the body twice, where it is given and where it is awaited.
    struct TimedTask<F> {
        #[pin]
        body: F,
        limit: Option<Duration>,
        // From the first poll on.
        #[pin]
        clock: Option<Timeout<Pending<Infallible>>>,
    }
}

impl<F: Future<Output: TimesOut>> Future for TimedTask<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if let (Some(limit), None) = (*this.limit, this.clock.as_ref().get_ref()) {
            this.clock.set(Some(timeout(limit, pending())));
        }
        if let Poll::Ready(output) = this.body.poll(cx) {
            return Poll::Ready(output);
        }
        match this.clock.as_pin_mut().map(|clock| clock.poll(cx)) {
            Some(Poll::Ready(Err(elapsed))) => Poll::Ready(TimesOut::timed_out(elapsed)),
            _ => Poll::Pending,
        }
    }
}

/// What a task resolves to that can time out: a `Result` whose error can be made of [`Elapsed`].
#[diagnostic::on_unimplemented(
    message = "a task that resolves to `{Self}` cannot time out",
    label = "its error cannot be made of `Elapsed`",
    note = "write `impl From<Elapsed> for AppError`, and `#![error(AppError)]` at the top of the graph",
    note = "a task that cannot fail, whose error is `Never`, fails with it when its body ends in `Ok::<_, AppError>(value)?`"
)]
pub trait TimesOut {
    /// The outcome of a task that took too long.
    fn timed_out(elapsed: Elapsed) -> Self;
}

#[diagnostic::do_not_recommend]
impl<V, E: From<Elapsed>> TimesOut for Result<V, E> {
    fn timed_out(elapsed: Elapsed) -> Self {
        Err(elapsed.into())
    }
}
