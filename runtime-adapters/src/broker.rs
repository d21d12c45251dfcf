//! Work that is done elsewhere: in this process, in child processes, or on other machines.
//!
//! A [`Request`] has a name, a response and an error; [`Handlers`] answer requests; a [`Broker`] brings the two
//! together. What calls it does not change with the place where the work is done:
//!
//! | engine | where the handlers run | what runs there | made by |
//! | --- | --- | --- | --- |
//! | in process | in the future that calls | nothing | [`Broker::in_process`] |
#![cfg_attr(
    all(unix, feature = "workers"),
    doc = "| workers | in child processes that run this same program | its child processes | [`Broker::workers`] |"
)]
#![cfg_attr(
    feature = "nats",
    doc = "| [NATS](self::nats) | wherever they are connected to the same server | `nats-server` | [`Broker::nats`] |"
)]
//!
//! ```
//! use conjoin::auto;
//! use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Request};
//! use serde::{Deserialize, Serialize};
//!
//! /// Asks for the number of words in a text.
//! #[derive(Clone, Serialize, Deserialize)]
//! struct CountWords {
//!     text: String,
//! }
//!
//! impl Request for CountWords {
//!     const NAME: &'static str = "count-words";
//!     type Response = usize;
//!     type Error = String;
//! }
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let handlers = Handlers::new().on::<CountWords>(async |request: CountWords| {
//!     if request.text.is_empty() { Err("no text".to_owned()) } else { Ok(request.text.split(' ').count()) }
//! });
//! let broker = Broker::in_process(handlers);
//!
//! let words = auto! {
//!     title => broker.call(&CountWords { text: "On graphs".into() }).await?,
//!     body => broker.call(&CountWords { text: "Each task starts as soon as it can.".into() }).await?,
//!     => title + body,
//! }.await?;
//! assert_eq!(words, 10);
//!
//! let nothing = broker.call(&CountWords { text: String::new() }).await;
//! assert_eq!(nothing, Err(BrokerError::Failed("no text".into())));
//! # Ok::<_, BrokerError<String>>(()) }).unwrap();
//! ```
//!
//! # Values
//!
//! A call carries the same values in each engine. Workers and NATS write requests, responses and errors as
//! [CBOR](https://www.rfc-editor.org/rfc/rfc8949), in an encoding that is exact for serde's data model: `Some(None)` and
//! `Some(())` arrive as what they are, so do NaN, maps with any keys and values of `untagged` and `flatten`. Bytes cost
//! one byte each. Fields are named, so two versions of a program understand each other where their types do. Values may
//! be nested 1,024 levels deep.
//!
//! What a type's own `Serialize` refuses or skips does not arrive: serde refuses a `Path` that is not UTF-8, for example
//! ([`Encode`](BrokerError::Encode)); an `OsString` arrives. `Workers::json` and `Nats::json` write JSON instead, for
//! people and other programs to read.
//!
//! Nothing waits for ever: each call has a deadline, of 30 seconds unless it is told otherwise, and every way to go
//! wrong is a [`BrokerError`] that says which one it was.

// What encodes is for engines elsewhere.
#![cfg_attr(
    not(any(feature = "nats", all(unix, feature = "workers"))),
    allow(dead_code)
)]

mod call;
mod delivery;
mod error;
mod handlers;
#[cfg(feature = "nats")]
pub mod nats;
mod payload;
mod request;
#[cfg(any(feature = "nats", all(unix, feature = "workers")))]
mod start_error;
mod wire;
#[cfg(all(unix, feature = "workers"))]
mod workers;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[cfg(all(unix, feature = "workers"))]
use futures_util::stream::{Stream, StreamExt, empty};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use call::Call;
pub use delivery::Delivery;
pub use error::BrokerError;
pub use handlers::{DeliveryHandler, Handler, Handlers};
#[cfg(feature = "nats")]
pub use nats::Nats;
pub use request::Request;
#[cfg(any(feature = "nats", all(unix, feature = "workers")))]
pub use start_error::StartError;
#[cfg(all(unix, feature = "workers"))]
pub use workers::{Workers, is_worker};

use self::payload::Format;
use self::wire::{EncodedAnswer, RequestMessage};
#[cfg(all(unix, feature = "workers"))]
pub use crate::process::{Backoff, WorkerState};

/// Time that a call has, unless it or its broker is told otherwise.
const DEADLINE: Duration = Duration::from_secs(30);

/// Time that calls under way have to end when the broker is shut down.
const GRACE: Duration = Duration::from_secs(10);

