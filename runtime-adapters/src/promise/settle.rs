//! Settles promises by futures, with panics as rejections.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::future::FutureExt;

use super::chain::ChainFuture;
use super::node::{NodeSettler, PromiseResult};
use crate::callback::CallbackError;
use crate::panic::{forget, message};

pub(super) fn caught<R, F>(f: impl FnOnce() -> R) -> Result<R, CallbackError<F>> {
    catch_unwind(AssertUnwindSafe(f)).map_err(panicked)
}

fn panicked<E>(payload: Box<dyn Any + Send>) -> CallbackError<E> {
    let message = message(&*payload);
    forget(payload);
    CallbackError::Panicked(message)
}

/// Settles a promise with the output of a future.
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
