//! What the handles of a queue and its runners share.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, TryAcquireError, oneshot};

use super::backlog::{Job, Position};
use super::error::{PushError, QueueError};
use super::event::QueueEvent;
use super::in_flight::InFlight;
use super::job_handle::{JobHandle, JobHandles};
use super::self_wait::SelfWait;
use super::state::{Intake, QueueEnd, QueueState};
use super::wait_target::WaitTarget;
use super::waiting_worker::WaitingWorker;
use crate::panic::{call_all, contain};
use crate::span::CapturedSpan;

/// Spawns a runner, which the state counts already.
pub(super) type SpawnRunner<T, R, E> =
    Box<dyn Fn(&Handle, Arc<QueueShared<T, R, E>>) + Send + Sync>;

pub(super) type ErrorHook<E> = Box<dyn Fn(&QueueError<E>) + Send + Sync>;

pub(super) struct QueueShared<T, R, E> {
    pub(super) state: Mutex<QueueState<T, R, E>>,
    /// A permit for each item that may still be pushed. `None` without a capacity.
    pub(super) room: Option<Semaphore>,
    pub(super) spawn_runner: SpawnRunner<T, R, E>,
    /// `None` unless the queue is tracked.
    pub(super) in_flight: Option<Box<dyn InFlight<T>>>,
    pub(super) on_error: Option<ErrorHook<E>>,
    /// The runtime in which the queue was built, or the first item was pushed.
    pub(super) runtime: OnceLock<Handle>,
    pub(super) unpark: Notify,
    pub(super) drained: Notify,
    /// Notified at the end of a removal, for another one that waits.
    pub(super) removed: Condvar,
}

/// Drops all items, then resumes the first panic of a drop.
pub(super) fn drop_all<T>(items: Vec<T>) {
    call_all(items.into_iter().map(|item| move || drop(item)));
}

impl<T, R, E> QueueShared<T, R, E> {
    pub(super) fn lock(&self) -> MutexGuard<'_, QueueState<T, R, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Identifies the queue.
    pub(super) fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Unlocks after a change, and carries out its effects. A panicking waker stops none of them.
    pub(super) fn release(self: &Arc<Self>, mut state: MutexGuard<'_, QueueState<T, R, E>>) {
        let effects = state.effects();
        let deadlocked = if state.stuck.is_empty() {
            None
        } else {
            state.deadlocked()
        };
        drop(state);
        for _ in 0..effects.start {
            let runtime = self
                .runtime
                .get()
                .expect("waiting items were pushed within a runtime");
            (self.spawn_runner)(runtime, Arc::clone(self));
        }
        if effects.unpark {
            self.unpark.notify_one();
        }
        if effects.is_drained {
            contain(|| self.drained.notify_waiters());
        }
        if effects.announce {
            self.announce();
        }
        if let Some(worker) = deadlocked {
            contain(|| worker.report_deadlock());
        }
    }

    /// Only this queue can wake the worker.
    pub(super) fn stick(self: &Arc<Self>, worker: &Arc<WaitingWorker>) {
        let mut state = self.lock();
        state.stick(Arc::clone(worker));
        self.release(state);
    }

    /// The worker is polled again. Returns whether a deadlock was reported to it.
    pub(super) fn unstick(&self, worker: &WaitingWorker) -> bool {
        let removed = self.lock().stuck.remove(&worker.job);
        drop(removed);
        worker.take_deadlocked()
    }

    /// Unlocks after jobs were removed, and fails their handles. Only then does the queue count as drained. Returns the
    /// items.
    pub(super) fn fail(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, QueueState<T, R, E>>,
        jobs: Vec<Job<T, R, E>>,
        error: impl Fn() -> QueueError<E>,
    ) -> Vec<T> {
        state.failing += 1;
        self.release(state);
        let fail = |Job { item, reply, .. }| {
            contain(|| drop(reply.send(Err(error()))));
            item
        };
        let items = jobs.into_iter().map(fail).collect();
        let mut state = self.lock();
        state.failing -= 1;
        self.release(state);
        items
    }

    /// Finds the runtime. Called before anything changes, because it may panic.
    #[track_caller]
    fn enter_runtime(&self) {
        if self.runtime.get().is_none() {
            let current = Handle::try_current().expect(
                "a queue was built and first pushed to outside of a tokio runtime; help: build it, or push, inside of one",
            );
            // Another thread may have been first: its runtime will do.
            let _ = self.runtime.set(current);
        }
    }

