//! Sets up a queue.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Condvar, Mutex, OnceLock};

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};

use super::backlog::Backlog;
use super::error::QueueError;
use super::handle::JobQueue;
use super::in_flight::{InFlight, InFlightItems};
use super::order::Order;
use super::runner::spawn_runners;
use super::shared::{ErrorHook, QueueOwner, QueueShared, SpawnRunner};
use super::state::{QueueState, assert_concurrency};

impl<T, R, E, O> JobQueue<T, R, E, O>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
    O: Order,
{
    /// A queue that runs `worker` for at most `concurrency` items at once.
    ///
    /// # Panics
    ///
    /// When `concurrency` is 0.
    #[must_use = "dropping the queue closes it"]
    #[track_caller]
    pub fn new<W, F>(concurrency: usize, worker: W) -> Self
    where
        W: Fn(T) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
    {
        JobQueue::builder(worker).concurrency(concurrency).build()
    }

    /// Sets up a queue with more options, such as a capacity. Its concurrency is 1 by default.
    ///
    /// ```
    /// use conjoin_adapters::queue::{PushError, Queue};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let queue = Queue::builder(async |n: u32| Ok::<_, String>(n * 2)).concurrency(4).capacity(2).paused().build();
    /// let (one, two) = (queue.push(1), queue.push(2));
    /// assert!(matches!(queue.try_push(3), Err(PushError::Full(3))));
    ///
    /// queue.resume();
    /// // Waits for room, then returns the handle.
    /// let three = queue.send(3).await.unwrap();
    /// assert_eq!((one.await, two.await, three.await), (Ok(2), Ok(4), Ok(6)));
    /// # }
    /// ```
    pub fn builder<W, F>(worker: W) -> QueueBuilder<T, R, E, O>
    where
        W: Fn(T) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
    {
        QueueBuilder {
            spawn_runner: spawn_runners(worker),
            order: PhantomData,
            concurrency: 1,
            capacity: None,
            is_paused: false,
            in_flight: None,
            on_error: None,
        }
    }
}

/// Sets up a queue. See [`Queue::builder`](super::Queue::builder).
#[must_use = "call `build` to get the queue"]
pub struct QueueBuilder<T, R, E, O> {
    spawn_runner: SpawnRunner<T, R, E>,
    order: PhantomData<fn() -> O>,
    concurrency: usize,
    capacity: Option<usize>,
    is_paused: bool,
    in_flight: Option<Box<dyn InFlight<T>>>,
    on_error: Option<ErrorHook<E>>,
}

impl<T, R, E, O> QueueBuilder<T, R, E, O>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
    O: Order,
{
    /// How many jobs run at once. The default is 1: jobs run in sequence.
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// How many items may wait, not counting those that run. There is no limit by default.
    ///
    /// A full queue takes no items. `send` waits for room, and `try_push` returns the item. `push` always returns a handle
    /// at once: it drops the item, and the handle fails with [`Full`](QueueError::Full). An item waits until a runner has
    /// taken it, even if workers are free, so choose a capacity of at least the concurrency.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = Some(capacity);
        self
    }

    /// Starts the queue paused. It runs no job until it is resumed.
    pub fn paused(mut self) -> Self {
        self.is_paused = true;
        self
    }

    /// Keeps a clone of each item while it runs, for [`in_flight`](super::JobQueue::in_flight). Put an item whose clone is
    /// expensive in an `Arc`. If the clone panics, the job fails with [`Panicked`](QueueError::Panicked).
    pub fn tracked(mut self) -> Self
    where
        T: Clone + Sync,
    {
        self.in_flight = Some(Box::new(InFlightItems::new()));
        self
    }

    /// Calls `f` with each error of a worker, [`Failed`](QueueError::Failed) or [`Panicked`](QueueError::Panicked), before
    /// the handle settles, even if the handle was dropped. It is async's global error handler. It runs on the worker's
    /// task, so it may run concurrently with itself. A panic in it is ignored.
    pub fn on_error(mut self, f: impl Fn(&QueueError<E>) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Box::new(f));
        self
    }

    /// Builds the queue. Its workers run on the tokio runtime in which this is called or, outside of one, on that of the
    /// first push.
    ///
    /// # Panics
    ///
    /// When the concurrency or the capacity is 0.
    #[must_use = "dropping the queue closes it"]
    #[track_caller]
    pub fn build(self) -> JobQueue<T, R, E, O> {
        assert_concurrency(self.concurrency);
        assert!(
            self.capacity != Some(0),
            "the capacity of a queue is 0; help: use at least 1"
        );
        let backlog = if O::BY_PRIORITY {
            Backlog::priority()
        } else {
            Backlog::fifo()
        };
        let state = QueueState::new(backlog, self.concurrency, self.is_paused);
        let runtime = Handle::try_current().map_or_else(|_| OnceLock::new(), OnceLock::from);
        let shared = QueueShared {
            state: Mutex::new(state),
            room: self
                .capacity
                .map(|capacity| Semaphore::new(capacity.min(Semaphore::MAX_PERMITS))),
            spawn_runner: self.spawn_runner,
            in_flight: self.in_flight,
            on_error: self.on_error,
            runtime,
            unpark: Notify::new(),
            drained: Notify::new(),
            removed: Condvar::new(),
        };
        JobQueue::from_owner(Arc::new(QueueOwner(Arc::new(shared))))
    }
}

impl<T, R, E, O> fmt::Debug for QueueBuilder<T, R, E, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueBuilder")
            .field("concurrency", &self.concurrency)
            .field("capacity", &self.capacity)
            .field("paused", &self.is_paused)
            .field("tracked", &self.in_flight.is_some())
            .finish_non_exhaustive()
    }
}
