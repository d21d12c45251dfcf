//! The state that a resolver and its future share.
//!
//! One allocation and one lock. The lock is never held while user code runs: wakers are cloned, woken and dropped,
//! values dropped and hooks called outside of it.

use std::fmt;
use std::mem;
use std::task::{Context, Poll, Waker};

use super::error::CallbackError;
use crate::panic::{call_all, call_both};
use crate::sync::{Arc, Mutex, MutexGuard, lock, unlocked};

/// The outcome of a callback: a value, or why there is none.
pub(super) type CallbackResult<T, E> = Result<T, CallbackError<E>>;

/// `H` is the type of hooks.
pub(super) struct CallbackCell<T, E, H>(Mutex<CellState<T, E, H>>);

struct CellState<T, E, H> {
    settlement: Settlement<T, E>,
    /// The future's waker. It waits for the outcome or, after a cancellation, for the release.
    waiting: Option<Waker>,
    /// Allocated only when needed, as few callbacks have hooks.
    hooks: Option<Box<CancelHooks<H>>>,
    /// Whether the resolver was used or dropped.
    is_released: bool,
    ignored_calls: usize,
}

struct CancelHooks<H> {
    /// The resolver's waker. It waits for the cancellation.
    watching: Option<Waker>,
    hooks: Vec<H>,
}

enum Settlement<T, E> {
    Open,
    Settled(CallbackResult<T, E>),
    /// The outcome was taken, or the future is gone.
    Closed,
}

