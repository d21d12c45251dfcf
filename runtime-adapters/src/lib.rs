//! Callback code as plain futures, for use with [`conjoin::auto!`](https://docs.rs/conjoin) and whatever else takes
//! futures.
//!
//! Somebody who wraps a callback API by hand makes a oneshot channel, and gets one of these wrong: the callback that is
//! never called, and hangs whoever waits; the one that is called twice; the future that is dropped while the operation
//! goes on. [`from_callback`] is that channel, with all of them settled. [`Promisify`] turns functions that take a
//! callback into functions that return a future; [`IntoCallback`] is the way back. For what calls back many times there
//! is [`events`](events()), for C [`ffi`], and for code in the style of JavaScript [`promise`].
//!
//! ```
//! use conjoin::auto;
//! use conjoin_adapters::{CallbackError, from_callback};
//!
//! /// Calls one of the two back, at some time, on some thread.
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
//!
//! The [`guide`] rewrites one handler step by step, from nested callbacks to this.
//!
//! # Work beyond one task
//!
//! Everything here has the same shape: a call returns a future, which ends with an error that says why when nothing
//! else is to come.
//!
//! | module | for | feature |
//! | --- | --- | --- |
//! | `queue` | so much work at a time, the rest in line or by priority | `queue`, a default one |
//! | `compute` | work on other threads | `compute` |
//! | `around` | timeouts, metrics, permits and fakes around the tasks of a graph | `around` |
//! | `batch` | loads of single keys, answered by one query for many | `batch` |
//! | `broker` | requests that are answered in this process, | `broker` |
//! | | in child processes of it, | `workers` |
//! | | or on other machines | `broker` and `nats` |
//! | `cluster` | several processes that serve from one listener | `cluster` |
//! | `bus` | events for whoever is in a room, in this process, | `bus` |
//! | | or on other machines | `bus` and `nats` |
//! | `waterfall` | pictures of how graphs ran | `waterfall` |

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
#[cfg_attr(not(unix), allow(dead_code, reason = "nothing can be run"))]
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
#[allow(
    dead_code,
    reason = "each of its two users leaves something to the other"
)]
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
