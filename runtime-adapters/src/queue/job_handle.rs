//! The handles of pushed items.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec;

use tokio::sync::oneshot;

use super::error::{JobResult, QueueError};
use super::self_wait::SelfWait;

/// A handle to a pushed item: a future of the worker's result.
///
/// The job needs no one to wait for it. If you drop the handle, it still runs. The handle always settles, even if the queue
/// or the runtime goes away; [`QueueError`] lists the cases. Poll it anywhere, inside or outside of a runtime.
///
/// # Panics
///
/// When it is polled after its end, or when a worker of the same queue would wait for itself, see the
/// [module](super#workers-that-wait-for-their-own-queue).
#[must_use = "the handle says whether the item was accepted, and brings the result"]
pub struct JobHandle<R, E>(HandleState<R, E>);

enum HandleState<R, E> {
    Accepted(oneshot::Receiver<JobResult<R, E>>, SelfWait),
    Refused(Option<QueueError<E>>),
}

impl<R, E> JobHandle<R, E> {
    pub(super) fn accepted(result: oneshot::Receiver<JobResult<R, E>>, wait: SelfWait) -> Self {
        JobHandle(HandleState::Accepted(result, wait))
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
            // An error means that the runtime has dropped the task that ran the job.
            HandleState::Accepted(result, wait) => {
                let polled = Pin::new(result).poll(cx);
                ready!(wait.register(cx, polled)).unwrap_or(Err(QueueError::Closed))
            }
            HandleState::Refused(error) => Err(error
                .take()
                .expect("the handle of a job was polled after its end")),
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

/// The handles of items that were pushed together: a future of all results, in the order of the items.
///
/// An error affects only its own item. To handle them one by one, in a loop or with `try_join_all`, iterate:
/// `for handle in queue.push_all(items) { … }`. If you drop it, the jobs still run.
#[must_use = "the handles say which items were accepted, and bring the results"]
pub struct JobHandles<R, E> {
    waiting: vec::IntoIter<JobHandle<R, E>>,
    first: Option<JobHandle<R, E>>,
    results: Vec<JobResult<R, E>>,
}

impl<R, E> JobHandles<R, E> {
    pub(super) fn new(handles: impl Iterator<Item = JobHandle<R, E>>) -> Self {
        let handles: Vec<_> = handles.collect();
        let results = Vec::with_capacity(handles.len());
        let mut waiting = handles.into_iter();
        JobHandles {
            first: waiting.next(),
            waiting,
            results,
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

    /// Polls only the first handle that has not settled, because jobs run without being polled. So the cost of a wake does
    /// not depend on the number of handles.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        while let Some(first) = &mut this.first {
            this.results.push(ready!(Pin::new(first).poll(cx)));
            this.first = this.waiting.next();
        }
        Poll::Ready(std::mem::take(&mut this.results))
    }
}

impl<R, E> IntoIterator for JobHandles<R, E> {
    type Item = JobHandle<R, E>;
    type IntoIter =
        std::iter::Chain<std::option::IntoIter<JobHandle<R, E>>, vec::IntoIter<JobHandle<R, E>>>;

    /// The handles in the order of the items. After a poll, without those that had settled.
    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.waiting)
    }
}

impl<R, E> fmt::Debug for JobHandles<R, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobHandles")
            .field("settled", &self.results.len())
            .field(
                "waiting",
                &(self.waiting.len() + usize::from(self.first.is_some())),
            )
            .finish()
    }
}
