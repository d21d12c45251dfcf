//! Closures that compute, on threads of rayon.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use super::error::ComputeError;
use crate::callback::{CallbackError, CallbackFuture, Resolver};
use crate::panic::contain;
use crate::span::CapturedSpan;

/// Runs a closure that computes on a thread of rayon, at once or when one is free. No runtime is needed.
///
/// Rayon's global pool is started by the first call, with a thread for each core, or as many as the environment
/// variable `RAYON_NUM_THREADS` says; [`rayon::ThreadPoolBuilder::build_global`] configures it otherwise. A call on a
/// thread of a pool of rayon's goes to that pool. Calls from elsewhere start in their order; those from threads of the
/// pool do not, see [`rayon::spawn`].
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
/// The closure may use all of rayon: `rayon::join`, scopes and parallel iterators run on the same threads. This is how
/// a computation waits for its parts. To block on a future of `cpu` instead holds up a thread that may be the one to
/// run it: when all threads of the pool wait like that, none goes on. On a machine with one core the first does.
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

/// [`cpu`], with a function that hands the job to the threads of your choice, as in
/// [`into_callback`](crate::IntoCallback::into_callback): a pool of rayon's, for computations that are not to hold up
/// others or have a stack of another size, or any other pool. If it drops the job, the future fails with
/// [`Cancelled`](ComputeError::Cancelled).
///
/// The job never panics. `spawn` is called at once; a panic in it goes on to who calls.
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
    // A panic here, of what is dropped or of the waker, would end the process: rayon has nobody to tell either.
    (move || contain(|| job.run()), CpuTask(future))
}

struct CpuJob<T, F> {
    // The order of the fields is the order in which they are dropped: whoever waits hears of it last.
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

/// A future of what a closure brings. See [`cpu()`].
///
/// It may be polled from anywhere, with any runtime or none. Dropping it keeps a closure that has not started from
/// running; if the value is there already, it drops that.
///
/// # Panics
///
/// When it is polled after it has ended.
#[must_use = "dropping the future gives the computation up"]
pub struct CpuTask<T>(CallbackFuture<T, ComputeError>);

impl<T> CpuTask<T> {
    /// Gives the computation up, as dropping the future does, and ends when the closure has been dropped, or has ended
    /// and its value has been dropped.
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
