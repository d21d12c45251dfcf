//! The future of a callback.

use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::cell::CallbackCell;
use super::error::CallbackError;
use super::resolver::Resolver;
use crate::panic::message;
use crate::sync::Arc;

/// The future of a callback's value. See [`from_callback`](super::from_callback()).
///
/// It may be polled from anywhere and, if `T` and `E` are `Send`, on any thread. Dropping it before the callback is
/// called cancels: the hooks run ([`Resolver::on_cancel`]), and a value that comes later returns to its sender.
///
/// # Panics
///
/// When it is polled after it has ended.
#[must_use = "futures do nothing unless polled"]
pub struct CallbackFuture<T, E, H: FnOnce() = Box<dyn FnOnce() + Send>> {
    shared: Arc<CallbackCell<T, E, H>>,
    stage: PollStage,
    /// What may end the wait before the callback does.
    end: Option<Box<EarlyEnd>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PollStage {
    New,
    Polled,
    Ended,
}

struct EarlyEnd {
    future: Pin<Box<dyn Future<Output = ()> + Send>>,
    reason: EarlyEndReason,
    /// The next one in the list.
    other: Option<Box<EarlyEnd>>,
}

#[derive(Clone, Copy)]
enum EarlyEndReason {
    TimedOut,
    Dropped,
}

impl EarlyEnd {
    #[inline(never)]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<EarlyEndReason> {
        if self.future.as_mut().poll(cx).is_ready() {
            return Poll::Ready(self.reason);
        }
        self.other
            .as_mut()
            .map_or(Poll::Pending, |other| other.poll(cx))
    }
}

/// The future of a [`LocalResolver`](super::LocalResolver).
pub type LocalCallbackFuture<T, E> = CallbackFuture<T, E, Box<dyn FnOnce()>>;

impl<T, E, H: FnOnce()> CallbackFuture<T, E, H> {
    /// Calls `register` with the resolver of a new future. A panic before the callback is the outcome.
    pub(super) fn registered<R>(register: impl FnOnce(Resolver<T, E, H>) -> R) -> Self {
        let (resolver, future) = Self::open();
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(register(resolver)))) {
            future.shared.panicked(message(&*payload));
        }
        future
    }

    /// A new future and its resolver.
    pub(crate) fn open() -> (Resolver<T, E, H>, Self) {
        let shared = Arc::new(CallbackCell::new());
        let resolver = Resolver::new(Arc::clone(&shared));
        (
            resolver,
            CallbackFuture {
                shared,
                stage: PollStage::New,
                end: None,
            },
        )
    }

    /// Ends the wait with this reason, unless the callback has come meanwhile.
    #[cold]
    fn end_early(
        &mut self,
        reason: EarlyEndReason,
        cx: &mut Context<'_>,
    ) -> Poll<Result<T, CallbackError<E>>> {
        self.shared.fail(match reason {
            EarlyEndReason::TimedOut => CallbackError::TimedOut,
            EarlyEndReason::Dropped => CallbackError::Dropped,
        });
        let outcome = ready!(CallbackCell::poll_outcome(&mut self.shared, cx));
        self.stage = PollStage::Ended;
        Poll::Ready(outcome)
    }

    /// Fails with [`TimedOut`](CallbackError::TimedOut), and cancels, if the callback is not called within this time
    /// from now. If both happen at once, the callback wins. Of several deadlines and [`lost_when`](Self::lost_when)
    /// futures, the first one ends the wait.
    ///
    /// # Panics
    ///
    /// When the future is polled outside of a tokio runtime with a time driver, and the callback has not been called.
    pub fn deadline(self, time: Duration) -> Self {
        match Instant::now().checked_add(time) {
            Some(deadline) => self.end_when(
                async move { sleep_until(deadline).await },
                EarlyEndReason::TimedOut,
            ),
            // The clock never reaches it.
            None => self,
        }
    }

    /// Fails with [`Dropped`](CallbackError::Dropped), and cancels, when `lost` completes. Use it for a source that
    /// forgets its callbacks but reports in another way that it is gone. If both happen at once, the callback wins.
    pub fn lost_when(self, lost: impl Future<Output = ()> + Send + 'static) -> Self {
        self.end_when(lost, EarlyEndReason::Dropped)
    }

    fn end_when(
        mut self,
        future: impl Future<Output = ()> + Send + 'static,
        reason: EarlyEndReason,
    ) -> Self {
        self.end = Some(Box::new(EarlyEnd {
            future: Box::pin(future),
            reason,
            other: self.end.take(),
        }));
        self
    }

    /// Cancels, as dropping does, and completes when the other side is done: when the callback has been called or
    /// dropped. Only then is it safe to take back what a foreign operation has borrowed.
    ///
    /// It waits forever for a callback that is kept and never called. Deadlines and [`lost_when`](Self::lost_when) do
    /// not apply here, so put a timeout around it.
    ///
    /// Dropping the future of this method stops the wait, not the cancellation.
    pub async fn cancel(self) {
        self.shared.close();
        poll_fn(|cx| self.shared.poll_released(cx)).await;
    }

    /// How many calls of a [`pair`](Resolver::pair) were ignored because another came first. To ask after the end,
    /// await `&mut future`.
    #[must_use]
    pub fn ignored_calls(&self) -> usize {
        self.shared.ignored_calls()
    }
}

impl<T, E, H: FnOnce()> Future for CallbackFuture<T, E, H> {
    type Output = Result<T, CallbackError<E>>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let polled = match this.stage {
            // Most callbacks come later, so the waker is needed.
            PollStage::New => this.shared.poll_outcome_first(cx),
            PollStage::Polled => CallbackCell::poll_outcome(&mut this.shared, cx),
            PollStage::Ended => panic!("a callback's future was polled after its end"),
        };
        if polled.is_ready() {
            this.stage = PollStage::Ended;
            return polled;
        }
        this.stage = PollStage::Polled;
        let Some(end) = &mut this.end else {
            return Poll::Pending;
        };
        let reason = ready!(end.poll(cx));
        this.end_early(reason, cx)
    }
}

impl<T, E, H: FnOnce()> Drop for CallbackFuture<T, E, H> {
    #[inline]
    fn drop(&mut self) {
        if self.stage != PollStage::Ended {
            self.shared.close();
        }
    }
}

impl<T, E, H: FnOnce()> fmt::Debug for CallbackFuture<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CallbackFuture").field(&self.shared).finish()
    }
}
