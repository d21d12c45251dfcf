//! Creates promises.

use std::future::Future;

use super::driver::{ChainHandle, Driver};
use super::handle::Promise;
use super::node::{Node, PromiseResult};
use super::report::Origin;
use super::settle::settle;
use crate::callback::{CallbackError, CallbackFuture, Resolver, from_callback};

/// Fulfils a promise. See [`Promise::new`].
pub type Resolve<T> = Box<dyn FnOnce(T) + Send>;

/// Rejects a promise. See [`Promise::new`].
pub type Reject<E> = Box<dyn FnOnce(E) + Send>;

impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// Calls `f` at once with two callbacks. The first call settles the promise; later ones are ignored. The return
    /// value of `f` is dropped.
    ///
    /// A panic in `f` rejects the promise with [`Panicked`](CallbackError::Panicked), unless it has settled, as in
    /// [`from_callback`] and as a `throw` in JavaScript. If both callbacks are dropped uncalled, it is rejected with
    /// [`Dropped`](CallbackError::Dropped).
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let answer = Promise::<_, String>::new(|resolve, reject| {
    ///     std::thread::spawn(move || match "42".parse() {
    ///         Ok(number) => resolve(number),
    ///         Err(_) => reject("no number".to_owned()),
    ///     });
    /// });
    /// assert_eq!(answer.await, Ok(42));
    /// # });
    /// ```
    #[track_caller]
    pub fn new<R>(f: impl FnOnce(Resolve<T>, Reject<E>) -> R) -> Self {
        Promise::following(from_callback(|resolver| {
            let (resolve, reject) = resolver.pair();
            f(Box::new(resolve), Box::new(reject))
        }))
    }

    /// A promise and its resolver. Dropping the resolver unused rejects the promise with
    /// [`Dropped`](CallbackError::Dropped).
    ///
    /// The resolver's `is_cancelled` is `false` while the promise exists, or a handler of it still has to run.
    #[track_caller]
    pub fn deferred() -> (Self, Resolver<T, E>) {
        let (resolver, source) = CallbackFuture::open();
        (Promise::following(source), resolver)
    }

    /// A promise fulfilled with this value.
    #[track_caller]
    pub fn resolved(value: T) -> Self {
        Promise::settled_as(Ok(value))
    }

    /// A promise rejected with this error.
    #[track_caller]
    pub fn rejected(error: E) -> Self {
        Promise::settled_as(Err(CallbackError::Rejected(error)))
    }

    /// A promise of the future's output. Awaiting tasks poll the future, as part of the chain. A panic in it rejects
    /// the promise with [`Panicked`](CallbackError::Panicked).
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let number = Promise::from_future(async { "42".parse::<u32>() });
    /// assert_eq!(number.then(|number| number + 1).await, Ok(43));
    /// assert_eq!(number.await, Ok(42));
    /// # });
    /// ```
    #[track_caller]
    pub fn from_future(future: impl Future<Output = Result<T, E>> + Send + 'static) -> Self {
        Promise::from_outcome(async { future.await.map_err(CallbackError::Rejected) })
    }

    /// [`from_future`](Promise::from_future), with a tokio task that runs the future and all handlers of the promise.
    ///
    /// # Panics
    ///
    /// When it is called outside of a tokio runtime.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (sent, received) = tokio::sync::oneshot::channel();
    /// let _ = Promise::spawn(async { Ok::<_, String>(42) }).then(|number| sent.send(number).unwrap());
    /// assert_eq!(received.await, Ok(42));
    /// # }
    /// ```
    #[track_caller]
    pub fn spawn(future: impl Future<Output = Result<T, E>> + Send + 'static) -> Self {
        let promise = Promise::from_future(future);
        promise.run_on(tokio::spawn);
        promise
    }

    #[track_caller]
    fn settled_as(outcome: PromiseResult<T, E>) -> Self {
        let handle = ChainHandle::new();
        let node = Node::settled(outcome, Origin::here(), &handle.0);
        Promise { node, handle }
    }

    #[track_caller]
    fn following(source: CallbackFuture<T, E>) -> Self {
        let handle = ChainHandle::new();
        let node = Node::following(source, Origin::here(), &handle.0);
        Promise { node, handle }
    }

    #[track_caller]
    pub(super) fn from_outcome(
        outcome: impl Future<Output = PromiseResult<T, E>> + Send + 'static,
    ) -> Self {
        let handle = ChainHandle::new();
        let (node, settler) = Node::pending(Origin::here(), &handle.0);
        handle.0.push(settle(settler, outcome));
        Promise { node, handle }
    }
}

impl<T, E> Promise<T, E> {
    /// Runs the whole chain with `spawn`, such as `tokio::spawn`, including what is derived later. Returns what `spawn`
    /// returns. If the chain is spawned already, the future ends at once.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// let (promise, resolver) = Promise::<_, String>::deferred();
    /// let (sent, received) = std::sync::mpsc::channel();
    /// let thread = promise.run_on(|chain| std::thread::spawn(|| futures::executor::block_on(chain)));
    /// let _ = promise.then(move |number| sent.send(number).unwrap());
    /// resolver.resolve(42).unwrap();
    /// assert_eq!(received.recv(), Ok(42));
    ///
    /// drop(promise);
    /// thread.join().unwrap();
    /// ```
    pub fn run_on<S>(&self, spawn: impl FnOnce(Driver) -> S) -> S {
        spawn(Driver::new(&self.handle))
    }
}

impl<T, E> From<CallbackFuture<T, E>> for Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// A promise of the callback's value.
    #[track_caller]
    fn from(future: CallbackFuture<T, E>) -> Self {
        Promise::from_outcome(future)
    }
}
