//! Where requests are answered.

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
    /// Has a request answered elsewhere. Dropping the future tells the engine that nobody waits for the answer any
    /// more.
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

    /// How requests and answers are written, where they are.
    pub(super) fn format(&self) -> Option<Format> {
        match self {
            Engine::InProcess => None,
            #[cfg(all(unix, feature = "workers"))]
            Engine::Workers(pool) => Some(pool.format()),
            #[cfg(feature = "nats")]
            Engine::Nats(engine) => Some(engine.format()),
        }
    }

    /// Whether a request whose worker died is sent again by the engine itself, if at all.
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
