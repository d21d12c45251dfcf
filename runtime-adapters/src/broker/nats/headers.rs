//! What is said beside the bodies.

use std::time::Duration;

use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use tokio::time::Instant;

use crate::broker::error::BrokerError;
use crate::broker::wire::{EncodedAnswer, RequestMessage, from_parts, to_parts};

/// Of what is described in the module's documentation.
const PROTOCOL: &str = "2";

const PROTOCOL_HEADER: &str = "Conjoin-Protocol";
const KIND: &str = "Conjoin-Kind";
const TIMEOUT: &str = "Conjoin-Timeout-Ms";
const TRACEPARENT: &str = "traceparent";
pub(super) const ID: &str = "Nats-Msg-Id";

fn new() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(PROTOCOL_HEADER, PROTOCOL);
    headers
}

/// Those of a request.
pub(super) fn request(message: &RequestMessage) -> Result<HeaderMap, BrokerError<Bytes>> {
    let mut headers = new();
    if let Some(deadline) = message.deadline.filter(|_| !message.is_durable) {
        let left = deadline.saturating_duration_since(Instant::now());
        headers.insert(TIMEOUT, left.as_micros().div_ceil(1000).to_string());
    }
    if let Some(traceparent) = &message.traceparent {
        let value: HeaderValue = traceparent
            .parse()
            .map_err(|_| BrokerError::Encode("a `traceparent` with a line break".into()))?;
        headers.insert(TRACEPARENT, value);
    }
    Ok(headers)
}

/// Those of an answer, and its body.
pub(super) fn answer(answer: EncodedAnswer) -> (HeaderMap, Bytes) {
    let (kind, body) = to_parts(answer);
    let mut headers = new();
    headers.insert(KIND, kind.to_string());
    (headers, body)
}

/// The answer that a message is.
pub(super) fn read_answer(headers: Option<&HeaderMap>, body: Bytes) -> EncodedAnswer {
    check(headers, "the answer")?;
    match text(headers, KIND).and_then(|kind| kind.parse().ok()) {
        Some(kind) => from_parts(kind, body),
        None => Err(BrokerError::Incompatible(format!(
            "the answer has no valid `{KIND}`"
        ))),
    }
}

/// Whether `what` has these headers in our protocol.
pub(super) fn check(headers: Option<&HeaderMap>, what: &str) -> Result<(), BrokerError<Bytes>> {
    match text(headers, PROTOCOL_HEADER) {
        Some(PROTOCOL) => Ok(()),
        Some(other) => {
            let other: String = other.chars().take(20).collect();
            Err(BrokerError::Incompatible(format!(
                "{what} has protocol {other}, expected {PROTOCOL}; help: run one version on both sides"
            )))
        }
        None => Err(BrokerError::Incompatible(format!(
            "{what} does not say its protocol"
        ))),
    }
}

/// When nobody waits for the answer any more, if ever, to a request that came now.
pub(super) fn deadline(headers: Option<&HeaderMap>) -> Option<Instant> {
    let left = text(headers, TIMEOUT)?.parse().ok()?;
    Instant::now().checked_add(Duration::from_millis(left))
}

pub(super) fn traceparent(headers: Option<&HeaderMap>) -> Option<String> {
    text(headers, TRACEPARENT).map(str::to_owned)
}

/// The id of a durable request.
pub(super) fn id(headers: Option<&HeaderMap>) -> Option<&str> {
    text(headers, ID)
}

fn text<'a>(headers: Option<&'a HeaderMap>, name: &str) -> Option<&'a str> {
    headers?.get(name).map(HeaderValue::as_str)
}
