//! The tasks that work: at most as many as the concurrency, each with one item after the other.

use std::future::poll_fn;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::runtime::Handle;
use tokio::task::yield_now;

use super::line::Entry;
use super::own_wait::Poller;
use super::pushed::Outcome;
use super::shared::{Shared, Start};
use super::state::End;
use super::{QueueError, QueueEvent};
use crate::panic::{contain, forget, message};

/// What spawns the tasks for this worker.
pub(super) fn start<T, R, E, W, F>(worker: W) -> Start<T, R, E>
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

async fn run<T, R, E, W, F>(mut place: Place<T, R, E>, worker: Arc<W>)
where
    T: Send,
    W: Fn(T) -> F + Send + Sync,
    F: Future<Output = Result<R, E>> + Send + 'static,
{
    loop {
        match place.look() {
            Next::Work(entry) => {
                let number = entry.number();
                // When the task is dropped, so is the reply, and then the place: the handle comes first.
                let Entry {
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
            Next::Wait => place.shared.unpark.notified().await,
            Next::Leave => return,
        }
    }
}

/// Ends with what the work ends with, a panic too; and whether it was ever pending.
async fn contained<T, R, E>(
    work: impl Future<Output = Result<R, E>>,
    shared: &Arc<Shared<T, R, E>>,
    item: i64,
) -> (Outcome<R, E>, bool) {
    let mut work = pin!(work);
    let mut has_waited = false;
    let mut poller = Poller::new(shared.address(), item);
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
enum Next<T, R, E> {
    Work(Entry<T, R, E>),
    Wait,
    Leave,
}

/// A runner's place among those of its queue. It is counted, at any time, for what it does.
pub(super) struct Place<T, R, E> {
    shared: Arc<Shared<T, R, E>>,
    stage: Stage,
}

enum Stage {
    Looking,
    /// On the item that was started as this one.
    Working(u64),
    Settling,
    Gone,
}

impl<T, R, E> Place<T, R, E> {
    /// One that is counted already.
    pub(super) fn new(shared: Arc<Shared<T, R, E>>) -> Self {
        Place {
            shared,
            stage: Stage::Looking,
        }
    }

    fn look(&mut self) -> Next<T, R, E> {
        let mut state = self.shared.lock();
        if let Some((entry, number)) = state.start() {
            self.stage = Stage::Working(number);
            self.shared.release(state);
            self.shared.add_room(1);
            return Next::Work(entry);
        }
        if state.is_paused && state.removal.is_none() && state.line.len() > 0 && state.runners == 1
        {
            state.is_parked = true;
            return Next::Wait;
        }
        state.runners -= 1;
        self.stage = Stage::Gone;
        self.shared.release(state);
        Next::Leave
    }

    /// Keeps a clone of the item that it works on, if somebody may ask for it.
    fn track(&self, item: &T) {
        if let (Some(tracking), Stage::Working(number)) = (&self.shared.tracking, &self.stage) {
            tracking.begin(*number, item);
        }
    }

    fn has_worked(&mut self) {
        if let Stage::Working(number) = self.stage {
            self.stage = Stage::Settling;
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
    fn report(&self, outcome: &Outcome<R, E>) -> bool {
        if let (Err(error), Some(on_error)) = (outcome, &self.shared.on_error) {
            contain(|| on_error(error));
        }
        outcome.is_err()
    }

    fn has_settled(&mut self, has_failed: bool) {
        self.stage = Stage::Looking;
        let mut state = self.shared.lock();
        state.settling -= 1;
        if has_failed {
            state.news.add(QueueEvent::Error);
        }
        self.shared.release(state);
    }
}

impl<T, R, E> Drop for Place<T, R, E> {
    /// Nobody ends a runner but its runtime, when it shuts down: nothing of the queue will run any more.
    fn drop(&mut self) {
        if matches!(self.stage, Stage::Gone) {
            return;
        }
        self.has_worked();
        let mut state = self.shared.lock();
        if matches!(self.stage, Stage::Settling) {
            state.settling -= 1;
        }
        state.runners -= 1;
        self.stage = Stage::Gone;
        let standing = mem::take(&mut state.standing);
        // In one step: while the queue is open it would have the work done by another runner.
        self.shared.end_with(state, End::Closed);
        contain(|| drop(standing));
    }
}
