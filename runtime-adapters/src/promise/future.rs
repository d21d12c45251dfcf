//! Promises as futures.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::driver::ChainHandle;
use super::handle::Promise;
use super::node::{Node, PromiseResult};

/// The future of a promise's outcome, from `.await`.
///
/// While it waits, it runs the handlers of the chain, unless the chain was spawned. Dropping it leaves the promise
/// unchanged: it is cancel safe.
#[must_use = "futures do nothing unless polled"]
pub struct PromiseFuture<T, E> {
    outcome: OutcomeFuture<T, E>,
    handle: Arc<ChainHandle>,
    /// This task's key in the chain.
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
        // Handlers first, because they may settle the promise. If it has settled, other tasks run them.
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

/// The outcome of a promise for futures of its own chain. It runs no handlers, and does not keep the chain.
pub(super) struct OutcomeFuture<T, E> {
    node: Arc<Node<T, E>>,
    /// The key of its waker in the node.
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
