//! What is left of a push for the one who pushed.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use tokio::sync::oneshot;

use super::QueueError;
use super::self_wait::SelfWait;

/// The outcome of an item: what the worker returned, or why it did not.
pub(super) type JobResult<R, E> = Result<R, QueueError<E>>;

/// A handle to an item that was pushed: a future of what the worker makes of it.
///
/// The work needs nobody who waits: dropping the handle leaves the item where it is. The handle ends in every case,
/// also when the queue or the runtime goes away; [`QueueError`] lists the cases. It may be polled anywhere, inside of a
/// runtime or outside. Like most futures, it panics when it is polled after its end. It also panics when a worker of the
/// same queue would wait for its own end by it, see the [module](super#workers-that-wait-for-their-own-queue).
#[must_use = "it says whether the item was taken, and what became of it"]
pub struct JobHandle<R, E>(HandleState<R, E>);

enum HandleState<R, E> {
    Accepted(oneshot::Receiver<JobResult<R, E>>, SelfWait),
    Refused(Option<QueueError<E>>),
}

impl<R, E> JobHandle<R, E> {
    pub(super) fn accepted(outcome: oneshot::Receiver<JobResult<R, E>>, wait: SelfWait) -> Self {
        JobHandle(HandleState::Accepted(outcome, wait))
    }

    pub(super) fn refused(error: QueueError<E>) -> Self {
        JobHandle(HandleState::Refused(Some(error)))
    }
}

// Neither a result nor an error is pinned.
impl<R, E> Unpin for JobHandle<R, E> {}

impl<R, E> Future for JobHandle<R, E> {
    type Output = Result<R, QueueError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match &mut self.0 {
            // Nobody is left to answer: the runtime has dropped the task that had the item.
            HandleState::Accepted(outcome, wait) => {
                let polled = Pin::new(outcome).poll(cx);
                ready!(wait.note(cx, polled)).unwrap_or(Err(QueueError::Closed))
            }
            HandleState::Refused(error) => {
                Err(error.take().expect("a handle is polled after its end"))
            }
        })
    }
}

impl<R, E> fmt::Debug for JobHandle<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            HandleState::Accepted(..) => "JobHandle(accepted)",
            HandleState::Refused(_) => "JobHandle(refused)",
        })
    }
}

/// The handles to items that were pushed together: a future of all outcomes, in the order of the items.
///
/// An error ends its item alone. For each handle by itself, as in a loop or for `try_join_all`, it is an iterator's
/// source: `for pushed in queue.push_all(items) { … }`. Dropping it leaves the items where they are.
#[must_use = "it says which items were taken, and what became of them"]
pub struct JobHandles<R, E> {
    waiting: vec::IntoIter<JobHandle<R, E>>,
    first: Option<JobHandle<R, E>>,
    outcomes: Vec<JobResult<R, E>>,
}

impl<R, E> JobHandles<R, E> {
    pub(super) fn new(handles: impl Iterator<Item = JobHandle<R, E>>) -> Self {
        let handles: Vec<_> = handles.collect();
        let outcomes = Vec::with_capacity(handles.len());
        let mut waiting = handles.into_iter();
        JobHandles {
            first: waiting.next(),
            waiting,
            outcomes,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }
}

// Neither a result nor an error is pinned.
impl<R, E> Unpin for JobHandles<R, E> {}

impl<R, E> Future for JobHandles<R, E> {
    type Output = Vec<Result<R, QueueError<E>>>;

    /// Only the first that has not ended is polled, as the queue's work needs nobody who polls: a wake costs the same
    /// however many there are.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while let Some(first) = &mut this.first {
            this.outcomes.push(ready!(Pin::new(first).poll(cx)));
            this.first = this.waiting.next();
        }
        Poll::Ready(std::mem::take(&mut this.outcomes))
    }
}

impl<R, E> IntoIterator for JobHandles<R, E> {
    type Item = JobHandle<R, E>;
    type IntoIter =
        std::iter::Chain<std::option::IntoIter<JobHandle<R, E>>, vec::IntoIter<JobHandle<R, E>>>;

    /// The handles, in the order of the items; after a poll, those that had not ended then.
    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.waiting)
    }
}

impl<R, E> fmt::Debug for JobHandles<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandles")
            .field("ended", &self.outcomes.len())
            .field(
                "waiting",
                &(self.waiting.len() + usize::from(self.first.is_some())),
            )
            .finish()
    }
}
