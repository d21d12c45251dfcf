//! Promises as futures.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::driver::ChainHandle;
use super::handle::Promise;
use super::node::{Node, PromiseResult};

/// The future of a promise's outcome, which `.await` makes of it.
///
/// While it waits it runs the handlers of the chain, unless that was spawned. Dropping it leaves the promise as it is:
/// cancel safe.
#[must_use = "futures do nothing unless polled"]
pub struct PromiseFuture<T, E> {
    outcome: OutcomeFuture<T, E>,
    handle: Arc<ChainHandle>,
    /// That of this task at the chain.
    key: Option<usize>,
}

impl<T, E> Future for PromiseFuture<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    type Output = PromiseResult<T, E>;

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

impl<T, E> Drop for PromiseFuture<T, E> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.handle.0.leave(key);
        }
    }
}

impl<T, E> fmt::Debug for PromiseFuture<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PromiseFuture")
            .field(&self.outcome.node)
            .finish()
    }
}

impl<T, E> IntoFuture for Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    type Output = PromiseResult<T, E>;
    type IntoFuture = PromiseFuture<T, E>;

    fn into_future(self) -> PromiseFuture<T, E> {
        PromiseFuture {
            outcome: OutcomeFuture::new(self.node),
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
    type Output = PromiseResult<T, E>;
    type IntoFuture = PromiseFuture<T, E>;

    fn into_future(self) -> PromiseFuture<T, E> {
        self.clone().into_future()
    }
}

/// The outcome of a promise, for work of its own chain: it runs no handlers, and does not keep the chain.
pub(super) struct OutcomeFuture<T, E> {
    node: Arc<Node<T, E>>,
    /// Where the node keeps the waker.
    key: Option<usize>,
}

impl<T, E> OutcomeFuture<T, E> {
    pub(super) fn new(node: Arc<Node<T, E>>) -> Self {
        OutcomeFuture { node, key: None }
    }
}

impl<T, E> Future for OutcomeFuture<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    type Output = PromiseResult<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        this.node.poll(&mut this.key, cx)
    }
}

impl<T, E> Drop for OutcomeFuture<T, E> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.node.leave(key);
        }
    }
}
