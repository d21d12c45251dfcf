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
