//! The caller's side.

use std::time::Duration;

use async_nats::{HeaderMap, StatusCode};
use futures_util::StreamExt;
use tokio::time::sleep;

use super::engine::NatsEngine;
use super::failure::NatsFailure;
use super::ids::{LONGEST_ID, token};
use super::inner::EngineInner;
use super::session::{Session, refused};
use super::{headers, store};
use crate::broker::error::BrokerError;
use crate::broker::wire::{EncodedAnswer, RequestMessage};
use crate::nats::RefusedOperation;

/// The longest id whose line, with the longest prefix and the longest reply subject, has at most 512 bytes.
const SHORT_ID: usize = 200;

const PAUSE: Duration = Duration::from_millis(50);

impl NatsEngine {
    pub(in crate::broker) async fn call(&self, message: &RequestMessage) -> EncodedAnswer {
        let headers = headers::request(message)?;
        if message.is_durable {
            // Boxed, so that other calls do not reserve the space for it.
            Box::pin(call_durable(&self.shared, message, headers)).await
        } else {
            call(&self.shared, message, headers).await
        }
    }
}

async fn call(shared: &EngineInner, message: &RequestMessage, headers: HeaderMap) -> EncodedAnswer {
    // If the request waited here for another connection, it might be sent after its caller has gone.
    let session = shared.session_now().ok_or_else(|| shared.unavailable())?;
    let Session {
        client, refusals, ..
    } = session;
    let subject = format!("{}.call.{}", shared.settings.prefix, message.name);
    let mut answer = shared.inbox.wait();
    let reply = answer.subject();
    let sent = client
        .publish_with_reply_and_headers(subject.clone(), reply, headers, message.body.clone())
        .await;
    sent.map_err(|error| match NatsFailure::from(error) {
        NatsFailure::Temporary => shared.unavailable(),
        NatsFailure::Permanent(error) => error,
    })?;
    drop(client);
    let is_refused = |refused: &RefusedOperation| matches!(refused, RefusedOperation::Publish(to) if *to == subject);
    let answer = tokio::select! {
        biased;
        answer = answer.message() => answer,
        text = refusals.wait(is_refused) => return Err(refused(&text)),
    };
    if answer.status == Some(StatusCode::NO_RESPONDERS) {
        return Err(BrokerError::NoWorkers);
    }
    headers::read_answer(answer.headers.as_ref(), answer.payload)
}

async fn call_durable(
    shared: &EngineInner,
    message: &RequestMessage,
    mut headers: HeaderMap,
) -> EncodedAnswer {
    let id = match &message.id {
        // Generated ids contain no `:`.
        Some(id) => format!("{}:{}", token(message.name), token(id)),
        None => shared.inbox.unique(),
    };
    if id.len() > LONGEST_ID {
        return Err(BrokerError::TooLarge);
    }
    headers.insert(headers::ID, id.as_str());
    let mut call = DurableCall {
        shared,
        message,
        headers,
        id,
        is_stored: false,
    };
    loop {
        let session = shared.session().await;
        let attempt = session.lost.run_until_cancelled(call.attempt(&session));
        match attempt.await {
            Some(Ok(answer)) => return answer,
            Some(Err(NatsFailure::Permanent(error))) => return Err(error),
            // The server does not say which line was too long. One with a short id was not.
            None if call.id.len() > SHORT_ID && session.refusals.find(is_long_line).is_some() => {
                return Err(BrokerError::TooLarge);
            }
            Some(Err(NatsFailure::Temporary)) | None => {
                drop(session);
                sleep(PAUSE).await;
            }
        }
    }
}

fn is_long_line(refused: &RefusedOperation) -> bool {
    *refused == RefusedOperation::LongLine
}

struct DurableCall<'a> {
    shared: &'a EngineInner,
    message: &'a RequestMessage,
    headers: HeaderMap,
    id: String,
    /// Whether the request is, or was, in the queue for sure.
    is_stored: bool,
}

impl DurableCall<'_> {
    /// Waits for the answer over one connection. The server recognizes a request that was sent before by its id.
    async fn attempt(&mut self, session: &Session) -> Result<EncodedAnswer, NatsFailure> {
        let DurableCall {
            shared,
            message,
            headers,
            id,
            is_stored,
        } = self;
        session.streams(&shared.settings).await?;
        let subject = store::answer_subject(shared, id);
        // Subscribes before it sends the request and before it looks for a stored answer, so that it gets the answer in
        // either case.
        let too_many_before = session.refusals.further_subscriptions();
        let subscription = session.client.subscribe(subject.clone()).await;
        let mut answers = subscription.map_err(|_| NatsFailure::Temporary)?;
        let refusals = &session.refusals;
        let is_refused = |refused: &RefusedOperation| match refused {
            RefusedOperation::Subscription(to) => *to == subject,
            // The refused message may have been another call's, but this call cannot know whether its answer comes.
            RefusedOperation::FurtherSubscription(times) => *times > too_many_before,
            _ => false,
        };
        let mut was_sent_before = *is_stored;
        if !*is_stored {
            let queue = format!("{}.durable.{}", shared.settings.prefix, message.name);
            let publish = store::publish(
                shared,
                session,
                &queue,
                headers.clone(),
                message.body.clone(),
            );
            let stored = session.unless_refused(&queue, publish).await?;
            *is_stored = true;
            was_sent_before = stored.duplicate;
        }
        if was_sent_before {
            let stored = session.stored_answer(&shared.settings, &subject).await?;
            if let Some((headers, body)) = stored {
                return Ok(headers::read_answer(Some(&headers), body));
            }
        }
        let answer = tokio::select! {
            biased;
            answer = answers.next() => answer.ok_or(NatsFailure::Temporary)?,
            text = refusals.wait(is_refused) => {
                return Err(NatsFailure::Permanent(refused(&text)));
            }
        };
        Ok(headers::read_answer(
            answer.headers.as_ref(),
            answer.payload,
        ))
    }
}
