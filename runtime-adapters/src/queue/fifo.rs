//! Pushes to a queue whose jobs start in the order of the pushes.

use super::backlog::Position;
use super::error::PushError;
use super::handle::Queue;
use super::job_handle::{JobHandle, JobHandles};

/// In the order of the pushes.
impl<T, R, E> Queue<T, R, E>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    /// Adds an item at the back. The handle is a future of the result. It may be dropped: the work continues.
    ///
    /// On a full queue, which only one with a [capacity](super::QueueBuilder::capacity) can be, the item is dropped, and
    /// the handle fails with [`Full`](super::QueueError::Full); on a closed queue, with
    /// [`Closed`](super::QueueError::Closed).
    ///
    /// # Panics
    ///
    /// When both the queue was built and its first item is pushed outside of a tokio runtime.
    #[track_caller]
    pub fn push(&self, item: T) -> JobHandle<R, E> {
        self.shared().push(item, Position::Back)
    }

    /// [Pushes](Self::push) an item at the front.
    ///
    /// # Panics
    ///
    /// As `push`.
    #[track_caller]
    pub fn push_front(&self, item: T) -> JobHandle<R, E> {
        self.shared().push(item, Position::Front)
    }

    /// [Pushes](Self::push) items in order. The handle is a future of all results, in the order of the items.
    ///
    /// No items at all emit [`Drained`](super::QueueEvent::Drained) if the queue is idle, as in async.
    ///
    /// # Panics
    ///
    /// As `push`, and when the iterator panics: the items before that are pushed.
    #[track_caller]
    pub fn push_all(&self, items: impl IntoIterator<Item = T>) -> JobHandles<R, E> {
        self.shared().push_all(items, Position::Back)
    }

    /// [Pushes](Self::push) an item, or returns it if the queue is full or closed.
    ///
    /// # Errors
    ///
    /// The item, when the queue is [full](PushError::Full) or [closed](PushError::Closed).
    ///
    /// # Panics
    ///
    /// As `push`.
    #[track_caller]
    pub fn try_push(&self, item: T) -> Result<JobHandle<R, E>, PushError<T>> {
        self.shared().try_push(item, Position::Back)
    }

    /// Waits until there is room, then pushes the item. Callers get room in the order of their first poll.
    ///
    /// Without a [capacity](super::QueueBuilder::capacity) there is always room. If the future is dropped before it
    /// completes, the item is dropped with it and was not pushed.
    ///
    /// # Errors
    ///
    /// The item, when the queue is [closed](PushError::Closed), also while this waits.
    ///
    /// # Panics
    ///
    /// As [`push`](Self::push), and when a worker of this queue would wait for itself, see the
    /// [module](super#workers-that-wait-for-their-own-queue).
    pub async fn send(&self, item: T) -> Result<JobHandle<R, E>, PushError<T>> {
        self.shared().send(item, Position::Back).await
    }
}
