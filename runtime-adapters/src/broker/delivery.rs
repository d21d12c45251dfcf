//! How a request came.

/// How a request came to its handler. See [`Handlers::on_delivery`](super::Handlers::on_delivery).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub(super) attempt: u64,
    pub(super) traceparent: Option<String>,
}

impl Delivery {
    /// 1 for a request that comes for the first time, more for one that came before, to a worker that did not answer:
    /// what it asks for may then have been done, in part or as a whole.
    ///
    /// Only durable calls over NATS are counted past the broker that makes the call. A NATS server that was killed may
    /// count from 1 again.
    #[must_use]
    pub fn attempt(&self) -> u64 {
        self.attempt
    }

    /// The W3C trace context that the call was made in, as given to [`Call::traceparent`](super::Call::traceparent).
    #[must_use]
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }
}
