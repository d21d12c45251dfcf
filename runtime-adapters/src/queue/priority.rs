//! Queues in which some items are more urgent than others.

use std::fmt;
use std::sync::{Arc, Weak};

use super::backlog::{BacklogKind, Position};
use super::builder::{QueueBuilder, assert_concurrency};
use super::drained::Drained;
use super::methods::{self, methods};
use super::shared::{QueueOwner, QueueShared};
use super::state::{Intake, QueueEnd};
use super::{JobHandle, JobHandles, PushError, QueueEvents};

/// A handle to a queue whose items are started by priority: the lowest first, and as they were pushed among equals.
///
/// In all else it is a [`Queue`](super::Queue). There is no `push_front`: a priority below all others is the front.
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
pub struct PriorityQueue<T, R, E> {
    owner: Arc<QueueOwner<T, R, E>>,
}

/// A handle to a [`PriorityQueue`] that does not keep it open. See [`PriorityQueue::downgrade`].
pub struct WeakPriorityQueue<T, R, E> {
    owner: Weak<QueueOwner<T, R, E>>,
}

impl<T, R, E> PriorityQueue<T, R, E>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    /// A queue of which `worker` works on at most `concurrency` items at the same time.
    ///
    /// # Panics
    ///
    /// When `concurrency` is 0.
    #[must_use = "when it is dropped, it is closed"]
    #[track_caller]
    pub fn new<W, F>(concurrency: usize, worker: W) -> Self
    where
        W: Fn(T) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
    {
        PriorityQueue::builder(worker)
            .concurrency(concurrency)
            .build()
    }

    /// Sets up a queue with more to say: a capacity, for example. Its concurrency is 1 unless it says another.
    pub fn builder<W, F>(worker: W) -> QueueBuilder<T, R, E, Self>
    where
        W: Fn(T) -> F + Send + Sync + 'static,
        F: Future<Output = Result<R, E>> + Send + 'static,
    {
        QueueBuilder::new(worker, BacklogKind::Priority, |owner| PriorityQueue {
            owner,
        })
    }

    /// Gives the queue an item. The handle is a future of what becomes of it, and may be dropped. See
    /// [`Queue::push`](super::Queue::push).
    ///
    /// # Panics
    ///
    /// As `Queue::push`.
    #[track_caller]
    pub fn push(&self, item: T, priority: i64) -> JobHandle<R, E> {
        self.shared().push(item, Position::Priority(priority))
    }

    /// [Pushes](Self::push) one item after the other, all of the same priority. The handle is a future of all outcomes,
    /// in the order of the items. See [`Queue::push_all`](super::Queue::push_all).
    ///
    /// # Panics
    ///
    /// As `push`, and when the iterator does: the items before that are pushed.
    #[track_caller]
    pub fn push_all(&self, items: impl IntoIterator<Item = T>, priority: i64) -> JobHandles<R, E> {
        self.shared().push_all(items, Position::Priority(priority))
    }

    /// As [`push`](Self::push), but gives the item back where it is not taken.
    ///
    /// # Errors
    ///
    /// The item, when the queue is [full](PushError::Full) or [closed](PushError::Closed).
    ///
    /// # Panics
    ///
    /// As `push`.
    #[track_caller]
    pub fn try_push(&self, item: T, priority: i64) -> Result<JobHandle<R, E>, PushError<T>> {
        self.shared().try_push(item, Position::Priority(priority))
    }

    /// Waits until there is room, then pushes the item. Those who wait here are served in the order of their first
    /// poll, whatever their priority. See [`Queue::send`](super::Queue::send).
    ///
    /// # Errors
    ///
    /// The item, when the queue is [closed](PushError::Closed), also while this waits.
    ///
    /// # Panics
    ///
    /// As [`Queue::send`](super::Queue::send).
    pub async fn send(&self, item: T, priority: i64) -> Result<JobHandle<R, E>, PushError<T>> {
        self.shared().send(item, Position::Priority(priority)).await
    }
}

methods!(PriorityQueue, WeakPriorityQueue);
