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

/// Has requests answered, by its engine. A clone is another handle of the same broker.
///
/// When the last handle is dropped, and the last call is over, the engine ends without grace;
/// [`shutdown`](Self::shutdown) lets it end in good order.
#[derive(Clone)]
pub struct Broker {
    pub(super) inner: Arc<BrokerInner>,
    deadline: Duration,
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

    /// At most `most` calls are under way at a time, further ones are refused.
    pub(super) fn new(engine: Engine, handlers: Handlers, most: u32) -> Self {
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
    /// call may have [its own](super::Call::deadline). `Duration::MAX` is no deadline.
    #[must_use]
    pub fn deadline(mut self, time: Duration) -> Self {
        self.deadline = time;
        self
    }

    /// Asks for `request`, and resolves to the answer.
    ///
    /// # Errors
    ///
    /// [`Failed`](super::BrokerError::Failed) is the handler's own error. The others are those of the engine, and of a broker
    /// that is shut down.
    ///
    /// # Panics
    ///
    /// If the name of the request is none (see [`Request::NAME`](super::Request::NAME)).
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
    /// [tell](super::Delivery::attempt).
    ///
    /// How much a request survives depends on the engine. In this process there is nothing that could die and leave the
    /// caller alive, and this is `call`. With workers it survives their deaths, up to three deliveries, but not the
    /// caller's.
    ///
    /// # Errors
    ///
    /// As `call`. After [`TimedOut`](super::BrokerError::TimedOut) what was asked for may still be done.
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

    /// Ends the broker in good order: new calls fail with [`Closed`](super::BrokerError::Closed) at once, those under way have
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
