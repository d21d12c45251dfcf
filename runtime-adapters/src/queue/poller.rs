//! Polls the worker of one job, and notices when it is stuck.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use super::self_wait::poll_worker;
use super::shared::QueueShared;
use super::waiting_worker::{CountingWaker, WaitingWorker};

pub(super) struct WorkerPoller {
    /// The address of its queue.
    queue: usize,
    job: i64,
    /// `None` until its first self-wait.
    waiting: Option<Arc<WaitingWorker>>,
}

impl WorkerPoller {
    pub(super) fn new(queue: usize, job: i64) -> Self {
        WorkerPoller {
            queue,
            job,
            waiting: None,
        }
    }

    /// Polls the worker, and tells the queue if it is stuck afterwards.
    ///
    /// # Errors
    ///
    /// The payload of the worker's panic.
    pub(super) fn poll<T, R, E, F: Future>(
        &mut self,
        shared: &Arc<QueueShared<T, R, E>>,
        mut future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> thread::Result<Poll<F::Output>> {
        if self.waiting.is_none() {
            let polled = self.catch(false, || future.as_mut().poll(cx));
            if self.waiting.is_none() || !matches!(polled, Ok(Poll::Pending)) {
                return polled;
            }
            // Its first self-wait, which few workers have: poll again, with a waker that counts.
        }
        self.poll_counting(shared, future, cx)
    }

    #[cold]
    fn poll_counting<T, R, E, F: Future>(
        &mut self,
        shared: &Arc<QueueShared<T, R, E>>,
        future: Pin<&mut F>,
        cx: &mut Context<'_>,
    ) -> thread::Result<Poll<F::Output>> {
        let waiting = self.waiting.as_ref();
        let is_deadlocked = waiting.is_some_and(|worker| shared.unstick(worker));
        let counting = Arc::new(CountingWaker::new(cx.waker().clone()));
        let waker = Waker::from(Arc::clone(&counting));
        let polled = self.catch(is_deadlocked, || {
            future.poll(&mut Context::from_waker(&waker))
        });
        if let (Ok(Poll::Pending), Some(worker)) = (&polled, &self.waiting) {
            if worker.is_stuck(&counting) {
                worker.set_waker(counting);
                shared.stick(worker);
            }
        }
        polled
    }

    fn catch<P>(&mut self, is_deadlocked: bool, poll: impl FnOnce() -> P) -> thread::Result<P> {
        poll_worker(
            self.queue,
            self.job,
            &mut self.waiting,
            is_deadlocked,
            || catch_unwind(AssertUnwindSafe(poll)),
        )
    }
}
