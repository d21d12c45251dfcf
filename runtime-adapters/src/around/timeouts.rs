//! Fails tasks that take too long.

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

/// Fails tasks that take too long, with an error made from [`Elapsed`]. On a task that cannot fail, it does not
/// compile.
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
/// A task's time starts with the task and is measured by tokio, so the graph needs a tokio runtime with a timer. A task
/// that times out is dropped, as in a cancelled graph. The time of its condition does not count.
#[derive(Clone, Debug, Default)]
pub struct Timeouts {
    of_all: Option<Duration>,
    of_names: HashMap<&'static str, Option<Duration>>,
}

impl Timeouts {
    /// Gives each task this much time.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Timeouts {
            of_all: Some(limit),
            of_names: HashMap::new(),
        }
    }

    /// Sets no limit, except for tasks that are [named](Self::of).
    #[must_use]
    pub fn none() -> Self {
        Timeouts::default()
    }

    /// Gives the task of this name another time.
    #[must_use = "this returns the timeouts"]
    pub fn of(mut self, name: &'static str, limit: Duration) -> Self {
        self.of_names.insert(name, Some(limit));
        self
    }

    /// Sets no limit for the task of this name.
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
    /// Not an `async` block, which would hold the body twice: as its argument and while it is awaited.
    struct TimedTask<F> {
        #[pin]
        body: F,
        limit: Option<Duration>,
        // Starts at the first poll.
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

/// The output of a task that can time out: a `Result` whose error can be made from [`Elapsed`].
#[diagnostic::on_unimplemented(
    message = "a task that resolves to `{Self}` cannot time out",
    label = "its error cannot be made of `Elapsed`",
    note = "write `impl From<Elapsed> for AppError`, and `#![error(AppError)]` at the top of the graph",
    note = "a task that cannot fail, whose error is `Never`, fails with it when its body ends in `Ok::<_, AppError>(value)?`"
)]
pub trait TimesOut {
    /// The output of a task that took too long.
    fn timed_out(elapsed: Elapsed) -> Self;
}

#[diagnostic::do_not_recommend]
impl<V, E: From<Elapsed>> TimesOut for Result<V, E> {
    fn timed_out(elapsed: Elapsed) -> Self {
        Err(elapsed.into())
    }
}
