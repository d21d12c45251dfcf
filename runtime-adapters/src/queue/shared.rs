//! What the handles of a queue and its tasks share.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, TryAcquireError, oneshot};

use super::backlog::{Job, Position};
use super::in_flight::InFlight;
use super::runner::Runner;
use super::self_wait::{SelfWait, WaitTarget, WaitingWorker};
use super::state::{Intake, QueueEnd, QueueState};
use super::{JobHandle, JobHandles, PushError, QueueError, QueueEvent};
use crate::panic::{call_all, contain};
use crate::span::CapturedSpan;

/// Spawns a task that works.
pub(super) type SpawnRunner<T, R, E> = Box<dyn Fn(&Handle, Runner<T, R, E>) + Send + Sync>;

pub(super) type ErrorHook<E> = Box<dyn Fn(&QueueError<E>) + Send + Sync>;

pub(super) struct QueueShared<T, R, E> {
    pub(super) state: Mutex<QueueState<T, R, E>>,
    /// A permit for each item that may yet wait.
    pub(super) room: Option<Semaphore>,
    pub(super) start: SpawnRunner<T, R, E>,
    /// If somebody may ask what is worked on.
    pub(super) tracking: Option<Box<dyn InFlight<T>>>,
    pub(super) on_error: Option<ErrorHook<E>>,
    /// Where the tasks run: where the queue was built, or where the first item was pushed.
    pub(super) runtime: OnceLock<Handle>,
    pub(super) unpark: Notify,
    pub(super) drained: Notify,
    /// The end of a removal, for another one that waits for it.
    pub(super) removed: Condvar,
}

/// The first panic of a drop goes on when all are dropped.
pub(super) fn drop_all<T>(items: Vec<T>) {
    call_all(items.into_iter().map(|item| move || drop(item)));
}