/// Has requests answered, by its engine. A clone is another handle of the same broker.
///
/// When the last handle is dropped, and the last call is over, the engine ends without grace;
/// [`shutdown`](Self::shutdown) lets it end in good order.
#[derive(Clone)]
pub struct Broker {
    inner: Arc<BrokerInner>,
    deadline: Duration,
}

/// What the handles of a broker share.
struct BrokerInner {
    engine: Engine,
    handlers: Handlers,
    /// A permit for each call that may be under way, and how many there are.
    permits: Arc<Semaphore>,
    most: u32,
    is_closing: AtomicBool,
    /// Ends the calls that are still under way when the broker is through with its grace.
    cut_off: CancellationToken,
}

/// Where requests are answered.
#[derive(Debug)]
enum Engine {
    InProcess,
    #[cfg(all(unix, feature = "workers"))]
    Workers(workers::WorkerPool),
    #[cfg(feature = "nats")]
    Nats(nats::NatsEngine),
}

impl Broker {
    /// A broker whose handlers run within the futures that call them: a call is a function call, nothing is spawned or
    /// encoded, and a call that is dropped drops its handler's future.
    ///
    /// What a request holds goes there as its clone, and not through serde: a field that is skipped on the wire is
    /// there.
    #[must_use]
    pub fn in_process(handlers: Handlers) -> Self {
        Broker::new(Engine::InProcess, handlers, u32::MAX)
    }

    /// A broker whose handlers run in `count` child processes, which run this same program. **In them this never
    /// returns**: they serve. See [`Workers`] for where to put it in `main`, and for what else can be chosen.
    ///
    /// # Errors
    ///
    /// When no worker has become ready.
    ///
    /// # Panics
    ///
    /// If there is to be no worker, or outside of a tokio runtime with I/O and time enabled.
    ///
    /// # Cancel safety
    ///
    /// Dropping it kills the workers.
    #[cfg(all(unix, feature = "workers"))]
    pub async fn workers(count: usize, handlers: Handlers) -> Result<Self, StartError> {
        Workers::new(count).start(handlers).await
    }

    /// At most `most` calls are under way at a time, further ones are refused.
    fn new(engine: Engine, handlers: Handlers, most: u32) -> Self {
        // A semaphore of 32 bits takes fewer.
        let most = u32::try_from(Semaphore::MAX_PERMITS).map_or(most, |limit| most.min(limit));
        let inner = BrokerInner {
            engine,
            handlers,
            permits: Arc::new(Semaphore::new(most as usize)),
            most,
            is_closing: AtomicBool::new(false),
            cut_off: CancellationToken::new(),
        };
        Broker {
            inner: Arc::new(inner),
            deadline: DEADLINE,
        }
    }

    /// This handle with another time for its calls, and those of its clones, to be answered in: 30 seconds at first. A
    /// call may have [its own](Call::deadline). `Duration::MAX` is no deadline.
    #[must_use]
    pub fn deadline(mut self, time: Duration) -> Self {
        self.deadline = time;
        self
    }

    /// Asks for `request`, and resolves to the answer.
    ///
    /// # Errors
    ///
    /// [`Failed`](BrokerError::Failed) is the handler's own error. The others are those of the engine, and of a broker
    /// that is shut down.
    ///
    /// # Panics
    ///
    /// If the name of the request is none (see [`Request::NAME`]).
    ///
    /// # Cancel safety
    ///
    /// Dropping the call before its end cancels it: nobody waits for an answer any more. Whether the handler is stopped
    /// depends on the engine; in this process and in workers it is.
    #[track_caller]
    pub fn call<Q: Request>(&self, request: &Q) -> Call<Q> {
        Call::new(Arc::clone(&self.inner), request, self.deadline, false)
    }

    /// [`call`](Self::call), for what must be done even if a worker dies of it: the request is delivered to another
    /// worker then, so that it is handled at least once, and may be more often. The handler can
    /// [tell](Delivery::attempt).
    ///
    /// How much a request survives depends on the engine. In this process there is nothing that could die and leave the
    /// caller alive, and this is `call`. With workers it survives their deaths, up to three deliveries, but not the
    /// caller's.
    ///
    /// # Errors
    ///
    /// As `call`. After [`TimedOut`](BrokerError::TimedOut) what was asked for may still be done.
    ///
    /// # Panics
    ///
    /// As `call`.
    ///
    /// # Cancel safety
    ///
    /// Dropping it drops the answer; what was asked for may still be done.
    #[track_caller]
    pub fn call_durable<Q: Request>(&self, request: &Q) -> Call<Q> {
        Call::new(Arc::clone(&self.inner), request, self.deadline, true)
    }

