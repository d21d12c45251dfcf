//! The handle of a queue, and what queues of any order can do.

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Weak};

use super::drained::Drained;
use super::event::QueueEvents;
use super::order::{Fifo, Order, Priority};
use super::shared::{QueueOwner, QueueShared};
use super::state::{Intake, QueueEnd, assert_concurrency};

/// A queue whose jobs start in the order in which they were pushed. See the [module](super).
///
/// ```
/// use conjoin_adapters::queue::Queue;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let queue = Queue::new(2, async |n: u32| Ok::<_, String>(n * 2));
/// assert_eq!(queue.push(21).await, Ok(42));
/// # }
/// ```
pub type Queue<T, R, E> = JobQueue<T, R, E, Fifo>;

/// A queue whose jobs start by priority: the lowest first, and in the order in which they were pushed among equals.
///
/// Otherwise it is a [`Queue`]. It has no `push_front`: use a priority below all others.
///
/// ```
/// use conjoin_adapters::queue::PriorityQueue;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (sent, received) = std::sync::mpsc::channel();
/// let queue = PriorityQueue::new(1, move |name| {
///     sent.send(name).unwrap();
///     async { Ok::<_, String>(()) }
/// });
/// let all = [queue.push("later", 5), queue.push("now", -1), queue.push("later still", 5)];
/// futures::future::join_all(all).await;
/// assert_eq!(received.try_iter().collect::<Vec<_>>(), ["now", "later", "later still"]);
/// # }
/// ```
pub type PriorityQueue<T, R, E> = JobQueue<T, R, E, Priority>;

/// A handle to a [`Queue`] that does not keep it open. See [`JobQueue::downgrade`].
pub type WeakQueue<T, R, E> = WeakJobQueue<T, R, E, Fifo>;

/// A handle to a [`PriorityQueue`] that does not keep it open. See [`JobQueue::downgrade`].
pub type WeakPriorityQueue<T, R, E> = WeakJobQueue<T, R, E, Priority>;

/// A handle to a queue: a [`Queue`] or a [`PriorityQueue`], by the [`Order`] of its backlog. Cheap to clone.
pub struct JobQueue<T, R, E, O> {
    pub(super) owner: Arc<QueueOwner<T, R, E>>,
    order: PhantomData<fn() -> O>,
}

/// A handle to a [`JobQueue`] that does not keep it open. See [`JobQueue::downgrade`].
pub struct WeakJobQueue<T, R, E, O> {
    owner: Weak<QueueOwner<T, R, E>>,
    order: PhantomData<fn() -> O>,
}

impl<T, R, E, O> JobQueue<T, R, E, O> {
    pub(super) fn from_owner(owner: Arc<QueueOwner<T, R, E>>) -> Self {
        JobQueue {
            owner,
            order: PhantomData,
        }
    }

    pub(super) fn shared(&self) -> &Arc<QueueShared<T, R, E>> {
        &self.owner.0
    }
}