impl<T, R, E> QueueShared<T, R, E> {
    pub(super) fn lock(&self) -> MutexGuard<'_, QueueState<T, R, E>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By which one queue is told from another.
    pub(super) fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Ends a change: does what follows from it, without the lock. A waker that panics keeps nothing from being done.
    pub(super) fn release(self: &Arc<Self>, mut state: MutexGuard<'_, QueueState<T, R, E>>) {
        let effects = state.effects();
        let deadlocked = if state.standing.is_empty() {
            None
        } else {
            state.deadlocked()
        };
        drop(state);
        for _ in 0..effects.start {
            let place = Runner::new(Arc::clone(self));
            let runtime = self
                .runtime
                .get()
                .expect("what waits was pushed within a runtime");
            (self.start)(runtime, place);
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
        if let Some(work) = deadlocked {
            contain(|| work.report_deadlock());
        }
    }

    /// Nothing but this queue can wake this worker of its own.
    pub(super) fn stand_still(self: &Arc<Self>, work: &Arc<WaitingWorker>) {
        let mut state = self.lock();
        state.stand_still(Arc::clone(work));
        self.release(state);
    }

    /// Such a worker is polled again. Whether it is to be told that it waits in vain.
    pub(super) fn go_on(&self, work: &WaitingWorker) -> bool {
        let before = self.lock().standing.remove(&work.item);
        drop(before);
        work.take_deadlocked()
    }

    /// Ends a change after which these items have no place any more: tells their handles, and only then that the queue
    /// is drained, if it is. The items are left.
    pub(super) fn fail(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, QueueState<T, R, E>>,
        entries: Vec<Job<T, R, E>>,
        error: impl Fn() -> QueueError<E>,
    ) -> Vec<T> {
        state.failing += 1;
        self.release(state);
        let answer = |Job { item, reply, .. }| {
            contain(|| drop(reply.send(Err(error()))));
            item
        };
        let items = entries.into_iter().map(answer).collect();
        let mut state = self.lock();
        state.failing -= 1;
        self.release(state);
        items
    }

    /// Finds the runtime before anything is changed.
    #[track_caller]
    fn enter_runtime(&self) {
        if self.runtime.get().is_none() {
            let current = Handle::try_current()
                .expect("a queue was built outside of a tokio runtime, and is first pushed to outside of one, too");
            // Another thread may have been quicker: its runtime is as good.
            let _ = self.runtime.set(current);
        }
    }

    #[track_caller]
    pub(super) fn try_push(
        self: &Arc<Self>,
        item: T,
        at: Position,
    ) -> Result<JobHandle<R, E>, PushError<T>> {
        self.enter_runtime();
        match self.room.as_ref().map(Semaphore::try_acquire) {
            Some(Err(TryAcquireError::NoPermits)) => return Err(PushError::Full(item)),
            Some(Err(TryAcquireError::Closed)) => return Err(PushError::Closed(item)),
            Some(Ok(permit)) => permit.forget(),
            None => {}
        }
        self.join(item, at)
    }

    #[track_caller]
    pub(super) fn push(self: &Arc<Self>, item: T, at: Position) -> JobHandle<R, E> {
        self.try_push(item, at)
            .unwrap_or_else(|error| JobHandle::refused(error.outcome()))
    }

    #[track_caller]
    pub(super) fn push_all(
        self: &Arc<Self>,
        items: impl IntoIterator<Item = T>,
        at: Position,
    ) -> JobHandles<R, E> {
        let pushed = JobHandles::new(items.into_iter().map(|item| self.push(item, at)));
        if pushed.is_empty() {
            let mut state = self.lock();
            if state.is_drained() {
                state.notifications.add(QueueEvent::Drained);
            }
            self.release(state);
        }
        pushed
    }

    pub(super) async fn send(
        self: &Arc<Self>,
        item: T,
        at: Position,
    ) -> Result<JobHandle<R, E>, PushError<T>> {
        self.enter_runtime();
        if let Some(room) = &self.room {
            let mut wait = SelfWait::new(self.address(), WaitTarget::Room);
            let mut acquired = pin!(room.acquire());
            let acquired = poll_fn(|cx| {
                let polled = acquired.as_mut().poll(cx);
                wait.note(cx, polled)
            });
            match acquired.await {
                Ok(permit) => permit.forget(),
                Err(_) => return Err(PushError::Closed(item)),
            }
        }
        self.join(item, at)
    }

    /// An item for which there is room joins the line.
    fn join(self: &Arc<Self>, item: T, at: Position) -> Result<JobHandle<R, E>, PushError<T>> {
        let (reply, outcome) = oneshot::channel();
        let here = CapturedSpan::current();
        let mut state = self.lock();
        if state.intake != Intake::Open {
            drop(state);
            return Err(PushError::Closed(item));
        }
        let number = state.backlog.push(item, reply, here, at);
        self.release(state);
        let wait = SelfWait::new(self.address(), WaitTarget::Item(number));
        Ok(JobHandle::accepted(outcome, wait))
    }

    /// There is room for as many more.
    pub(super) fn add_room(&self, places: usize) {
        if let Some(room) = &self.room {
            contain(|| room.add_permits(places));
        }
    }

    /// Takes nothing more; what was pushed is done.
    pub(super) fn close(self: &Arc<Self>) {
        let mut state = self.lock();
        if state.intake == Intake::Open {
            state.intake = Intake::Closing;
        }
        state.is_paused = false;
        self.release(state);
        self.close_room();
    }

    /// Takes nothing more; what waits fails.
    pub(super) fn end(self: &Arc<Self>, end: QueueEnd) {
        self.end_with(self.lock(), end);
    }

    /// The same as the end of a change.
    pub(super) fn end_with(
        self: &Arc<Self>,
        mut state: MutexGuard<'_, QueueState<T, R, E>>,
        end: QueueEnd,
    ) {
        if matches!(state.intake, Intake::Ended(_)) {
            return self.release(state);
        }
        state.intake = Intake::Ended(end);
        let entries = state.backlog.take();
        let watchers = if end == QueueEnd::Killed {
            state.notifications.end()
        } else {
            Vec::new()
        };
        let items = self.fail(state, entries, || end.error());
        self.close_room();
        contain(|| drop(watchers));
        drop_all(items);
    }

    /// No handle is left.
    pub(super) fn abandon(self: &Arc<Self>) {
        let state = self.lock();
        // What has been closed is done, unless nobody can make it go on.
        let goes_on = state.intake == Intake::Closing && !state.is_paused;
        drop(state);
        if !goes_on {
            self.end(QueueEnd::Closed);
        }
    }

    fn close_room(&self) {
        if let Some(room) = &self.room {
            contain(|| room.close());
        }
    }
}

/// All handles of a queue: what is done when none is left.
pub(super) struct QueueOwner<T, R, E>(pub(super) Arc<QueueShared<T, R, E>>);

impl<T, R, E> Drop for QueueOwner<T, R, E> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}