    /// How the workers are that this broker has started: none for one that has started none.
    #[cfg(all(unix, feature = "workers"))]
    #[must_use]
    pub fn health(&self) -> Vec<WorkerState> {
        let Engine::Workers(pool) = &self.inner.engine else {
            return Vec::new();
        };
        pool.health()
    }

    /// [`health`](Self::health) as it is now, and whenever it changes, until the broker is dropped. Changes that follow
    /// upon each other may come as one. The stream does not keep the broker.
    #[cfg(all(unix, feature = "workers"))]
    pub fn health_changes(&self) -> impl Stream<Item = Vec<WorkerState>> + Send + Unpin + use<> {
        let Engine::Workers(pool) = &self.inner.engine else {
            return empty().boxed();
        };
        pool.health_changes().boxed()
    }

    /// Ends the broker in good order: new calls fail with [`Closed`](BrokerError::Closed) at once, those under way have
    /// ten seconds to end before they do so too; then the engine is stopped. Of several shutdowns at a time each ends
    /// when all is over.
    ///
    /// A handler in this process that awaits it waits for its own call. That ends after the ten seconds: the call fails
    /// with `Closed`, and the handler's future is dropped. There, spawn the shutdown instead.
    ///
    /// # Cancel safety
    ///
    /// Dropping it leaves the broker closed to new calls, and whatever has not been told to end yet, calls or engine,
    /// to itself. Call it again to go on.
    pub async fn shutdown(&self) {
        let BrokerInner {
            engine,
            permits,
            most,
            is_closing,
            cut_off,
            ..
        } = &*self.inner;
        is_closing.store(true, Ordering::Relaxed);
        // All of them are there when no call is under way. Who waits for them has precedence over new calls.
        let _ = timeout(GRACE, permits.acquire_many(*most)).await;
        permits.close();
        cut_off.cancel();
        engine.stop().await;
    }
}

impl BrokerInner {
    /// The permit for a call.
    fn enter<E>(&self) -> Result<OwnedSemaphorePermit, BrokerError<E>> {
        let is_closing = || self.is_closing.load(Ordering::Relaxed);
        match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) if !is_closing() => Ok(permit),
            Err(TryAcquireError::NoPermits) if !is_closing() => Err(BrokerError::Busy),
            _ => Err(BrokerError::Closed),
        }
    }
}

impl Engine {
    /// Has a request answered elsewhere. Dropping the future tells the engine that nobody waits for the answer any
    /// more.
    #[allow(
        clippy::unused_async,
        reason = "without any engine's feature there is nothing to wait for"
    )]
    async fn call(&self, message: &RequestMessage) -> EncodedAnswer {
        match self {
            Engine::InProcess => unreachable!("`{}` is answered in process", message.name),
            #[cfg(all(unix, feature = "workers"))]
            Engine::Workers(pool) => pool.call(message).await,
            #[cfg(feature = "nats")]
            Engine::Nats(engine) => engine.call(message).await,
        }
    }

    #[allow(
        clippy::unused_async,
        reason = "without any engine's feature there is nothing to wait for"
    )]
    async fn stop(&self) {
        match self {
            Engine::InProcess => {}
            #[cfg(all(unix, feature = "workers"))]
            Engine::Workers(pool) => pool.stop().await,
            #[cfg(feature = "nats")]
            Engine::Nats(engine) => engine.stop().await,
        }
    }

    /// How requests and answers are written, where they are.
    fn format(&self) -> Option<Format> {
        match self {
            Engine::InProcess => None,
            #[cfg(all(unix, feature = "workers"))]
            Engine::Workers(pool) => Some(pool.format()),
            #[cfg(feature = "nats")]
            Engine::Nats(engine) => Some(engine.format()),
        }
    }

    /// Whether a request whose worker died is sent again by the engine itself, if at all.
    fn redelivers(&self) -> bool {
        match self {
            Engine::InProcess => false,
            #[cfg(all(unix, feature = "workers"))]
            Engine::Workers(_) => false,
            #[cfg(feature = "nats")]
            Engine::Nats(_) => true,
        }
    }
}

impl fmt::Debug for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BrokerInner {
            engine,
            handlers,
            permits,
            most,
            is_closing,
            ..
        } = &*self.inner;
        let under_way = *most as usize - permits.available_permits().min(*most as usize);
        f.debug_struct("Broker")
            .field("engine", engine)
            .field("handlers", handlers)
            .field("deadline", &self.deadline)
            .field("calls_under_way", &under_way)
            .field("is_closing", is_closing)
            .finish()
    }
}
