//! Promises, for code that is written in their style.
//!
//! A [`Promise<T, E>`](Promise) settles once, with a value or an error. It is cloneable. Any number of consumers may
//! use it, on any thread, before or after it settles: tasks that `.await` it, and handlers.
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
//! In new code an `async` block is nearly always better: it borrows, needs neither `Clone` nor `'static`, and `?` does
//! what `then` and `catch` do. [`from_javascript`] translates each function of Q, bluebird and node.
//!
//! # When handlers run
//!
//! Promises derived from one another form a chain. Like a future, a chain does nothing until it is polled. Its handlers
//! run
//!
//! - in any task that awaits a promise of the chain;
//! - or in a task of their own, if the chain was spawned by [`spawn`](Promise::spawn) or [`run_on`](Promise::run_on).
//!
//! They run in order of registration, each once, even if the promise that the registration returned is dropped. They
//! never run inside `then`, or inside the call that settles the promise. When all promises of a chain that was not
//! spawned are dropped, the chain is cancelled: its future and its handlers are dropped, and only the closures of
//! [`finally`](Promise::finally) run. The same happens when the task of a spawned chain is aborted. Otherwise a spawned
//! chain runs to its end.
//!
//! Awaiting tasks do not depend on each other. The promise itself wakes each one, whatever other tasks and threads do:
//! look at it, await it and give up, derive from it, or drop it.
//!
//! # Errors
//!
//! A rejection with an `E` calls `catch` with that `E`, so no type needs a conversion. A promise can also fail in ways
//! that `E` does not know: a handler panics, or the resolver is dropped unused. So `.await` returns what the future of
//! a callback returns, a `Result` with a [`CallbackError<E>`](crate::CallbackError). Failures other than an `E` pass all error
//! handlers, as a panic passes `or_else`. [`settled`](Promise::settled) turns them into values.
//!
//! | event | the promise ends as |
//! | --- | --- |
//! | `reject(error)`, an `Err` of a future or of a handler that may return one | `Rejected(error)` |
//! | the resolver, or both `resolve` and `reject`, dropped unused, or the task of a spawned chain aborted | `Dropped` |
//! | a panic in the closure of [`new`](Promise::new) that has not settled it, in a future, in a handler, in `finally` | `Panicked(message)` |
//!
//! With the feature `tracing`, an unobserved rejection is a warning that says where the promise was created. A
//! rejection is unobserved if no one awaited the promise, registered a handler or asked for its state. `Dropped` and
//! `Cancelled` are not reported.
//!
//! # Bounds
//!
//! `T` and `E` are `Clone` because a promise has many consumers, and `Send + Sync + 'static` because it may be awaited
//! on any thread. Handlers are `Send + 'static`. Put a type that is not `Clone`, such as `io::Error`, in an `Arc`. To
//! borrow, use an `async` block.
//!
//! # Cost
//!
//! Linear in promises and in consumers. No call recurses with the length of a chain, neither to run nor to drop it.
//! From registration to drop, a `then` takes two allocations, an `and_then` five, and an `.await` one. Promises *of
//! different chains* that wait for one another, such as handlers that return promises whose handlers return promises,
//! are polled inside one another like `async` functions. Use a loop in an `async` block for these.
//!
//! Each change of a chain that was not spawned wakes every task that awaits one of its promises, because any of them
//! may have to run a handler. With many of them, spawn the chain.
//!
//! A handler that captures a promise of its own chain keeps the chain alive until the handler is called and, if it
//! returns that promise, until that settles.

mod chain;
mod combinators;
mod create;
mod derive;
mod driver;
mod finally;
#[doc = include_str!("promise/from_javascript.md")]
pub mod from_javascript {}
mod future;
mod handle;
mod handlers;
#[cfg(all(test, loom))]
mod model;
mod node;
mod report;
mod settle;
mod thenable;
mod time;

pub use create::{Reject, Resolve};
pub use driver::Driver;
pub use future::PromiseFuture;
pub use handle::{Promise, State};
pub use thenable::Thenable;
