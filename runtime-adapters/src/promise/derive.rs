//! Derives one promise from another: what all handlers share.

use std::sync::Arc;

use super::handle::Promise;
use super::node::{Node, NodeSettler, PromiseResult};
use super::report::Origin;
use super::settle::{caught, settle};
use super::thenable::Thenable;
use crate::callback::CallbackError;
use crate::span::CapturedSpan;

impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// `f` returns the outcome of the new promise.
    #[track_caller]
    pub(super) fn on_outcome<U, F>(
        &self,
        f: impl FnOnce(PromiseResult<T, E>) -> PromiseResult<U, F> + Send + 'static,
    ) -> Promise<U, F>
    where
        U: Clone + Send + Sync + 'static,
        F: Clone + Send + Sync + 'static,
    {
        let here = CapturedSpan::current();
        let (promise, settler) = self.derived(Origin::here());
        let reaction = move |outcome: &PromiseResult<T, E>| {
            let outcome = here.run(|| caught(|| f(outcome.clone())));
            settler.settle(outcome.unwrap_or_else(Err));
            None
        };
        self.node.add(Box::new(reaction));
        promise
    }

    /// `f` returns what to continue with, or the outcome.
    #[track_caller]
    pub(super) fn on_outcome_async<U, F, P>(
        &self,
        f: impl FnOnce(PromiseResult<T, E>) -> Result<P, PromiseResult<U, F>> + Send + 'static,
    ) -> Promise<U, F>
    where
        U: Clone + Send + Sync + 'static,
        F: Clone + Send + Sync + 'static,
        P: Thenable<U, F>,
    {
        let here = CapturedSpan::current();
        let (promise, settler) = self.derived(Origin::here());
        // While this reference exists, no other promise has the same address.
        let itself = Arc::downgrade(&promise.node);
        let reaction = move |outcome: &PromiseResult<T, E>| {
            let next = || match f(outcome.clone()) {
                Ok(next) if next.address() == Some(itself.as_ptr().addr()) => {
                    let message = "a handler returned the promise that it settles; help: return another promise or a future";
                    Err(Err(CallbackError::Panicked(message.to_owned())))
                }
                Ok(next) => Ok(next.outcome()),
                Err(outcome) => Err(outcome),
            };
            match here.run(|| caught(next)) {
                Ok(Ok(next)) => return Some(settle(settler, here.around(next))),
                Ok(Err(outcome)) => settler.settle(outcome),
                Err(panicked) => settler.settle(Err(panicked)),
            }
            None
        };
        self.node.add(Box::new(reaction));
        promise
    }

    /// A promise of the same chain.
    pub(super) fn derived<U, F>(&self, origin: Origin) -> (Promise<U, F>, NodeSettler<U, F>)
    where
        U: Clone + Send + Sync + 'static,
        F: Clone + Send + Sync + 'static,
    {
        let (node, settler) = Node::pending(origin, &self.handle.0);
        let handle = Arc::clone(&self.handle);
        (Promise { node, handle }, settler)
    }
}
