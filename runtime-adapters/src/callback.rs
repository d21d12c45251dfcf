//! Callbacks as futures, and futures as callbacks.
//!
//! [`from_callback`] turns one call into a future. [`Promisify`] turns functions that take a callback into functions
//! that return a future. [`IntoCallback`] passes the output of a future to a callback. For callbacks that are called
//! many times, see [`events`](crate::events()); for C, [`ffi`](crate::ffi). The [`guide`](crate::guide) shows them at
//! work.
//!
//! With the feature `tracing`, hooks and callbacks ([`Resolver::on_cancel`], [`IntoCallback`]) run in the span that was
//! current when they were registered or, if there was none, in the caller's.

mod cell;
mod error;
mod from_callback;
mod future;
mod into_callback;
mod promisify;
mod resolver;

pub use error::CallbackError;
pub use from_callback::{from_callback, from_local_callback};
pub use future::{CallbackFuture, LocalCallbackFuture};
pub use into_callback::{Aborted, CallbackTask, IntoCallback};
pub use promisify::Promisify;
pub use resolver::{LocalResolver, Resolver};
