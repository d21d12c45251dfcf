//! Computations on rayon's threads.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::error::ComputeError;
use crate::callback::{CallbackError, CallbackFuture, Resolver};
use crate::panic::contain;
use crate::span::CapturedSpan;

/// Runs a computation on a rayon thread, at once or when one is free. It needs no runtime.
///
/// The first call starts rayon's global pool, with one thread for each core, or as many as the environment variable
/// `RAYON_NUM_THREADS` says. [`rayon::ThreadPoolBuilder::build_global`] configures it. A call on a thread of a rayon
/// pool goes to that pool. Calls from elsewhere start in order; those from the pool's threads do not, see
/// [`rayon::spawn`].
///
/// ```
/// use conjoin_adapters::{ComputeError, cpu};
///
/// # futures::executor::block_on(async {
/// let (even, odd) = (cpu(|| (0..1_000).step_by(2).sum::<u32>()), cpu(|| (1..1_000).step_by(2).sum::<u32>()));
/// assert_eq!(odd.await? - even.await?, 500);
/// # Ok::<_, ComputeError>(()) }).unwrap();
/// ```
///
/// # Within a computation
///
/// The closure may use all of rayon: `rayon::join`, scopes and parallel iterators run on the same threads. Use these to
/// wait for parts of a computation. Do not block on a `cpu` future inside of one: that holds up a thread that may have
/// to run it. If all threads of the pool wait like that, none continues.
///
/// # Panics
///
/// When the threads of the global pool cannot be started.
pub fn cpu<T, F>(closure: F) -> CpuTask<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (job, future) = job(closure);
    rayon::spawn(job);
    future
}

/// [`cpu`] with a function that passes the job to threads of your choice, as in
/// [`into_callback`](crate::IntoCallback::into_callback): a separate rayon pool, for computations that must not hold up
/// others or that need another stack size, or any other pool. If it drops the job, the future fails with
/// [`Cancelled`](ComputeError::Cancelled).
///
/// The job never panics. `spawn` is called at once, and a panic in it reaches the caller.
///
/// ```
/// use conjoin_adapters::compute::{ComputeError, cpu_on};
///
/// # futures::executor::block_on(async {
/// let pool = rayon::ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "thumbnails".into()).build().unwrap();
/// let thread = cpu_on(|job| pool.spawn(job), || std::thread::current().name().map(String::from)).await?;
/// assert_eq!(thread.as_deref(), Some("thumbnails"));
/// # Ok::<_, ComputeError>(()) }).unwrap();
/// ```
pub fn cpu_on<T, F, R>(spawn: impl FnOnce(Box<dyn FnOnce() + Send>) -> R, closure: F) -> CpuTask<T>
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (job, future) = job(closure);
    spawn(Box::new(job));
    future
}

fn job<T, F>(closure: F) -> (impl FnOnce() + Send + use<T, F>, CpuTask<T>)
where
    F: FnOnce() -> T + Send + 'static,
    T: Send + 'static,
{
    let (resolver, future) = CallbackFuture::open();
    let job = CpuJob {
        closure,
        here: CapturedSpan::current(),
        resolver,
    };
    // A panic here, in a drop or in the waker, would abort the process, as rayon has no one to report it to.
    (move || contain(|| job.run()), CpuTask(future))
}

struct CpuJob<T, F> {
    // Dropped in this order: the future completes last.
    closure: F,
    here: CapturedSpan,
    resolver: Resolver<T, ComputeError>,
}

impl<T, F: FnOnce() -> T> CpuJob<T, F> {
    fn run(self) {
        if self.resolver.is_cancelled() {
            return;
        }
        let outcome = catch_unwind(AssertUnwindSafe(|| self.here.run(self.closure)));
        let outcome =
            outcome.map_err(|payload| CallbackError::Rejected(ComputeError::panicked(payload)));
        self.resolver.finish_or_drop(outcome);
    }
}

/// The future of a computation. See [`cpu()`]. Dropping it cancels.
///
/// It may be polled anywhere, with any runtime or none. Dropping it prevents a closure that has not started from
/// running. If the value has arrived, it is dropped.
///
/// # Panics
///
/// When it is polled after it has ended.
#[must_use = "dropping the future cancels the computation"]
pub struct CpuTask<T>(CallbackFuture<T, ComputeError>);

impl<T> CpuTask<T> {
    /// Cancels, as dropping does, and completes when the closure has been dropped, or has ended and its value has been
    /// dropped.
    ///
    /// Dropping the future of this method stops the wait, not the cancellation.
    pub async fn cancel(self) {
        self.0.cancel().await;
    }
}

impl<T> Future for CpuTask<T> {
    type Output = Result<T, ComputeError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let polled = Pin::new(&mut self.0).poll(cx);
        polled.map_err(|error| error.rejection().unwrap_or(ComputeError::Cancelled))
    }
}

impl<T> fmt::Debug for CpuTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CpuTask").field(&self.0).finish()
    }
}
