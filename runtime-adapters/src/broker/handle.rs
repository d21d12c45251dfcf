//! The handle of a broker.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

#[cfg(all(unix, feature = "workers"))]
use futures_util::stream::{Stream, StreamExt, empty};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::call::Call;
use super::engine::Engine;
use super::handlers::Handlers;
use super::inner::BrokerInner;
use super::limits::{DEADLINE, GRACE};
use super::request::Request;
#[cfg(all(unix, feature = "workers"))]
use crate::process::WorkerState;

/// Sends requests to handlers, by its engine. A clone is another handle of the same broker.
///
/// When the last handle is dropped and the last call has ended, the engine stops at once; [`shutdown`](Self::shutdown)
/// stops it gracefully.
#[derive(Clone)]
pub struct Broker {
    pub(super) inner: Arc<BrokerInner>,
    deadline: Duration,
}

impl Broker {
    /// A broker whose handlers run in the calling futures: a call is a function call, nothing is spawned or encoded,
    /// and dropping the call drops its handler's future.
    ///
    /// Requests are cloned and do not pass through serde, so a field that serde skips arrives.
    #[must_use]
    pub fn in_process(handlers: Handlers) -> Self {
        Broker::new(Engine::InProcess, handlers, u32::MAX)
    }

    /// A broker that refuses a call while `most` calls are running.
    pub(super) fn new(engine: Engine, handlers: Handlers, most: u32) -> Self {
        // On a platform of 32 bits, a semaphore holds fewer.
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

    /// Sets how long calls of this handle, and of its later clones, wait for an answer: 30 seconds by default. A call
    /// may have [its own deadline](super::Call::deadline). `Duration::MAX` is no deadline.
    #[must_use]
    pub fn deadline(mut self, time: Duration) -> Self {
        self.deadline = time;
        self
    }

    /// Sends `request` and resolves to the answer.
    ///
    /// # Errors
    ///
    /// [`Failed`](super::BrokerError::Failed) is the handler's own error. The others come from the engine, or from a
    /// broker that is shut down.
    ///
    /// # Panics
    ///
    /// If the name of the request is invalid (see [`Request::NAME`](super::Request::NAME)).
    ///
    /// # Cancel safety
    ///
    /// Dropping the call before its end cancels it. In process and with workers, that drops its handler's future; over
    /// NATS, the handler may run on until the deadline.
    #[track_caller]
    pub fn call<Q: Request>(&self, request: &Q) -> Call<Q> {
        Call::new(Arc::clone(&self.inner), request, self.deadline, false)
    }

    /// [`call`](Self::call) with at-least-once delivery: if a worker dies, the request is delivered to another one. It
    /// may therefore be handled more than once; the handler can [tell](super::Delivery::attempt).
    ///
    /// How much a request survives depends on the engine. In process it is the same as `call`. With workers it survives
    /// their death, for up to three deliveries, but not the caller's. Over NATS, it also survives that of the caller
    /// and of the server.
    ///
    /// # Errors
    ///
    /// As `call`. After [`TimedOut`](super::BrokerError::TimedOut) the work may still be done.
    ///
    /// # Panics
    ///
    /// As `call`.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the answer; the work may still be done.
    #[track_caller]
    pub fn call_durable<Q: Request>(&self, request: &Q) -> Call<Q> {
        Call::new(Arc::clone(&self.inner), request, self.deadline, true)
    }

    /// The states of the worker processes that this broker has started; empty if it starts none.
    #[cfg(all(unix, feature = "workers"))]
    #[must_use]
    pub fn health(&self) -> Vec<WorkerState> {
        let Engine::Workers(pool) = &self.inner.engine else {
            return Vec::new();
        };
        pool.health()
    }

    /// A stream of [`health`](Self::health): its current value, then each change, until the broker is dropped. Changes
    /// in quick succession may be merged. The stream does not keep the broker alive.
    #[cfg(all(unix, feature = "workers"))]
    pub fn health_changes(&self) -> impl Stream<Item = Vec<WorkerState>> + Send + Unpin + use<> {
        let Engine::Workers(pool) = &self.inner.engine else {
            return empty().boxed();
        };
        pool.health_changes().boxed()
    }

    /// Shuts the broker down gracefully: new calls fail with [`Closed`](super::BrokerError::Closed) at once, running
    /// calls have ten seconds to end before they fail the same way, and then the engine stops. Of several concurrent
    /// shutdowns, each ends when all is done.
    ///
    /// A handler in this process that awaits the shutdown waits for its own call, which fails with `Closed` after the
    /// ten seconds. In a handler, spawn the shutdown instead.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the broker closed to new calls, and whatever still runs running. Call `shutdown`
    /// again to continue.
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
        // All permits are available when no call is running. Waiting for them takes precedence over new calls.
        let _ = timeout(GRACE, permits.acquire_many(*most)).await;
        permits.close();
        cut_off.cancel();
        engine.stop().await;
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
