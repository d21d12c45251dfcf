//! The engines.

#[cfg(feature = "nats")]
use super::nats::engine::NatsEngine;
use super::payload::Format;
use super::wire::{EncodedAnswer, RequestMessage};
#[cfg(all(unix, feature = "workers"))]
use super::workers::pool::WorkerPool;

#[derive(Debug)]
pub(super) enum Engine {
    InProcess,
    #[cfg(all(unix, feature = "workers"))]
    Workers(WorkerPool),
    #[cfg(feature = "nats")]
    Nats(NatsEngine),
}

impl Engine {
    /// Sends a request and returns its answer. Dropping the future cancels the call.
    #[allow(
        clippy::unused_async,
        reason = "without any engine's feature there is nothing to wait for"
    )]
    pub(super) async fn call(&self, message: &RequestMessage) -> EncodedAnswer {
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
    pub(super) async fn stop(&self) {
        match self {
            Engine::InProcess => {}
            #[cfg(all(unix, feature = "workers"))]
            Engine::Workers(pool) => pool.stop().await,
            #[cfg(feature = "nats")]
            Engine::Nats(engine) => engine.stop().await,
        }
    }

    /// The format of requests and answers; `None` in process.
    pub(super) fn format(&self) -> Option<Format> {
        match self {
            Engine::InProcess => None,
            #[cfg(all(unix, feature = "workers"))]
            Engine::Workers(pool) => Some(pool.format()),
            #[cfg(feature = "nats")]
            Engine::Nats(engine) => Some(engine.format()),
        }
    }

    /// Whether the engine itself sends a request again whose worker died.
    pub(super) fn redelivers(&self) -> bool {
        match self {
            Engine::InProcess => false,
            #[cfg(all(unix, feature = "workers"))]
            Engine::Workers(_) => false,
            #[cfg(feature = "nats")]
            Engine::Nats(_) => true,
        }
    }
}
