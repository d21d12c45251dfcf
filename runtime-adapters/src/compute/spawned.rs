//! Closures that block and futures, on threads of the runtime.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_util::task::AbortOnDropHandle;

use super::error::ComputeError;
use crate::span::CapturedSpan;

/// Runs a closure that blocks on a thread of the runtime that is there for this, at once or when one is free.
///
/// There may be 512 of these threads, unless [`max_blocking_threads`](tokio::runtime::Builder::max_blocking_threads)
/// says otherwise. For what computes rather than waits that is too many: see [`cpu()`](super::cpu()). The closure may
/// block until another one ends, but holds its thread meanwhile, and where every thread waits for what is queued none
/// goes on.
///
/// A runtime that is dropped waits for the closures that run, and those that wait in its queue are run or dropped
/// before it ends. [`Runtime::shutdown_background`](tokio::runtime::Runtime::shutdown_background) does not wait.
///
/// ```
/// use conjoin_adapters::{ComputeError, blocking};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), ComputeError> {
/// let entries = blocking(|| std::fs::read_dir(".").map(Iterator::count)).await?;
/// assert!(entries.is_ok_and(|count| count > 0));
/// # Ok(()) }
/// ```
///
/// # Panics
///
/// When it is called outside of a tokio runtime, or the first thread of its kind cannot be started.
#[track_caller]
pub fn blocking<T, F>(closure: F) -> SpawnedTask<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let here = CapturedSpan::current();
    SpawnedTask(AbortOnDropHandle::new(tokio::task::spawn_blocking(
        move || here.run(closure),
    )))
}

/// Runs a future on another thread of the runtime than the one that polls the graph, if there is one, until the
/// [`SpawnedTask`] is dropped. It is [`tokio::spawn`], but for that.
///
/// On a runtime with one thread the future runs on that, in turn with everything else.
///
/// ```
/// use conjoin_adapters::{ComputeError, spawn};
///
/// # #[tokio::main]
/// # async fn main() -> Result<(), ComputeError> {
/// let (one, other) = (spawn(async { 6 }), spawn(async { 7 }));
/// assert_eq!(one.await? * other.await?, 42);
/// # Ok(()) }
/// ```
///
/// # Panics
///
/// When it is called outside of a tokio runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> SpawnedTask<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    SpawnedTask(AbortOnDropHandle::new(tokio::spawn(
        CapturedSpan::current().around(future),
    )))
}

/// A future of what the runtime does elsewhere. See [`blocking`] and [`spawn`].
///
/// It may be polled from anywhere, outside of the runtime as well. Dropping it keeps a closure that has not started
/// from running, and drops a spawned future: on the runtime, when it waits or gives way next. If the value is there
/// already, it drops that, with a panic in it reported by the panic hook alone.
///
/// # Panics
///
/// When it is polled after it has ended.
#[must_use = "dropping it cancels the work"]
pub struct SpawnedTask<T>(AbortOnDropHandle<T>);

impl<T> SpawnedTask<T> {
    /// Cancels, as dropping it does, and ends when the closure or the future has ended or has been dropped. Its value
    /// is dropped.
    ///
    /// Dropping the future of this method stops the wait, not the cancellation.
    pub async fn cancel(mut self) {
        self.0.abort();
        // It is through, whatever came of it.
        let _ = (&mut self.0).await;
    }
}

impl<T> Future for SpawnedTask<T> {
    type Output = Result<T, ComputeError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0)
            .poll(cx)
            .map_err(ComputeError::of_task)
    }
}

impl<T> fmt::Debug for SpawnedTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SpawnedTask")
            .field("is_finished", &self.0.is_finished())
            .finish_non_exhaustive()
    }
}
