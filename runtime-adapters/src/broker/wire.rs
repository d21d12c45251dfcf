//! The messages of all engines.
//!
//! Requests, responses and handlers' errors are [payloads](super::payload). An answer has one byte for its kind.

use bytes::Bytes;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;
use tokio::time::Instant;

use super::error::BrokerError;
use super::payload::{self, Format};
use super::request::Request;

/// An answer whose response, or handler's error, is encoded.
pub(super) type EncodedAnswer = Result<Bytes, BrokerError<Bytes>>;

/// A request, as the engines see it.
#[derive(Clone, Debug)]
#[allow(dead_code, reason = "not every engine looks at everything")]
pub(super) struct RequestMessage {
    pub(super) name: &'static str,
    pub(super) body: Bytes,
    /// The deadline, if there is one.
    pub(super) deadline: Option<Instant>,
    /// Whether it is delivered at least once, even if a worker dies.
    pub(super) is_durable: bool,
    /// 1 for the first delivery, more if workers died that had the request.
    pub(super) attempt: u64,
    /// Whether it is sent again if its worker dies.
    pub(super) is_repeated: bool,
    /// The W3C trace context that the call belongs to.
    pub(super) traceparent: Option<String>,
    /// The id that marks copies of the same durable call.
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

/// Decodes an answer.
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

/// Encodes an answer, in the format of the request.
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

/// The kind and the body of an answer of the handlers' side.
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
        // As a rule, only the callers' side has the other errors.
        Err(other) => (10, other.map(|_| "").to_string().into()),
    }
}

/// Restores an answer from [`to_parts`]. An unknown kind belongs to another version of the protocol.
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
        other => BrokerError::Incompatible(format!("unknown kind of answer: {other}")),
    })
}
