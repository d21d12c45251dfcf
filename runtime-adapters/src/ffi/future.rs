//! The future of a call from C.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use super::answer::Answer;
use super::outcome::ForeignOutcome;
use crate::callback::{CallbackError, CallbackFuture};

/// The future of a call from C: a [`CallbackFuture`] that handles panics and destroy functions.
///
/// Dropping it cancels: the answer, before or after that, goes to the handle's `unclaimed` closure, or is dropped. Lent
/// values stay lent until C calls.
///
/// # Panics
///
/// When it is polled after its end, and with the closure's panic under [`OnPanic::Resume`](super::OnPanic::Resume).
#[must_use = "futures do nothing unless polled"]
pub struct ForeignFuture<T, E> {
    called: CallbackFuture<ForeignOutcome<T, E>, E>,
    /// Completes when the library has destroyed the user data.
    destroyed: Option<CallbackFuture<Infallible, Infallible>>,
}

/// The future of a closure with this [`Answer`].
pub type AnswerFuture<A> = ForeignFuture<<A as Answer>::Value, <A as Answer>::Error>;

impl<T, E> ForeignFuture<T, E> {
    pub(super) fn new(called: CallbackFuture<ForeignOutcome<T, E>, E>) -> Self {
        ForeignFuture {
            called,
            destroyed: None,
        }
    }

    pub(super) fn until_destroyed(self, destroyed: CallbackFuture<Infallible, Infallible>) -> Self {
        ForeignFuture {
            destroyed: Some(destroyed),
            ..self
        }
    }

    /// As [`CallbackFuture::deadline`]. It ends the wait, not C's hold on the user data and on what was lent.
    pub fn deadline(self, time: Duration) -> Self {
        ForeignFuture {
            called: self.called.deadline(time),
            ..self
        }
    }

    /// As [`CallbackFuture::lost_when`]. It ends the wait, not C's hold on the user data and on what was lent.
    pub fn lost_when(self, lost: impl Future<Output = ()> + Send + 'static) -> Self {
        ForeignFuture {
            called: self.called.lost_when(lost),
            ..self
        }
    }

    /// Cancels, as dropping does, and completes when C is done with the user data: when it has called, or can no longer
    /// call; for [`with_destroy`](super::with_destroy), when it has destroyed the user data and no call runs. The
    /// `unclaimed` closure may still run then.
    ///
    /// Dropping the future of this method stops the wait, not the cancellation.
    pub async fn cancel(self) {
        self.called.cancel().await;
        if let Some(destroyed) = self.destroyed {
            // It is only dropped, never resolved.
            let Err(_) = destroyed.await;
        }
    }
}

impl<T, E> Future for ForeignFuture<T, E> {
    type Output = Result<T, CallbackError<E>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match ready!(Pin::new(&mut self.called).poll(cx))? {
            ForeignOutcome::Answered(answered) => answered.claim().map_err(CallbackError::Rejected),
            ForeignOutcome::Panicked(message) => Err(CallbackError::Panicked(message)),
            ForeignOutcome::Resume(payload) => resume_unwind(payload),
        })
    }
}

impl<T, E> fmt::Debug for ForeignFuture<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ForeignFuture")
            .field("called", &self.called)
            .field("destroyed", &self.destroyed)
            .finish()
    }
}
