//! Blocking closures and futures, on threads of the runtime.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_util::task::AbortOnDropHandle;

use super::error::ComputeError;
use crate::span::CapturedSpan;

/// Runs a blocking closure on a thread that the runtime has for this, at once or when one is free.
///
/// There are up to 512 of these threads, unless [`max_blocking_threads`](tokio::runtime::Builder::max_blocking_threads)
/// changes that. For computations that is too many: use [`cpu()`](super::cpu()). The closure may block until another
/// one ends, but holds its thread meanwhile. If every thread waits for a queued closure, none continues.
///
/// Dropping the runtime waits for the running closures, and runs or drops the queued ones.
/// [`Runtime::shutdown_background`](tokio::runtime::Runtime::shutdown_background) does not wait.
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
/// Outside of a tokio runtime, or when the first of these threads cannot be started.
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

/// Runs a future on another thread of the runtime, if there is one, until the [`SpawnedTask`] is dropped. Otherwise it
/// is [`tokio::spawn`].
///
/// On a runtime with one thread, the future runs on that, in turn with all other tasks.
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

/// The future of [`blocking`] and [`spawn`]. Dropping it cancels.
///
/// It may be polled anywhere, also outside of the runtime. Dropping it prevents a closure that has not started from
/// running, and drops a spawned future on the runtime, when that next yields. If the value has arrived, it is dropped,
/// and the panic hook reports a panic in that drop.
///
/// # Panics
///
/// When it is polled after it has ended.
#[must_use = "dropping it cancels the work"]
pub struct SpawnedTask<T>(AbortOnDropHandle<T>);

impl<T> SpawnedTask<T> {
    /// Cancels, as dropping does, and completes when the closure or future has ended or has been dropped. The value is
    /// dropped.
    ///
    /// Dropping the future of this method stops the wait, not the cancellation.
    pub async fn cancel(mut self) {
        self.0.abort();
        // The outcome does not matter.
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
