//! Pushes to a queue whose jobs start by priority.

use super::backlog::Position;
use super::error::PushError;
use super::handle::PriorityQueue;
use super::job_handle::{JobHandle, JobHandles};

/// By priority, the lowest first.
impl<T, R, E> PriorityQueue<T, R, E>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
{
    /// Adds an item. The handle is a future of the result. It may be dropped: the work continues. See
    /// [`Queue::push`](super::Queue::push).
    ///
    /// # Panics
    ///
    /// As `Queue::push`.
    #[track_caller]
    pub fn push(&self, item: T, priority: i64) -> JobHandle<R, E> {
        self.shared().push(item, Position::Priority(priority))
    }

    /// [Pushes](Self::push) items of one priority, in order. The handle is a future of all results, in the order of the
    /// items. See [`Queue::push_all`](super::Queue::push_all).
    ///
    /// # Panics
    ///
    /// As `push`, and when the iterator panics: the items before that are pushed.
    #[track_caller]
    pub fn push_all(&self, items: impl IntoIterator<Item = T>, priority: i64) -> JobHandles<R, E> {
        self.shared().push_all(items, Position::Priority(priority))
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
    pub fn try_push(&self, item: T, priority: i64) -> Result<JobHandle<R, E>, PushError<T>> {
        self.shared().try_push(item, Position::Priority(priority))
    }

    /// Waits until there is room, then pushes the item. Callers get room in the order of their first poll, whatever their
    /// priority. See [`Queue::send`](super::Queue::send).
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
