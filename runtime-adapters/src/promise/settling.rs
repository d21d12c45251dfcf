//! Promises as futures.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::future::Shared;

use super::{Outcome, Promise};
use crate::callback::CallbackFuture;

/// The future of a promise's outcome, which `.await` makes of it.
///
/// While it waits it runs the handlers of the chain, unless that was spawned. Dropping it leaves the promise as it is:
/// cancel safe.
///
/// # Panics
///
/// When it is polled after it has ended.
#[must_use = "futures do nothing unless polled"]
pub struct Settling<T, E> {
    promise: Promise<T, E>,
    outcome: Shared<CallbackFuture<T, E>>,
    key: Option<usize>,
}

impl<T, E> Future for Settling<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    type Output = Outcome<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        // The handlers come first, since they may be what settles the promise. If it has settled, they are for others
        // to run.
        if this.outcome.peek().is_none() {
            this.promise.handle.0.poll(&mut this.key, cx);
        }
        let outcome = ready!(Pin::new(&mut this.outcome).poll(cx));
        this.promise.node.observe();
        Poll::Ready(outcome)
    }
}

impl<T, E> Drop for Settling<T, E> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.promise.handle.0.leave(key);
        }
    }
}

impl<T, E> fmt::Debug for Settling<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Settling").field(&self.promise).finish()
    }
}

impl<T, E> IntoFuture for Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    type Output = Outcome<T, E>;
    type IntoFuture = Settling<T, E>;

    fn into_future(self) -> Settling<T, E> {
        Settling {
            outcome: self.node.outcome.clone(),
            promise: self,
            key: None,
        }
    }
}

impl<T, E> IntoFuture for &Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    type Output = Outcome<T, E>;
    type IntoFuture = Settling<T, E>;

    fn into_future(self) -> Settling<T, E> {
        self.clone().into_future()
    }
}
