//! What goes over the wire, whatever carries it.
//!
//! Requests, responses and handlers' errors are [payloads](super::payload). A byte says what kind of answer a body is.

use bytes::Bytes;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use tokio::time::Instant;

use super::error::BrokerError;
use super::payload::{self, Format};
use super::request::Request;

/// A response, or what there is instead. The response and a handler's error are encoded.
pub(super) type EncodedAnswer = Result<Bytes, BrokerError<Bytes>>;

/// A request as the engines see it.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "not every engine looks at everything")]
pub(super) struct RequestMessage {
    pub(super) name: &'static str,
    pub(super) body: Bytes,
    /// When nobody waits for the answer any more, if ever.
    pub(super) deadline: Option<Instant>,
    /// Whether it must be done though a worker dies: at least once, then.
    pub(super) is_durable: bool,
    /// 1, or more when workers died of it, or beside it, before.
    pub(super) attempt: u64,
    /// Whether it is sent again when its worker dies.
    pub(super) is_repeated: bool,
    /// The W3C trace context that the call belongs to.
    pub(super) traceparent: Option<String>,
    /// To tell a request that is sent twice from two that are alike; for durable calls.
    pub(super) id: Option<String>,
}

pub(super) fn encode<T: Serialize, E>(format: Format, value: &T) -> Result<Bytes, BrokerError<E>> {
    match format.encode(value) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => Err(BrokerError::Encode(error.to_string())),
    }
}

pub(super) fn decode<T: DeserializeOwned, E>(bytes: &[u8]) -> Result<T, BrokerError<E>> {
    payload::decode(bytes).map_err(|error| BrokerError::Decode(error.to_string()))
}

/// An answer with its types back.
pub(super) fn typed<Q: Request>(
    answer: EncodedAnswer,
) -> Result<Q::Response, BrokerError<Q::Error>> {
    match answer {
        Ok(response) => decode(&response),
        Err(error) => Err(error.and_then(|error| match decode(&error) {
            Ok(error) => BrokerError::Failed(error),
            Err(undecodable) => undecodable,
        })),
    }
}

/// An answer without its types, in the format of the request.
pub(super) fn untyped<Q: Request>(
    format: Format,
    answer: Result<Q::Response, BrokerError<Q::Error>>,
) -> EncodedAnswer {
    match answer {
        Ok(response) => encode(format, &response),
        Err(error) => Err(error.and_then(|error| match encode(format, &error) {
            Ok(error) => BrokerError::Failed(error),
            Err(unencodable) => unencodable,
        })),
    }
}

/// The byte for an answer of a handler's side, and the body that goes with it.
pub(super) fn to_parts(answer: EncodedAnswer) -> (u8, Bytes) {
    match answer {
        Ok(response) => (0, response),
        Err(BrokerError::Failed(error)) => (1, error),
        Err(BrokerError::Panicked(message)) => (2, message.into()),
        Err(BrokerError::UnknownRequest(name)) => (3, name.into()),
        Err(BrokerError::Encode(reason)) => (4, reason.into()),
        Err(BrokerError::Decode(reason)) => (5, reason.into()),
        Err(BrokerError::TooLarge) => (6, Bytes::new()),
        Err(BrokerError::Busy) => (7, Bytes::new()),
        Err(BrokerError::Closed) => (8, Bytes::new()),
        Err(BrokerError::Incompatible(reason)) => (9, reason.into()),
        Err(BrokerError::WorkerDied) => (11, Bytes::new()),
        // The rest is said by callers' sides as a rule.
        Err(other) => (10, other.map(|_| "").to_string().into()),
    }
}

/// The answer that was taken apart by [`to_parts`]. A byte that is none of its own is a protocol of another version.
pub(super) fn from_parts(kind: u8, body: Bytes) -> EncodedAnswer {
    let text = || String::from_utf8_lossy(&body).into_owned();
    Err(match kind {
        0 => return Ok(body),
        1 => BrokerError::Failed(body),
        2 => BrokerError::Panicked(text()),
        3 => BrokerError::UnknownRequest(text()),
        4 => BrokerError::Encode(text()),
        5 => BrokerError::Decode(text()),
        6 => BrokerError::TooLarge,
        7 => BrokerError::Busy,
        8 => BrokerError::Closed,
        9 => BrokerError::Incompatible(text()),
        10 => BrokerError::Unavailable(text()),
        11 => BrokerError::WorkerDied,
        other => BrokerError::Incompatible(format!("there is no answer of kind {other} here")),
    })
}
