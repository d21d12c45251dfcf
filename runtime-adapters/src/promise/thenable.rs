//! The return types of asynchronous handlers.

use std::future::{Future, IntoFuture};
use std::sync::Arc;

use super::handle::Promise;
use super::node::PromiseResult;
use crate::callback::CallbackError;

/// The return type of the closures of [`and_then`](Promise::and_then) and [`or_else`](Promise::or_else): a future of a
/// `Result<T, E>`, such as an `async` block, or a `Promise<T, E>`, whose outcome is adopted unchanged.
pub trait Thenable<T, E>: Send + 'static {
    /// The future of the outcome.
    fn outcome(self) -> impl Future<Output = Result<T, CallbackError<E>>> + Send + 'static;

    /// Tells promises apart.
    #[doc(hidden)]
    fn address(&self) -> Option<usize> {
        None
    }
}

impl<T, E, F> Thenable<T, E> for F
where
    F: Future<Output = Result<T, E>> + Send + 'static,
    T: 'static,
    E: 'static,
{
    async fn outcome(self) -> PromiseResult<T, E> {
        self.await.map_err(CallbackError::Rejected)
    }
}

impl<T, E> Thenable<T, E> for Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    fn outcome(self) -> impl Future<Output = PromiseResult<T, E>> + Send + 'static {
        self.into_future()
    }

    fn address(&self) -> Option<usize> {
        Some(Arc::as_ptr(&self.node).addr())
    }
}
