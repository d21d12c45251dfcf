//! Promises, for code that is written in their style.
//!
//! A [`Promise<T, E>`](Promise) settles once, with a value or an error. It can be cloned, and can have any number of
//! consumers, from any thread, before it settles or after: tasks that `.await` it, and handlers.
//!
//! ```
//! use conjoin_adapters::promise::Promise;
//!
//! # futures::executor::block_on(async {
//! let (user, resolver) = Promise::<&str, String>::deferred();
//! let greeting = user.then(|name| format!("hello {name}")).catch(|error| format!("who? {error}"));
//! let length = user.then(str::len);
//!
//! resolver.resolve("ann").unwrap();
//! assert_eq!(greeting.await.unwrap(), "hello ann");
//! assert_eq!(length.await.unwrap(), 3);
//! # });
//! ```
//!
//! In new code an `async` block is nearly always the better choice: it borrows, needs neither `Clone` nor `'static`,
//! and `?` does what `then` and `catch` do. [`from_javascript`] says what becomes of each function of Q, bluebird and
//! node.
//!
//! # When handlers run
//!
//! Promises that are derived from one another are a chain. A chain is one piece of asynchronous code: like any future, it
//! does nothing until it is polled. So its handlers run
//!
//! - while a task awaits a promise of the chain, any of them, in that task;
//! - or without that, in a task of their own, when the chain was spawned: by [`spawn`](Promise::spawn) or
//!   [`run_on`](Promise::run_on).
//!
//! They run in order of registration, each once, also when the promise that the registration returned has been
//! dropped. They never run inside `then` or inside the call that settles the promise. When all promises of a chain that
//! was not spawned are dropped, it is cancelled: its future and its handlers are dropped, and only the closures of
//! [`finally`](Promise::finally) are called. The same happens when the task of a spawned chain is aborted. Otherwise a
//! spawned chain runs to its end.
//!
//! The tasks that await do not depend on each other. Each is woken by the promise itself, whatever other tasks and threads
//! do: look at it, await it and give up, derive from it, or drop it.
//!
//! # Errors
//!
//! A promise that is rejected with an `E` calls `catch` with that `E`, and no type needs a conversion. But a promise
//! can also fail in ways of which `E` knows nothing: a handler panics, or the resolver is dropped unused, so that
//! nobody is left to bring a value. What `.await` gives is therefore the same as of a callback's future, a `Result` with a
//! [`CallbackError<E>`](CallbackError). The failures that are no `E` pass all handlers for errors, as a panic passes
//! `or_else`; [`settled`](Promise::settled) makes them values.
//!
//! | what | ends as |
//! | --- | --- |
//! | `reject(error)`, an `Err` of a future or of a handler that may return one | `Rejected(error)` |
//! | the resolver, or both `resolve` and `reject`, dropped unused; the task of a spawned chain aborted | `Dropped` |
//! | a panic in the closure of [`new`](Promise::new) that has not settled it, in a future, in a handler, in `finally` | `Panicked(message)` |
//!
//! With the feature `tracing`, a promise that is rejected and dropped without that anybody has awaited it, registered
//! a handler or asked for its state is reported as a warning that says where it was made. `Dropped` and `Cancelled`
//! are not reported.
//!
//! # Bounds
//!
//! `T` and `E` are `Clone` as there are many consumers, and `Send + Sync + 'static`, as are handlers (without the
//! `Sync`): a promise may be awaited, and its handlers run, on any thread. What is not `Clone`, such as `io::Error`,
//! goes into an `Arc`; what borrows is for `async` blocks.
//!
//! # Cost
//!
//! Linear in promises and in consumers; no call recurses with the length of a chain, neither when it runs nor when
//! it is dropped. A `then` costs some 1,500 instructions and two allocations from its registration to its drop, an
//! `and_then` 2,600 and five, an `.await` beside a thousand others 2,200 and one. But promises *of different chains* that wait for
//! one another, as by handlers that return promises whose handlers return promises, are polled inside one another like
//! `async` functions: loop in an `async` block instead.
//!
//! Each task that awaits a promise of a chain that was not spawned is woken whenever the chain has news, as any of them
//! may be the one to run a handler. Spawn the chain when they are many.
//!
//! A handler that has captured a promise of its own chain keeps the chain alive until the handler is called and, if it
//! returns that promise, until that settles.

