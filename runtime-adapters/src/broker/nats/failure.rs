//! Why an operation failed.

use std::error::Error;

use async_nats::PublishError;
use async_nats::client::PublishErrorKind;
use async_nats::jetstream::context::{CreateStreamError, CreateStreamErrorKind};
use async_nats::jetstream::{self, ErrorCode};
use bytes::Bytes;

use crate::broker::error::BrokerError;

#[derive(Debug, PartialEq)]
pub(super) enum NatsFailure {
    /// It may succeed later.
    Temporary,
    Permanent(BrokerError<Bytes>),
}

impl From<&jetstream::Error> for NatsFailure {
    fn from(error: &jetstream::Error) -> Self {
        match error.error_code() {
            ErrorCode::STREAM_MESSAGE_EXCEEDS_MAXIMUM => {
                NatsFailure::Permanent(BrokerError::TooLarge)
            }
            ErrorCode::STREAM_TOO_MANY_REQUESTS => NatsFailure::Temporary,
            _ if is_full(error) => NatsFailure::Permanent(BrokerError::Unavailable(format!(
                "the store of JetStream is full: {error}"
            ))),
            // A server that has just started, or one without a leader.
            _ if error.code() == 503 => NatsFailure::Temporary,
            _ => NatsFailure::Permanent(BrokerError::Unavailable(error.to_string())),
        }
    }
}

/// Whether the server, the account or the stream has no space left. That takes an operator and does not pass within a
/// call's deadline, although some of these codes come with status 503, like temporary errors.
fn is_full(error: &jetstream::Error) -> bool {
    match error.error_code() {
        ErrorCode::ACCOUNT_RESOURCES_EXCEEDED
        | ErrorCode::INSUFFICIENT_RESOURCES
        | ErrorCode::MEMORY_RESOURCES_EXCEEDED
        | ErrorCode::STORAGE_RESOURCES_EXCEEDED => true,
        // The stream's own limits, unless it is being closed; only the text tells the two apart.
        ErrorCode::STREAM_STORE_FAILED => !error.to_string().starts_with("store is closed"),
        _ => false,
    }
}

impl From<&CreateStreamError> for NatsFailure {
    fn from(error: &CreateStreamError) -> Self {
        match error.kind() {
            CreateStreamErrorKind::JetStream(error) => NatsFailure::from(&error),
            CreateStreamErrorKind::TimedOut | CreateStreamErrorKind::JetStreamUnavailable => {
                NatsFailure::Temporary
            }
            _ => NatsFailure::Permanent(BrokerError::Unavailable(text(error))),
        }
    }
}

impl From<PublishError> for NatsFailure {
    fn from(error: PublishError) -> Self {
        match error.kind() {
            PublishErrorKind::MaxPayloadExceeded => NatsFailure::Permanent(BrokerError::TooLarge),
            PublishErrorKind::Send => NatsFailure::Temporary,
            PublishErrorKind::InvalidSubject => {
                NatsFailure::Permanent(BrokerError::Unavailable(text(&error)))
            }
        }
    }
}

/// An error and its sources, as one text.
pub(super) fn text(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        // Some errors include their source in their own text.
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: u64, err_code: u64, description: &str) -> NatsFailure {
        let error = serde_json::json!({
            "code": code,
            "err_code": err_code,
            "description": description,
        });
        let error: jetstream::Error = serde_json::from_value(error).expect("an error");
        NatsFailure::from(&error)
    }

    #[test]
    fn full_stores_are_permanent_failures() {
        for (code, err_code, description) in [
            (400, 10002, "resource limits exceeded for account"),
            (503, 10023, "insufficient resources"),
            (500, 10028, "insufficient memory resources available"),
            (500, 10047, "insufficient storage resources available"),
            (503, 10077, "maximum bytes exceeded"),
            (503, 10077, "maximum messages exceeded"),
        ] {
            let expected = format!(
                "the store of JetStream is full: {description} (code {code}, error code {err_code})"
            );
            assert_eq!(
                failure(code, err_code, description),
                NatsFailure::Permanent(BrokerError::Unavailable(expected))
            );
        }
    }

    #[test]
    fn servers_without_leaders_are_temporary_failures() {
        for (code, err_code, description) in [
            (503, 10008, "JetStream system temporarily unavailable"),
            (503, 10077, "store is closed"),
            (429, 10167, "too many requests"),
        ] {
            assert_eq!(failure(code, err_code, description), NatsFailure::Temporary);
        }
    }

    #[test]
    fn long_message_is_too_large() {
        let long = failure(400, 10054, "message size exceeds maximum allowed");
        assert_eq!(long, NatsFailure::Permanent(BrokerError::TooLarge));
    }
}
