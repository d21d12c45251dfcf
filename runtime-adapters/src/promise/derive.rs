//! How one promise is derived from another: what all handlers have in common.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use futures_util::future::FutureExt;

use super::chain::ChainFuture;
use super::node::{Node, NodeSettler};
use super::report::Origin;
use super::{Promise, PromiseResult, Thenable};
use crate::CallbackError;
use crate::panic::{forget, message};
use crate::span::CapturedSpan;

impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// `f` makes the outcome of the new promise.
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

    /// `f` says with what to continue, or what the outcome is.
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
        // As long as there is a reference, no other promise can have its address.
        let itself = Arc::downgrade(&promise.node);
        let reaction = move |outcome: &PromiseResult<T, E>| {
            let next = || match f(outcome.clone()) {
                Ok(next) if next.address() == Some(itself.as_ptr().addr()) => {
                    let message = "a handler returned the promise that it was to settle";
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

    /// One of the same chain.
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

fn caught<R, F>(f: impl FnOnce() -> R) -> Result<R, CallbackError<F>> {
    catch_unwind(AssertUnwindSafe(f)).map_err(panicked)
}

fn panicked<E>(payload: Box<dyn Any + Send>) -> CallbackError<E> {
    let message = message(&*payload);
    forget(payload);
    CallbackError::Panicked(message)
}

/// The work that settles a promise with what the future brings.
pub(super) fn settle<T, E>(
    settler: NodeSettler<T, E>,
    outcome: impl Future<Output = PromiseResult<T, E>> + Send + 'static,
) -> ChainFuture
where
    T: Send + Sync + 'static,
    E: Send + Sync + 'static,
{
    Box::pin(async move {
        let outcome = AssertUnwindSafe(outcome).catch_unwind().await;
        settler.settle(outcome.unwrap_or_else(|payload| Err(panicked(payload))));
    })
}
