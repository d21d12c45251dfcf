//! Callbacks as futures, and futures as callbacks.
//!
//! [`from_callback`] makes a future of one call, [`Promisify`] turns functions that take a callback into functions that
//! return a future, and [`IntoCallback`] calls back with what a future brings. For callbacks that are called many times there
//! is [`events`](crate::events()), for those of C [`ffi`](crate::ffi), and the [`guide`](crate::guide) shows them at work.
//!
//! With the feature `tracing`, code that is called back ([`Resolver::on_cancel`], [`IntoCallback`]) runs in the span that was
//! current where it was registered; where there was none, in that of whoever calls.

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