impl<T, E, H: FnOnce()> CallbackCell<T, E, H> {
    pub(super) fn new() -> Self {
        CallbackCell(Mutex::new(CellState {
            settlement: Settlement::Open,
            waiting: None,
            hooks: None,
            is_released: false,
            ignored_calls: 0,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, CellState<T, E, H>> {
        lock(&self.0)
    }

    /// Called once, when the resolver is used or dropped. Returns the outcome if the future is gone.
    #[inline]
    pub(super) fn settle(&self, outcome: CallbackResult<T, E>) -> Result<(), CallbackResult<T, E>> {
        let mut state = self.lock();
        if matches!(state.settlement, Settlement::Open) {
            state.settlement = Settlement::Settled(outcome);
            release(state);
            Ok(())
        } else {
            Self::refuse(state, outcome)
        }
    }

    #[cold]
    fn refuse(
        state: MutexGuard<'_, CellState<T, E, H>>,
        outcome: CallbackResult<T, E>,
    ) -> Result<(), CallbackResult<T, E>> {
        release(state);
        Err(outcome)
    }

    /// The same, but returns an unwanted outcome before the release, which follows.
    #[cfg(feature = "compute")]
    pub(super) fn offer(&self, outcome: CallbackResult<T, E>) -> Result<(), CallbackResult<T, E>> {
        let mut state = self.lock();
        if matches!(state.settlement, Settlement::Open) {
            state.settlement = Settlement::Settled(outcome);
            release(state);
            Ok(())
        } else {
            Err(outcome)
        }
    }

    /// Ends the wait and cancels. A later outcome returns to the resolver.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        let was_open = matches!(state.settlement, Settlement::Open);
        let outcome = mem::replace(&mut state.settlement, Settlement::Closed);
        let waiting = state.waiting.take();
        if was_open {
            cancel(state);
        } else {
            drop(state);
        }
        drop((outcome, waiting));
    }

    /// Ends the wait because the registering function panicked, unless it called back before. That the panic dropped
    /// the resolver is no outcome.
    pub(super) fn panicked(&self, message: String) {
        let mut state = self.lock();
        let error = CallbackError::Panicked(message);
        match state.settlement {
            Settlement::Open => {
                state.settlement = Settlement::Settled(Err(error));
                cancel(state);
            }
            Settlement::Settled(Err(CallbackError::Dropped)) => {
                state.settlement = Settlement::Settled(Err(error));
            }
            Settlement::Settled(_) | Settlement::Closed => {}
        }
    }

    /// Ends the wait with this error, unless there is an outcome, and cancels.
    pub(super) fn fail(&self, error: CallbackError<E>) {
        let mut state = self.lock();
        if matches!(state.settlement, Settlement::Open) {
            state.settlement = Settlement::Settled(Err(error));
            cancel(state);
        }
    }

    /// The outcome. Must not be called after it was returned, or after `close`.
    #[inline]
    pub(super) fn poll_outcome(
        shared: &mut Arc<Self>,
        cx: &mut Context<'_>,
    ) -> Poll<CallbackResult<T, E>> {
        // Once the resolver is gone, nobody else has the cell, and the outcome is there.
        match Arc::get_mut(shared) {
            Some(CallbackCell(state)) => unlocked(state).take_outcome(),
            None => shared.poll_shared_outcome(cx),
        }
    }

    #[inline(never)]
    fn poll_shared_outcome(&self, cx: &mut Context<'_>) -> Poll<CallbackResult<T, E>> {
        self.poll(cx, CellState::take_outcome)
    }

    /// The same for the first poll, which probably is pending: takes one lock instead of two.
    #[inline]
    pub(super) fn poll_outcome_first(&self, cx: &mut Context<'_>) -> Poll<CallbackResult<T, E>> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if matches!(state.settlement, Settlement::Open) {
            let old = state.waiting.replace(waker);
            drop(state);
            drop(old);
            return Poll::Pending;
        }
        let polled = state.take_outcome();
        drop(state);
        drop(waker);
        polled
    }

    /// Ready once the resolver is gone.
    pub(super) fn poll_released(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(cx, |state| {
            if state.is_released {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
    }

    /// Calls `ask` under the lock, and stores the waker if it is pending. The newest waker is woken.
    fn poll<R>(
        &self,
        cx: &mut Context<'_>,
        ask: impl Fn(&mut CellState<T, E, H>) -> Poll<R>,
    ) -> Poll<R> {
        let mut state = self.lock();
        if let Poll::Ready(answer) = ask(&mut state) {
            return Poll::Ready(answer);
        }
        if state
            .waiting
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()))
        {
            return Poll::Pending;
        }
        drop(state);
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if let Poll::Ready(answer) = ask(&mut state) {
            drop(state);
            return Poll::Ready(answer);
        }
        let old = state.waiting.replace(waker);
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Whether the wait has ended. For a resolver that has not settled.
    pub(super) fn is_cancelled(&self) -> bool {
        !matches!(self.lock().settlement, Settlement::Open)
    }

    pub(super) fn poll_cancelled(&self, cx: &mut Context<'_>) -> Poll<()> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if !matches!(state.settlement, Settlement::Open) {
            drop(state);
            return Poll::Ready(());
        }
        let old = state.hooks().watching.replace(waker);
        drop(state);
        drop(old);
        Poll::Pending
    }

    /// Stores a hook, or returns it if the wait has ended.
    pub(super) fn add_hook(&self, hook: H) -> Result<(), H> {
        let mut state = self.lock();
        if matches!(state.settlement, Settlement::Open) {
            state.hooks().hooks.push(hook);
            Ok(())
        } else {
            Err(hook)
        }
    }

    pub(super) fn ignore_call(&self) {
        self.lock().ignored_calls += 1;
    }

    pub(super) fn ignored_calls(&self) -> usize {
        self.lock().ignored_calls
    }
}

impl<T, E, H> CellState<T, E, H> {
    fn hooks(&mut self) -> &mut CancelHooks<H> {
        self.hooks.get_or_insert_with(|| {
            Box::new(CancelHooks {
                watching: None,
                hooks: Vec::new(),
            })
        })
    }

    fn take_outcome(&mut self) -> Poll<CallbackResult<T, E>> {
        if matches!(self.settlement, Settlement::Open) {
            return Poll::Pending;
        }
        match mem::replace(&mut self.settlement, Settlement::Closed) {
            Settlement::Settled(outcome) => Poll::Ready(outcome),
            Settlement::Open | Settlement::Closed => unreachable!("an outcome is taken once"),
        }
    }
}

/// Wakes the future: the resolver is gone.
#[inline]
fn release<T, E, H>(mut state: MutexGuard<'_, CellState<T, E, H>>) {
    state.is_released = true;
    let (waiting, hooks) = (state.waiting.take(), state.hooks.take());
    drop(state);
    if let Some(waker) = waiting {
        waker.wake();
    }
    // After the wake: dropping a hook may panic.
    if let Some(hooks) = hooks {
        drop(hooks);
    }
}

/// Wakes the resolver and calls the hooks.
fn cancel<T, E, H: FnOnce()>(mut state: MutexGuard<'_, CellState<T, E, H>>) {
    let hooks = state.hooks.take();
    drop(state);
    if let Some(hooks) = hooks {
        let CancelHooks { watching, hooks } = *hooks;
        let wake = || {
            if let Some(waker) = watching {
                waker.wake();
            }
        };
        call_both(wake, || call_all(hooks));
    }
}

impl<T, E, H: FnOnce()> fmt::Debug for CallbackCell<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.lock().settlement {
            Settlement::Open => "open",
            Settlement::Settled(_) => "settled",
            Settlement::Closed => "closed",
        })
    }
}
