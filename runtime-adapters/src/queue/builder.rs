//! Queues with more to say than a concurrency.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, OnceLock};

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore};

use super::QueueError;
use super::backlog::{Backlog, BacklogKind};
use super::in_flight::{InFlight, InFlightItems};
use super::runner;
use super::shared::{ErrorHook, QueueOwner, QueueShared, SpawnRunner};
use super::state::QueueState;

/// Sets up a queue `Q`. See [`Queue::builder`](super::Queue::builder) and
/// [`PriorityQueue::builder`](super::PriorityQueue::builder).
#[must_use = "nothing is there until `build`"]
pub struct QueueBuilder<T, R, E, Q> {
    start: SpawnRunner<T, R, E>,
    kind: BacklogKind,
    finish: fn(Arc<QueueOwner<T, R, E>>) -> Q,
    concurrency: usize,
    capacity: Option<usize>,
    is_paused: bool,
    tracking: Option<Box<dyn InFlight<T>>>,
    on_error: Option<ErrorHook<E>>,
}

impl<T, R, E, Q> QueueBuilder<T, R, E, Q>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    pub(super) fn new<W, F>(
        worker: W,
        kind: BacklogKind,
        finish: fn(Arc<QueueOwner<T, R, E>>) -> Q,
    ) -> Self
    where
        W: Fn(T) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
    {
        let start = runner::start(worker);
        QueueBuilder {
            start,
            kind,
            finish,
            concurrency: 1,
            capacity: None,
            is_paused: false,
            tracking: None,
            on_error: None,
        }
    }

    /// How many items are worked on at the same time. It is 1 if this is not called: one after the other.
    pub fn concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = concurrency;
        self
    }

    /// How many items may wait, at most; those that are worked on do not count. It has no limit if this is not called.
    ///
    /// A full queue takes nothing. `send` waits for room, `try_push` gives the item back; `push`, which returns at once
    /// and a handle in any case, drops the item and its handle ends with [`Full`](QueueError::Full). An item waits
    /// until a worker's task has got round to it, also when workers are free: let the capacity not be smaller than the
    /// concurrency.
    pub fn capacity(mut self, capacity: usize) -> Self {
        self.capacity = Some(capacity);
        self
    }

    /// The queue starts nothing before it is resumed.
    pub fn paused(mut self) -> Self {
        self.is_paused = true;
        self
    }

    /// Keeps a clone of each item while it is worked on, for `in_flight`. A clone that is dear goes into an `Arc`
    /// before it is pushed; a panic in it is the item's outcome, as one of the worker is.
    pub fn tracked(mut self) -> Self
    where
        T: Clone + Sync,
    {
        self.tracking = Some(Box::new(InFlightItems::new()));
        self
    }

    /// Calls `f` with what goes wrong in a worker, [`Failed`](QueueError::Failed) or
    /// [`Panicked`](QueueError::Panicked), before the item's handle gets it, whether or not anybody has kept that:
    /// async's global error handler. It is called on the worker's task, for several items at the same time if the
    /// concurrency is so. A panic in it changes nothing.
    pub fn on_error(mut self, f: impl Fn(&QueueError<E>) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Box::new(f));
        self
    }

    /// The queue. Its workers run on the tokio runtime in which this is called; outside of one, on that in which it is
    /// first pushed to.
    ///
    /// # Panics
    ///
    /// When the concurrency or the capacity is 0.
    #[must_use = "when it is dropped, it is closed"]
    #[track_caller]
    pub fn build(self) -> Q {
        assert_concurrency(self.concurrency);
        assert!(
            self.capacity != Some(0),
            "the capacity of a queue is 0: at least 1 is needed"
        );
        let state = QueueState::new(Backlog::new(&self.kind), self.concurrency, self.is_paused);
        let runtime = Handle::try_current().map_or_else(|_| OnceLock::new(), OnceLock::from);
        let shared = QueueShared {
            state: Mutex::new(state),
            // More than that would never be there.
            room: self
                .capacity
                .map(|capacity| Semaphore::new(capacity.min(Semaphore::MAX_PERMITS))),
            start: self.start,
            tracking: self.tracking,
            on_error: self.on_error,
            runtime,
            unpark: Notify::new(),
            drained: Notify::new(),
            removed: Condvar::new(),
        };
        (self.finish)(Arc::new(QueueOwner(Arc::new(shared))))
    }
}

#[track_caller]
pub(super) fn assert_concurrency(concurrency: usize) {
    assert!(
        concurrency > 0,
        "the concurrency of a queue is 0: at least 1 is needed, and `pause` stops it"
    );
}

impl<T, R, E, Q> fmt::Debug for QueueBuilder<T, R, E, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueBuilder")
            .field("concurrency", &self.concurrency)
            .field("capacity", &self.capacity)
            .field("paused", &self.is_paused)
            .field("tracked", &self.tracking.is_some())
            .finish_non_exhaustive()
    }
}
