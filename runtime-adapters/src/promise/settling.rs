//! Promises as futures.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::driver::Handle;
use super::node::Node;
use super::{Outcome, Promise};

/// The future of a promise's outcome, which `.await` makes of it.
///
/// While it waits it runs the handlers of the chain, unless that was spawned. Dropping it leaves the promise as it is:
/// cancel safe.
#[must_use = "futures do nothing unless polled"]
pub struct Settling<T, E> {
    outcome: Settled<T, E>,
    handle: Arc<Handle>,
    /// That of this task at the chain.
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
        // The handlers come first, since they may be what settles the promise. If it has settled, they are for other
        // tasks to run.
        if this.outcome.node.outcome().is_none() {
            this.handle.0.poll(&mut this.key, cx);
        }
        let outcome = ready!(Pin::new(&mut this.outcome).poll(cx));
        this.outcome.node.observe();
        Poll::Ready(outcome)
    }
}

impl<T, E> Drop for Settling<T, E> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.handle.0.leave(key);
        }
    }
}

impl<T, E> fmt::Debug for Settling<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Settling").field(&self.outcome.node).finish()
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
            outcome: Settled::new(self.node),
            handle: self.handle,
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

/// The outcome of a promise, for work of its own chain: it runs no handlers, and does not keep the chain.
pub(super) struct Settled<T, E> {
    node: Arc<Node<T, E>>,
    /// Where the node keeps the waker.
    key: Option<usize>,
}

impl<T, E> Settled<T, E> {
    pub(super) fn new(node: Arc<Node<T, E>>) -> Self {
        Settled { node, key: None }
    }
}

impl<T, E> Future for Settled<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    type Output = Outcome<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.node.poll(&mut this.key, cx)
    }
}

impl<T, E> Drop for Settled<T, E> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.node.leave(key);
        }
    }
}
