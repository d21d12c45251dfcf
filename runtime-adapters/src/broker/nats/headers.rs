//! The headers of messages.

use std::time::Duration;

use async_nats::{HeaderMap, HeaderValue};
use bytes::Bytes;
use tokio::time::Instant;

use crate::broker::error::BrokerError;
use crate::broker::wire::{EncodedAnswer, RequestMessage, from_parts, to_parts};

/// The version of the protocol that the module's documentation describes.
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

/// The headers of a request.
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

/// The headers and the body of an answer.
pub(super) fn answer(answer: EncodedAnswer) -> (HeaderMap, Bytes) {
    let (kind, body) = to_parts(answer);
    let mut headers = new();
    headers.insert(KIND, kind.to_string());
    (headers, body)
}

/// Reads an answer from a message.
pub(super) fn read_answer(headers: Option<&HeaderMap>, body: Bytes) -> EncodedAnswer {
    check(headers, "the answer")?;
    match text(headers, KIND).and_then(|kind| kind.parse().ok()) {
        Some(kind) => from_parts(kind, body),
        None => Err(BrokerError::Incompatible(format!(
            "the answer has no valid `{KIND}`"
        ))),
    }
}

/// Checks that a message, which errors call `what`, is of our protocol.
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

/// The deadline of a request that has just arrived, if it has one.
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