// `node` is what a promise is, `chain` what runs handlers, `driver` until when. `derive` makes promises of promises; the
// other files are methods, and what they return or take.
mod chain;
mod combinators;
mod derive;
mod driver;
mod finally;
#[doc = include_str!("promise/from_javascript.md")]
pub mod from_javascript {}
mod future;
mod handlers;
#[cfg(all(test, loom))]
mod model;
mod node;
mod report;
mod thenable;
mod time;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

pub use driver::Driver;
pub use future::PromiseFuture;
pub use thenable::Thenable;

use driver::ChainHandle;
use node::{Node, PromiseResult};
use report::Origin;

use crate::{CallbackError, CallbackFuture, Resolver, from_callback};

/// What fulfils a promise. See [`Promise::new`].
pub type Resolve<T> = Box<dyn FnOnce(T) + Send>;

/// What rejects a promise. See [`Promise::new`].
pub type Reject<E> = Box<dyn FnOnce(E) + Send>;

/// A value, or an error, that will be there. See the [module](self).
#[must_use = "promises do nothing unless awaited or spawned"]
pub struct Promise<T, E> {
    node: Arc<Node<T, E>>,
    handle: Arc<ChainHandle>,
}

/// What is known of a promise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State<T, E> {
    /// It has not settled.
    Pending,
    /// It has this value.
    Fulfilled(T),
    /// It will have no value.
    Rejected(CallbackError<E>),
}

impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// Calls `f` at once with two callbacks, of which the first that is called settles the promise; another call does
    /// nothing. What `f` returns is dropped.
    ///
    /// A panic in `f` rejects the promise with [`Panicked`](CallbackError::Panicked), unless it has settled before:
    /// the same as in [`from_callback`], and as a `throw` in JavaScript. If both callbacks are dropped uncalled, it
    /// is rejected with [`Dropped`](CallbackError::Dropped).
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

    /// A promise and what settles it. If that is dropped unused, the promise is rejected with
    /// [`Dropped`](CallbackError::Dropped).
    ///
    /// As long as there is the promise, or a handler of it to be run, the resolver's `is_cancelled` is `false`.
    #[track_caller]
    pub fn deferred() -> (Self, Resolver<T, E>) {
        let (resolver, source) = CallbackFuture::open();
        (Promise::following(source), resolver)
    }

    /// One that has this value.
    #[track_caller]
    pub fn resolved(value: T) -> Self {
        Promise::settled_as(Ok(value))
    }

    /// One that is rejected with this error.
    #[track_caller]
    pub fn rejected(error: E) -> Self {
        Promise::settled_as(Err(CallbackError::Rejected(error)))
    }

    /// A promise of what the future brings, which is polled by who awaits, as part of the chain. A panic in it
    /// rejects the promise with [`Panicked`](CallbackError::Panicked).
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

    /// [`from_future`](Promise::from_future), and a tokio task that runs it, and the handlers that the promise gets.
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

    /// What is known now, without running anything. A promise that settles by a handler or a future does so only when
    /// the chain is run.
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
    fn from_outcome(outcome: impl Future<Output = PromiseResult<T, E>> + Send + 'static) -> Self {
        let handle = ChainHandle::new();
        let (node, settler) = Node::pending(Origin::here(), &handle.0);
        handle.0.push(derive::settle(settler, outcome));
        Promise { node, handle }
    }
}

impl<T, E> Promise<T, E> {
    /// Hands a future to `spawn`, such as `tokio::spawn`, that runs the whole chain, what is derived later included.
    /// What `spawn` returns is returned. For a chain that runs already, that future ends at once.
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
    /// A promise of what the callback brings.
    #[track_caller]
    fn from(future: CallbackFuture<T, E>) -> Self {
        Promise::from_outcome(future)
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
