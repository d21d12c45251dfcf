//! The tasks that run jobs: at most as many as the concurrency, each one job at a time.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::runtime::Handle;
use tokio::task::yield_now;

use super::backlog::Job;
use super::error::{JobResult, QueueError};
use super::event::QueueEvent;
use super::poller::WorkerPoller;
use super::shared::{QueueShared, SpawnRunner};
use super::state::QueueEnd;
use crate::panic::{contain, forget, message};

/// Returns what spawns runners of this worker.
pub(super) fn spawn_runners<T, R, E, W, F>(worker: W) -> SpawnRunner<T, R, E>
where
    T: Send + 'static,
    R: Send + 'static,
    E: Send + 'static,
    W: Fn(T) -> F + Send + Sync + 'static,
    F: Future<Output = Result<R, E>> + Send + 'static,
{
    let worker = Arc::new(worker);
    Box::new(move |runtime: &Handle, shared| {
        let runner = Runner::new(shared);
        // A runtime that has shut down drops the task at once, and the runner with it.
        drop(runtime.spawn(run(runner, Arc::clone(&worker))));
    })
}

async fn run<T, R, E, W, F>(mut runner: Runner<T, R, E>, worker: Arc<W>)
where
    T: Send,
    W: Fn(T) -> F + Send + Sync,
    F: Future<Output = Result<R, E>> + Send + 'static,
{
    loop {
        match runner.next() {
            RunnerStep::Work(job) => {
                let number = job.number();
                // If the task is dropped, the reply is dropped before the runner: the handle settles first.
                let Job {
                    item, reply, span, ..
                } = job;
                let work = async {
                    runner.track(&item);
                    worker(item).await
                };
                let (result, has_waited) = catch(span.around(work), &runner.shared, number).await;
                runner.has_worked();
                let has_failed = runner.report(&result);
                // Drops the result if the handle is gone.
                contain(|| drop(reply.send(result)));
                runner.has_settled(has_failed);
                if !has_waited {
                    // Other tasks get their turn, as with one task for each job.
                    yield_now().await;
                }
            }
            RunnerStep::Wait => runner.shared.unpark.notified().await,
            RunnerStep::Leave => return,
        }
    }
}

/// Runs a worker. Returns its result, with a panic as an error, and whether it was ever pending.
async fn catch<T, R, E>(
    work: impl Future<Output = Result<R, E>>,
    shared: &Arc<QueueShared<T, R, E>>,
    job: i64,
) -> (JobResult<R, E>, bool) {
    let mut work = pin!(work);
    let mut has_waited = false;
    let mut poller = WorkerPoller::new(shared.address(), job);
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

enum RunnerStep<T, R, E> {
    Work(Job<T, R, E>),
    Wait,
    Leave,
}

/// A runner, as the queue's state counts it.
struct Runner<T, R, E> {
    shared: Arc<QueueShared<T, R, E>>,
    stage: RunnerStage,
}

enum RunnerStage {
    Looking,
    /// Runs the job with this number in the order of starts.
    Working(u64),
    Settling,
    Gone,
}

impl<T, R, E> Runner<T, R, E> {
    /// The state counts it already.
    fn new(shared: Arc<QueueShared<T, R, E>>) -> Self {
        Runner {
            shared,
            stage: RunnerStage::Looking,
        }
    }

    fn next(&mut self) -> RunnerStep<T, R, E> {
        let mut state = self.shared.lock();
        if let Some((job, number)) = state.start() {
            self.stage = RunnerStage::Working(number);
            self.shared.release(state);
            self.shared.add_room(1);
            return RunnerStep::Work(job);
        }
        let has_work = state.removal.is_none() && state.backlog.len() > 0;
        if state.is_paused && has_work && state.runners == 1 {
            state.is_parked = true;
            return RunnerStep::Wait;
        }
        state.runners -= 1;
        self.stage = RunnerStage::Gone;
        self.shared.release(state);
        RunnerStep::Leave
    }

    /// Keeps a clone of the item, if the queue is tracked.
    fn track(&self, item: &T) {
        if let (Some(in_flight), RunnerStage::Working(number)) =
            (&self.shared.in_flight, &self.stage)
        {
            in_flight.begin(*number, item);
        }
    }

    fn has_worked(&mut self) {
        if let RunnerStage::Working(number) = self.stage {
            self.stage = RunnerStage::Settling;
            let mut state = self.shared.lock();
            state.running -= 1;
            state.settling += 1;
            drop(state);
            if let Some(in_flight) = &self.shared.in_flight {
                contain(|| in_flight.end(number));
            }
        }
    }

    /// Calls the error hook. Returns whether the job failed.
    fn report(&self, result: &JobResult<R, E>) -> bool {
        if let (Err(error), Some(on_error)) = (result, &self.shared.on_error) {
            contain(|| on_error(error));
        }
        result.is_err()
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
    /// Only the shutdown of the runtime drops a runner early. No job of the queue will run any more.
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
        let stuck = mem::take(&mut state.stuck);
        // In one change: an open queue would start another runner.
        self.shared.end_with(state, QueueEnd::Closed);
        contain(|| drop(stuck));
    }
}
