//! Combines promises.

use std::convert::Infallible;
use std::future::IntoFuture;

use futures_util::future::{join_all, try_join, try_join_all};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::handle::Promise;
use crate::callback::CallbackError;

/// Combinations of promises. The new promise has a chain of its own, and awaiting it runs the chains of all. A promise
/// that is no longer needed continues if it was spawned, or if another task awaits it.
impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// A promise of all values in order, or of the first error. Without promises, it has no values.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let both = Promise::<_, String>::all([Promise::resolved(1), Promise::resolved(2)]);
    /// assert_eq!(both.await, Ok(vec![1, 2]));
    /// # });
    /// ```
    ///
    /// For promises of different types use [`zip`](Promise::zip). For many of them, and for named results, use
    /// [`auto!`](https://docs.rs/conjoin).
    #[track_caller]
    pub fn all(promises: impl IntoIterator<Item = Self>) -> Promise<Vec<T>, E> {
        Promise::from_outcome(try_join_all(
            promises.into_iter().map(IntoFuture::into_future),
        ))
    }

    /// A promise of both values, or of the first error.
    ///
    /// It is better than handlers of this promise that wait for the other: a handler that captures a promise of its own
    /// chain keeps the chain alive until its end.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let user = Promise::<_, String>::resolved("ann");
    /// let length = user.then(str::len);
    /// let text = user.zip(&length).spread(|user, length| format!("{user}: {length}"));
    /// assert_eq!(text.await, Ok("ann: 3".to_owned()));
    /// # });
    /// ```
    #[track_caller]
    pub fn zip<U: Clone + Send + Sync + 'static>(
        &self,
        other: &Promise<U, E>,
    ) -> Promise<(T, U), E> {
        Promise::from_outcome(try_join(self.into_future(), other.into_future()))
    }

    /// A promise of all outcomes, in order.
    ///
    /// ```
    /// # use conjoin_adapters::{CallbackError, promise::Promise};
    /// # futures::executor::block_on(async {
    /// let both = Promise::all_settled([Promise::resolved(1), Promise::rejected("no")]);
    /// assert_eq!(both.await.unwrap(), [Ok(1), Err(CallbackError::Rejected("no"))]);
    /// # });
    /// ```
    #[track_caller]
    pub fn all_settled(
        promises: impl IntoIterator<Item = Self>,
    ) -> Promise<Vec<Result<T, CallbackError<E>>>, Infallible> {
        let outcomes = join_all(promises.into_iter().map(IntoFuture::into_future));
        Promise::from_outcome(async { Ok(outcomes.await) })
    }

    /// A promise of the first value or, if all promises fail, of all errors in order. Without promises, it has no errors.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let first = Promise::any([Promise::rejected("no"), Promise::resolved(2)]);
    /// assert_eq!(first.await, Ok(2));
    /// # });
    /// ```
    #[track_caller]
    pub fn any(promises: impl IntoIterator<Item = Self>) -> Promise<T, Vec<CallbackError<E>>> {
        let numbered = |(at, promise): (usize, Self)| async move { (at, promise.await) };
        let mut outcomes: FuturesUnordered<_> =
            promises.into_iter().enumerate().map(numbered).collect();
        Promise::from_outcome(async move {
            let mut errors = Vec::with_capacity(outcomes.len());
            while let Some((at, outcome)) = outcomes.next().await {
                match outcome {
                    Ok(value) => return Ok(value),
                    Err(error) => errors.push((at, error)),
                }
            }
            errors.sort_unstable_by_key(|&(at, _)| at);
            Err(CallbackError::Rejected(
                errors.into_iter().map(|(_, error)| error).collect(),
            ))
        })
    }

    /// A promise of the first outcome, a value or an error. Without promises, it is rejected with
    /// [`Dropped`](CallbackError::Dropped), where JavaScript waits forever.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let (pending, _resolver) = Promise::<_, String>::deferred();
    /// assert_eq!(Promise::race([pending, Promise::resolved(2)]).await, Ok(2));
    /// # });
    /// ```
    #[track_caller]
    pub fn race(promises: impl IntoIterator<Item = Self>) -> Self {
        let mut outcomes: FuturesUnordered<_> =
            promises.into_iter().map(IntoFuture::into_future).collect();
        Promise::from_outcome(async move {
            outcomes.next().await.unwrap_or(Err(CallbackError::Dropped))
        })
    }
}
