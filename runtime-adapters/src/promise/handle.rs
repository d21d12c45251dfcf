//! The handle of a promise, and its state.

use std::fmt;
use std::sync::Arc;

use super::driver::ChainHandle;
use super::node::Node;
use crate::callback::CallbackError;

/// A value or an error that comes later. See the [module](super).
#[must_use = "promises do nothing unless awaited or spawned"]
pub struct Promise<T, E> {
    pub(super) node: Arc<Node<T, E>>,
    pub(super) handle: Arc<ChainHandle>,
}

/// The state of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State<T, E> {
    /// Not settled yet.
    Pending,
    /// Settled with this value.
    Fulfilled(T),
    /// Settled with this error.
    Rejected(CallbackError<E>),
}

impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// The state now. It runs nothing: a promise that settles by a handler or a future does so only while its chain
    /// runs.
    ///
    /// ```
    /// # use conjoin_adapters::promise::{Promise, State};
    /// let (promise, resolver) = Promise::<_, String>::deferred();
    /// assert_eq!(promise.state(), State::Pending);
    /// resolver.resolve(42).unwrap();
    /// assert_eq!(promise.state(), State::Fulfilled(42));
    /// ```
    #[must_use]
    pub fn state(&self) -> State<T, E> {
        let Some(outcome) = self.node.outcome() else {
            return State::Pending;
        };
        self.node.observe();
        match outcome.clone() {
            Ok(value) => State::Fulfilled(value),
            Err(error) => State::Rejected(error),
        }
    }
}

impl<T, E> Clone for Promise<T, E> {
    fn clone(&self) -> Self {
        Promise {
            node: Arc::clone(&self.node),
            handle: Arc::clone(&self.handle),
        }
    }
}

impl<T, E> fmt::Debug for Promise<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}
