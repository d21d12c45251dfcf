//! The tasks that work: at most as many as the concurrency, each with one item after the other.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::runtime::Handle;
use tokio::task::yield_now;

use super::backlog::Job;
use super::job_handle::JobResult;
use super::self_wait::WorkerPoller;
use super::shared::{QueueShared, SpawnRunner};
use super::state::QueueEnd;
use super::{QueueError, QueueEvent};
use crate::panic::{contain, forget, message};

/// What spawns the tasks for this worker.
pub(super) fn start<T, R, E, W, F>(worker: W) -> SpawnRunner<T, R, E>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
    W: Fn(T) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, E>> + Send + 'static,
{
    let worker = Arc::new(worker);
    Box::new(move |runtime: &Handle, place| {
        // A runtime that has shut down drops the task at once, and the place with it.
        drop(runtime.spawn(run(place, Arc::clone(&worker))));
    })
}

async fn run<T, R, E, W, F>(mut place: Runner<T, R, E>, worker: Arc<W>)
where
    T: Send,
    W: Fn(T) -> F + Send + Sync,
    F: Future<Output = Result<R, E>> + Send + 'static,
{
    loop {
        match place.look() {
            RunnerStep::Work(entry) => {
                let number = entry.number();
                // When the task is dropped, so is the reply, and then the place: the handle comes first.
                let Job {
                    item, reply, here, ..
                } = entry;
                let work = async {
                    place.track(&item);
                    worker(item).await
                };
                let (outcome, has_waited) =
                    contained(here.around(work), &place.shared, number).await;
                place.has_worked();
                let has_failed = place.report(&outcome);
                // A result that nobody waits for is dropped here.
                contain(|| drop(reply.send(outcome)));
                place.has_settled(has_failed);
                if !has_waited {
                    // As it is with a task for each item: others get their turn.
                    yield_now().await;
                }
            }
            RunnerStep::Wait => place.shared.unpark.notified().await,
            RunnerStep::Leave => return,
        }
    }
}

/// Ends with what the work ends with, a panic too; and whether it was ever pending.
async fn contained<T, R, E>(
    work: impl Future<Output = Result<R, E>>,
    shared: &Arc<QueueShared<T, R, E>>,
    item: i64,
) -> (JobResult<R, E>, bool) {
    let mut work = pin!(work);
    let mut has_waited = false;
    let mut poller = WorkerPoller::new(shared.address(), item);
    poll_fn(|cx| match poller.poll(shared, work.as_mut(), cx) {
        Ok(Poll::Pending) => {
            has_waited = true;
            Poll::Pending
        }
        Ok(Poll::Ready(result)) => Poll::Ready((result.map_err(QueueError::Failed), has_waited)),
        Err(payload) => {
            let error = QueueError::Panicked(message(&*payload));
            forget(payload);
            Poll::Ready((Err(error), has_waited))
        }
    })
    .await
}

/// What a runner does next.
enum RunnerStep<T, R, E> {
    Work(Job<T, R, E>),
    Wait,
    Leave,
}

/// A runner's place among those of its queue. It is counted, at any time, for what it does.
pub(super) struct Runner<T, R, E> {
    shared: Arc<QueueShared<T, R, E>>,
    stage: RunnerStage,
}

enum RunnerStage {
    Looking,
    /// On the item that was started as this one.
    Working(u64),
    Settling,
    Gone,
}

impl<T, R, E> Runner<T, R, E> {
    /// One that is counted already.
    pub(super) fn new(shared: Arc<QueueShared<T, R, E>>) -> Self {
        Runner {
            shared,
            stage: RunnerStage::Looking,
        }
    }

    fn look(&mut self) -> RunnerStep<T, R, E> {
        let mut state = self.shared.lock();
        if let Some((entry, number)) = state.start() {
            self.stage = RunnerStage::Working(number);
            self.shared.release(state);
            self.shared.add_room(1);
            return RunnerStep::Work(entry);
        }
        if state.is_paused
            && state.removal.is_none()
            && state.backlog.len() > 0
            && state.runners == 1
        {
            state.is_parked = true;
            return RunnerStep::Wait;
        }
        state.runners -= 1;
        self.stage = RunnerStage::Gone;
        self.shared.release(state);
        RunnerStep::Leave
    }

    /// Keeps a clone of the item that it works on, if somebody may ask for it.
    fn track(&self, item: &T) {
        if let (Some(tracking), RunnerStage::Working(number)) = (&self.shared.tracking, &self.stage)
        {
            tracking.begin(*number, item);
        }
    }

    fn has_worked(&mut self) {
        if let RunnerStage::Working(number) = self.stage {
            self.stage = RunnerStage::Settling;
            let mut state = self.shared.lock();
            state.running -= 1;
            state.settling += 1;
            drop(state);
            if let Some(tracking) = &self.shared.tracking {
                contain(|| tracking.end(number));
            }
        }
    }

    /// Whether it is an error, which is reported.
    fn report(&self, outcome: &JobResult<R, E>) -> bool {
        if let (Err(error), Some(on_error)) = (outcome, &self.shared.on_error) {
            contain(|| on_error(error));
        }
        outcome.is_err()
    }

    fn has_settled(&mut self, has_failed: bool) {
        self.stage = RunnerStage::Looking;
        let mut state = self.shared.lock();
        state.settling -= 1;
        if has_failed {
            state.notifications.add(QueueEvent::Error);
        }
        self.shared.release(state);
    }
}

impl<T, R, E> Drop for Runner<T, R, E> {
    /// Nobody ends a runner but its runtime, when it shuts down: nothing of the queue will run any more.
    fn drop(&mut self) {
        if matches!(self.stage, RunnerStage::Gone) {
            return;
        }
        self.has_worked();
        let mut state = self.shared.lock();
        if matches!(self.stage, RunnerStage::Settling) {
            state.settling -= 1;
        }
        state.runners -= 1;
        self.stage = RunnerStage::Gone;
        let standing = mem::take(&mut state.standing);
        // In one step: while the queue is open it would have the work done by another runner.
        self.shared.end_with(state, QueueEnd::Closed);
        contain(|| drop(standing));
    }
}
