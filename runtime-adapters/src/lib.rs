//! Adapters that turn callbacks, promises, C functions, queues and remote calls into plain futures.
//!
//! Use them with [`conjoin::auto!`](https://docs.rs/conjoin), `select!`, or anything else that takes futures.
//!
//! # Which module
//!
//! Each call returns a future. If no value will come, the future fails with an error that says why.
//!
//! | you have | use | feature |
//! | --- | --- | --- |
//! | a function that calls back once | [`from_callback`], [`Promisify`]: module [`callback`] | always on |
//! | a future, and a caller that wants a callback | [`IntoCallback`]: module [`callback`] | always on |
//! | a source that calls back many times | `events`, a `Stream` with a policy for slow receivers | `events`, on by default |
//! | code with `then` and `catch` | `promise` | `promise`, on by default |
//! | a C library that takes a function pointer | `ffi` | `ffi`, on by default |
//! | more work than may run at once | `queue`: bounded concurrency, first in first out or by priority | `queue`, on by default |
//! | code that computes or blocks | `compute`: other threads | `compute` |
//! | loads of single keys (the N+1 problem) | `batch`: one query for many keys | `batch` |
//! | timeouts, metrics, permits or fakes for each task of a graph | `around` | `around` |
//! | requests to handlers in this process | `broker` | `broker` |
//! | … in child processes | `broker::Workers` | `workers` |
//! | … on other machines | `broker::Nats` | `broker` and `nats` |
//! | a server that survives crashes and reloads | `cluster`: pre-forked workers behind one listener | `cluster` |
//! | events for all clients in a room | `bus` | `bus` |
//! | … on other machines | `Bus::nats` | `bus` and `nats` |
//! | a graph that is slower than expected | `waterfall`: pictures of its runs | `waterfall` |
//!
//! The `guide` rewrites one handler step by step, from nested callbacks to `auto!`.
//!
//! # Why not a oneshot channel
//!
//! A callback API wrapped by hand in a channel usually gets one of these wrong: the callback that is never called, so the
//! caller hangs; the one that is called twice; the future that is dropped while the operation continues. [`from_callback`]
//! is that channel with all three handled.
//!
//! ```
//! use conjoin::auto;
//! use conjoin_adapters::{CallbackError, from_callback};
//!
//! /// Calls one of the two closures later, on another thread.
//! fn load<S, E>(key: &'static str, on_success: S, on_error: E)
//! where
//!     S: FnOnce(u32) + Send + 'static,
//!     E: FnOnce(String) + Send + 'static,
//! {
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

#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg(hide(loom))))]

#[cfg(feature = "around")]
pub mod around;
#[cfg(feature = "batch")]
pub mod batch;
#[cfg(feature = "broker")]
pub mod broker;
#[cfg(feature = "bus")]
pub mod bus;
pub mod callback;
// Under loom, tokio has neither sockets nor signals.
#[cfg(all(feature = "cluster", not(loom)))]
#[cfg_attr(not(unix), allow(dead_code, reason = "a cluster cannot run there"))]
pub mod cluster;
#[cfg(feature = "compute")]
pub mod compute;
#[cfg(feature = "events")]
pub mod events;
#[cfg(feature = "ffi")]
pub mod ffi;
#[cfg(all(feature = "events", feature = "ffi", feature = "promise"))]
pub mod guide;
#[cfg(all(any(feature = "broker", feature = "bus"), feature = "nats"))]
mod nats;
mod panic;
#[cfg(all(feature = "_process", not(loom)))]
#[allow(dead_code, reason = "its two users need different parts")]
mod process;
#[cfg(feature = "promise")]
pub mod promise;
#[cfg(feature = "queue")]
pub mod queue;
mod span;
mod sync;
#[cfg(all(feature = "waterfall", not(loom)))]
pub mod waterfall;

#[cfg(feature = "batch")]
pub use batch::{Batch, BatchError};
#[cfg(feature = "broker")]
pub use broker::{Broker, BrokerError};
#[cfg(feature = "bus")]
pub use bus::{Bus, BusError, Subscription};
pub use callback::{
    Aborted, CallbackError, CallbackFuture, IntoCallback, LocalCallbackFuture, LocalResolver,
    Promisify, Resolver, from_callback, from_local_callback,
};
#[cfg(all(feature = "cluster", not(loom)))]
pub use cluster::{Cluster, ClusterError};
#[cfg(feature = "compute")]
pub use compute::{ComputeError, blocking, cpu, spawn};
#[cfg(feature = "events")]
pub use events::{BoxError, EmitError, Emitter, Events, Policy, events, try_events};
#[cfg(feature = "promise")]
pub use promise::Promise;
#[cfg(feature = "queue")]
pub use queue::{PriorityQueue, Queue, QueueError};
#[cfg(all(feature = "waterfall", not(loom)))]
pub use waterfall::Waterfalls;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