    #[track_caller]
    pub(super) fn try_push(
        self: &Arc<Self>,
        item: T,
        position: Position,
    ) -> Result<JobHandle<R, E>, PushError<T>> {
        self.enter_runtime();
        match self.room.as_ref().map(Semaphore::try_acquire) {
            Some(Err(TryAcquireError::NoPermits)) => return Err(PushError::Full(item)),
            Some(Err(TryAcquireError::Closed)) => return Err(PushError::Closed(item)),
            Some(Ok(permit)) => permit.forget(),
            None => {}
        }
        self.enqueue(item, position)
    }

    #[track_caller]
    pub(super) fn push(self: &Arc<Self>, item: T, position: Position) -> JobHandle<R, E> {
        self.try_push(item, position)
            .unwrap_or_else(|error| JobHandle::refused(error.as_queue_error()))
    }

    #[track_caller]
    pub(super) fn push_all(
        self: &Arc<Self>,
        items: impl IntoIterator<Item = T>,
        position: Position,
    ) -> JobHandles<R, E> {
        let handles = JobHandles::new(items.into_iter().map(|item| self.push(item, position)));
        if handles.is_empty() {
            let mut state = self.lock();
            if state.is_drained() {
                state.notifications.add(QueueEvent::Drained);
            }
            self.release(state);
        }
        handles
    }

    pub(super) async fn send(
        self: &Arc<Self>,
        item: T,
        position: Position,
    ) -> Result<JobHandle<R, E>, PushError<T>> {
        self.enter_runtime();
        if let Some(room) = &self.room {
            let mut wait = SelfWait::new(self.address(), WaitTarget::Room);
            let mut acquired = pin!(room.acquire());
            let acquired = poll_fn(|cx| {
                let polled = acquired.as_mut().poll(cx);
                wait.register(cx, polled)
            });
            match acquired.await {
                Ok(permit) => permit.forget(),
                Err(_) => return Err(PushError::Closed(item)),
            }
        }
        self.enqueue(item, position)
    }

    /// Adds an item that has a permit.
    fn enqueue(
        self: &Arc<Self>,
        item: T,
        position: Position,
    ) -> Result<JobHandle<R, E>, PushError<T>> {
        let (reply, result) = oneshot::channel();
        let span = CapturedSpan::current();
        let mut state = self.lock();
        if state.intake != Intake::Open {
            drop(state);
            return Err(PushError::Closed(item));
        }
        let number = state.backlog.push(item, reply, span, position);
        self.release(state);
        let wait = SelfWait::new(self.address(), WaitTarget::Job(number));
        Ok(JobHandle::accepted(result, wait))
    }

    /// Adds permits for items that no longer wait.
    pub(super) fn add_room(&self, permits: usize) {
        if let Some(room) = &self.room {
            contain(|| room.add_permits(permits));
        }
    }

    /// Takes no more items, and runs those it has.
    pub(super) fn close(self: &Arc<Self>) {
        let mut state = self.lock();
        if state.intake == Intake::Open {
            state.intake = Intake::Closing;
        }
        state.is_paused = false;
        self.release(state);
        self.close_room();
    }

    /// Takes no more items, and fails those that wait.
    pub(super) fn end(self: &Arc<Self>, end: QueueEnd) {
        self.end_with(self.lock(), end);
    }

    /// [`end`](Self::end), as part of a change.
    pub(super) fn end_with(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, QueueState<T, R, E>>,
        end: QueueEnd,
    ) {
        if matches!(state.intake, Intake::Ended(_)) {
            return self.release(state);
        }
        state.intake = Intake::Ended(end);
        let jobs = state.backlog.take();
        let watchers = if end == QueueEnd::Killed {
            state.notifications.end()
        } else {
            Vec::new()
        };
        let items = self.fail(state, jobs, || end.error());
        self.close_room();
        contain(|| drop(watchers));
        drop_all(items);
    }

    /// The last handle was dropped.
    fn abandon(self: &Arc<Self>) {
        let state = self.lock();
        // A closed queue runs its items. A paused one cannot: no handle is left to resume it.
        let continues = state.intake == Intake::Closing && !state.is_paused;
        drop(state);
        if !continues {
            self.end(QueueEnd::Closed);
        }
    }

    fn close_room(&self) {
        if let Some(room) = &self.room {
            contain(|| room.close());
        }
    }
}

/// All handles of a queue share one. Dropping it ends the queue.
pub(super) struct QueueOwner<T, R, E>(pub(super) Arc<QueueShared<T, R, E>>);

impl<T, R, E> Drop for QueueOwner<T, R, E> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