impl<T, R, E, O> JobQueue<T, R, E, O>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
    O: Order,
{
    /// Starts no more jobs. Running jobs continue, and items can still be pushed.
    pub fn pause(&self) {
        let mut state = self.shared().lock();
        state.is_paused = true;
        self.shared().release(state);
    }

    /// Starts jobs again after a [pause](Self::pause).
    pub fn resume(&self) {
        let mut state = self.shared().lock();
        state.is_paused = false;
        self.shared().release(state);
    }

    /// Changes how many jobs run at once. A higher number starts waiting jobs immediately. With a lower one, running jobs
    /// continue, and none starts until there is room.
    ///
    /// # Panics
    ///
    /// When it is 0. Use [`pause`](Self::pause) to start no more jobs.
    #[track_caller]
    pub fn set_concurrency(&self, concurrency: usize) {
        assert_concurrency(concurrency);
        let mut state = self.shared().lock();
        state.concurrency = concurrency;
        self.shared().release(state);
    }

    /// Removes the waiting items for which `predicate` returns `true`, and returns them in the order in which they would
    /// have started. Their handles fail with [`Removed`](crate::queue::QueueError::Removed). Running jobs are not
    /// affected.
    ///
    /// No job starts while `predicate` runs, so keep it quick. It may use the queue in any other way. To look at the
    /// waiting items, return `false`.
    ///
    /// # Panics
    ///
    /// When `predicate` panics (then nothing is removed), or calls `remove` on the same queue. A concurrent call on
    /// another thread waits.
    #[track_caller]
    pub fn remove(&self, predicate: impl FnMut(&T) -> bool) -> Vec<T> {
        self.shared().remove(predicate)
    }

    /// Ends the queue. The handles of waiting items fail with [`Killed`](crate::queue::QueueError::Killed), and the items
    /// are dropped. Later pushes fail with [`Closed`](crate::queue::QueueError::Closed). Running jobs continue, and
    /// their handles get the results. The streams of events end at once.
    ///
    /// To empty a queue and keep it open, [remove](Self::remove) all items.
    ///
    /// # Panics
    ///
    /// When the drop of an item panics, after all have been dropped.
    pub fn kill(&self) {
        self.shared().end(QueueEnd::Killed);
    }

    /// Closes the queue to new items, at once, and returns a future that completes when all pushed items are done.
    /// Resumes a paused queue.
    ///
    /// A worker that awaits it would wait for itself, so that panics. In a worker, drop the future.
    pub fn close(&self) -> Drained {
        self.shared().close();
        self.drained()
    }

    /// Completes when no item waits, none runs, and all their handles have settled: at once if that is so already. Items
    /// pushed meanwhile prolong it, unless the queue was drained before them.
    ///
    /// A paused queue with items does not drain until it is resumed. A worker that awaits it would wait for itself, so
    /// that panics.
    pub fn drained(&self) -> Drained {
        Drained::new(Arc::clone(self.shared()))
    }

    /// The queue's events from now on. Each call returns a stream of its own, with all events in order. Up to 1024 of them
    /// wait to be received. The stream ends when the queue is closed and drained, when it is killed, or when its last
    /// handle is dropped and no work is left.
    ///
    /// A worker that awaits it may wait for itself, which
    /// [panics](crate::queue#workers-that-wait-for-their-own-queue).
    pub fn events(&self) -> QueueEvents {
        self.shared().events()
    }

    /// How many items wait to start.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared().lock().waiting()
    }

    /// Whether no item waits. Some may still run, see [`is_idle`](Self::is_idle).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many jobs run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.shared().lock().running
    }

    /// Whether no item waits and none runs. It is `true` once the handle of the last job has its result.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.shared().lock().is_idle()
    }

    /// How many jobs run at once, at most.
    #[must_use]
    pub fn concurrency(&self) -> usize {
        self.shared().lock().concurrency
    }

    /// Whether the queue is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.shared().lock().is_paused
    }

    /// Whether pushes fail: the queue was closed or killed, or its runtime has shut down while it had items.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared().lock().intake != Intake::Open
    }

    /// Clones of the running items, in the order in which they started. `None` unless the queue was built as
    /// [tracked](crate::queue::QueueBuilder::tracked): a worker owns its item, so the clone has to be made before it
    /// starts, which not every type allows and not everyone wants to pay for.
    #[must_use]
    pub fn in_flight(&self) -> Option<Vec<Arc<T>>> {
        let tracking = self.shared().in_flight.as_ref();
        tracking.map(|tracking| tracking.items())
    }

    /// A handle that does not keep the queue open. Use it in a worker that pushes to its own queue: with a normal handle,
    /// the queue would own itself and never be dropped.
    #[must_use]
    pub fn downgrade(&self) -> WeakJobQueue<T, R, E, O> {
        WeakJobQueue {
            owner: Arc::downgrade(&self.owner),
            order: PhantomData,
        }
    }
}

impl<T, R, E, O> WeakJobQueue<T, R, E, O> {
    /// The queue, unless its last handle has been dropped.
    #[must_use]
    pub fn upgrade(&self) -> Option<JobQueue<T, R, E, O>> {
        self.owner.upgrade().map(JobQueue::from_owner)
    }
}

impl<T, R, E, O> Clone for JobQueue<T, R, E, O> {
    fn clone(&self) -> Self {
        JobQueue::from_owner(Arc::clone(&self.owner))
    }
}

impl<T, R, E, O> Clone for WeakJobQueue<T, R, E, O> {
    fn clone(&self) -> Self {
        WeakJobQueue {
            owner: Weak::clone(&self.owner),
            order: PhantomData,
        }
    }
}

impl<T, R, E, O: Order> fmt::Debug for JobQueue<T, R, E, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.shared().lock();
        let (waiting, running, concurrency) = (state.waiting(), state.running, state.concurrency);
        drop(state);
        f.debug_struct(O::NAME)
            .field("len", &waiting)
            .field("running", &running)
            .field("concurrency", &concurrency)
            .finish_non_exhaustive()
    }
}

impl<T, R, E, O: Order> fmt::Debug for WeakJobQueue<T, R, E, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct(&format!("Weak{}", O::NAME))
            .finish_non_exhaustive()
    }
}
