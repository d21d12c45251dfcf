//! The stored answers to durable requests.

use std::time::Duration;

use async_nats::jetstream::publish::PublishAck;
use async_nats::jetstream::response::Response;
use async_nats::{HeaderMap, StatusCode};
use bytes::Bytes;
use tokio::time::{sleep, timeout};

use super::failure::NatsFailure;
use super::headers;
use super::inner::{EngineInner, PROMPT};
use super::session::Session;
use crate::broker::error::BrokerError;

/// How often an answer is published that the server does not acknowledge.
pub(super) const ATTEMPTS: u32 = 3;

pub(super) const PAUSE: Duration = Duration::from_millis(100);

/// Stores an answer, which the server also sends to waiting callers. False if that failed for now.
pub(super) async fn store(
    shared: &EngineInner,
    id: &str,
    mut headers: HeaderMap,
    mut body: Bytes,
) -> bool {
    let subject = answer_subject(shared, id);
    for _ in 0..ATTEMPTS {
        let session = shared.session().await;
        let streams = session
            .lost
            .run_until_cancelled(session.streams(&shared.settings));
        if !matches!(streams.await, Some(Ok(_))) {
            sleep(PAUSE).await;
            continue;
        }
        let publish = publish(shared, &session, &subject, headers.clone(), body.clone());
        match session.lost.run_until_cancelled(publish).await {
            Some(Err(NatsFailure::Permanent(BrokerError::TooLarge))) => {
                (headers, body) = headers::answer(Err(BrokerError::TooLarge));
            }
            // If it cannot be stored, waiting callers have received it all the same: the work need not be repeated.
            Some(Ok(_) | Err(NatsFailure::Permanent(_))) => return true,
            Some(Err(NatsFailure::Temporary)) | None => sleep(PAUSE).await,
        }
    }
    false
}

pub(super) fn answer_subject(shared: &EngineInner, id: &str) -> String {
    format!("{}.answer.{id}", shared.settings.prefix)
}

/// Publishes to a stream. When this returns, the message is stored.
///
/// The client's own way is a `request`, whose entry is never removed if there is no answer.
pub(super) async fn publish(
    shared: &EngineInner,
    session: &Session,
    subject: &str,
    headers: HeaderMap,
    body: Bytes,
) -> Result<PublishAck, NatsFailure> {
    session.streams(&shared.settings).await?;
    let mut stored = shared.inbox.wait();
    let Session { client, .. } = session;
    client
        .publish_with_reply_and_headers(subject.to_owned(), stored.subject(), headers, body)
        .await?;
    let Ok(message) = timeout(PROMPT, stored.message()).await else {
        return Err(NatsFailure::Temporary);
    };
    if message.status == Some(StatusCode::NO_RESPONDERS) {
        session.forget_streams().await;
        return Err(NatsFailure::Temporary);
    }
    match serde_json::from_slice(&message.payload) {
        Ok(Response::Ok(stored)) => Ok(stored),
        Ok(Response::Err { error }) => Err(NatsFailure::from(&error)),
        Err(error) => Err(NatsFailure::Permanent(BrokerError::Incompatible(format!(
            "the server's acknowledgement: {error}"
        )))),
    }
}

/// The answer stored for this id: a server that was killed may deliver an acknowledged request again, as its first
/// delivery. `None` if no answer is stored, or the store cannot be read: delivery is at least once.
pub(super) async fn stored_answer(shared: &EngineInner, id: &str) -> Option<(HeaderMap, Bytes)> {
    let subject = answer_subject(shared, id);
    for _ in 0..ATTEMPTS {
        let session = shared.session().await;
        let answer = session.stored_answer(&shared.settings, &subject);
        match session.lost.run_until_cancelled(answer).await {
            Some(Ok(answer)) => return answer,
            Some(Err(NatsFailure::Permanent(_))) => return None,
            Some(Err(NatsFailure::Temporary)) | None => sleep(PAUSE).await,
        }
    }
    None
}
