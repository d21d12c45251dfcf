//! Callback code as plain futures, for use with [`conjoin::auto!`](https://docs.rs/conjoin) and whatever else takes
//! futures.
//!
//! Somebody who wraps a callback API by hand makes a oneshot channel, and gets one of these wrong: the callback that is
//! never called, and hangs whoever waits; the one that is called twice; the future that is dropped while the operation
//! goes on. [`from_callback`] is that channel, with all of them settled. [`Promisify`] makes a function that returns a future
//! of one that takes a callback; [`IntoCallback`] is the way back, for callers who want one.
//!
//! ```
//! use conjoin::auto;
//! use conjoin_adapters::{CallbackError, from_callback};
//!
//! /// Calls one of the two back, at some time, on some thread.
//! fn load(key: &'static str, on_success: impl FnOnce(u32) + Send + 'static, on_error: impl FnOnce(String) + Send + 'static) {
//!     std::thread::spawn(move || if key.is_empty() { on_error("no key".into()) } else { on_success(7) });
//! }
//!
//! # futures::executor::block_on(async {
//! let sum = auto! {
//!     width => from_callback(|done| { let (ok, err) = done.pair(); load("width", ok, err) }).await?,
//!     height => from_callback(|done| { let (ok, err) = done.pair(); load("height", ok, err) }).await?,
//!     => width * height,
//! }.await?;
//! assert_eq!(sum, 49);
//! # Ok::<_, CallbackError<String>>(()) }).unwrap();
//! ```
//!
//! Promises, event streams, queues, brokers and clusters are to come.

pub mod callback;
#[cfg(feature = "events")]
pub mod events;
#[cfg(feature = "ffi")]
pub mod ffi;
mod panic;
#[cfg(feature = "promise")]
pub mod promise;
mod span;
mod sync;

pub use callback::{
    Aborted, CallbackError, CallbackFuture, IntoCallback, LocalCallbackFuture, LocalResolver, Promisify, Resolver,
    from_callback, from_local_callback,
};
#[cfg(feature = "events")]
pub use events::{BoxError, EmitError, Emitter, Events, Policy, events, try_events};
#[cfg(feature = "promise")]
pub use promise::Promise;
