//! How a request reached its handler.

/// How a request reached its handler. See [`Handlers::on_delivery`](super::Handlers::on_delivery).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub(super) attempt: u64,
    pub(super) traceparent: Option<String>,
}

impl Delivery {
    /// 1 for the first delivery of a request. More if it was delivered before, to a worker that did not answer: the
    /// work may then have been done already, in part or as a whole.
    ///
    /// Deliveries are counted beyond the calling broker only for durable calls over NATS. A NATS server that was killed
    /// may count from 1 again.
    #[must_use]
    pub fn attempt(&self) -> u64 {
        self.attempt
    }

    /// The W3C trace context that the caller gave to [`Call::traceparent`](super::Call::traceparent).
    #[must_use]
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }
}
