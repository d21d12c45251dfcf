//! Calls, as who makes them sees them.

use std::time::Duration;

use async_nats::jetstream::stream::LastRawMessageErrorKind;
use async_nats::{HeaderMap, StatusCode};
use futures_util::StreamExt;
use tokio::time::sleep;

use super::engine::{Engine, Shared};
use super::ids::{LONGEST_ID, token};
use super::session::{Session, Trouble};
use super::{BrokerError, durable, headers};
use crate::broker::wire::{Answer, Message};

const PAUSE: Duration = Duration::from_millis(50);

impl Engine {
    pub(in crate::broker) async fn call(&self, message: &Message) -> Answer {
        let headers = headers::request(message)?;
        if message.is_durable {
            // So that other calls do not carry the space for it.
            Box::pin(call_durable(&self.shared, message, headers)).await
        } else {
            call(&self.shared, message, headers).await
        }
    }
}

async fn call(shared: &Shared, message: &Message, headers: HeaderMap) -> Answer {
    let unavailable = || BrokerError::Unavailable("the connection to the server is lost".into());
    // What would wait here for another connection would be sent when nobody knows whether it is still wanted.
    let Session { client, .. } = shared.session_now().ok_or_else(unavailable)?;
    let subject = format!("{}.call.{}", shared.settings.prefix, message.name);
    let mut answer = shared.inbox.wait();
    let sent = client
        .publish_with_reply_and_headers(subject, answer.subject(), headers, message.body.clone())
        .await;
    sent.map_err(|error| match Trouble::from(error) {
        Trouble::Passing => unavailable(),
        Trouble::Lasting(error) => error,
    })?;
    drop(client);
    let answer = answer.message().await;
    if answer.status == Some(StatusCode::NO_RESPONDERS) {
        return Err(BrokerError::NoWorkers);
    }
    headers::read_answer(answer.headers.as_ref(), answer.payload)
}

async fn call_durable(shared: &Shared, message: &Message, mut headers: HeaderMap) -> Answer {
    let id = match &message.id {
        // No `:` is in those that are made here.
        Some(id) => format!("{}:{}", token(message.name), token(id)),
        None => shared.inbox.unique(),
    };
    if id.len() > LONGEST_ID {
        return Err(BrokerError::TooLarge);
    }
    headers.insert(headers::ID, id.as_str());
    let mut call = Durable {
        shared,
        message,
        headers,
        id,
        is_stored: false,
    };
    loop {
        let session = shared.session().await;
        match session
            .lost
            .run_until_cancelled(call.attempt(&session))
            .await
        {
            Some(Ok(answer)) => return answer,
            Some(Err(Trouble::Lasting(error))) => return Err(error),
            Some(Err(Trouble::Passing)) | None => {
                drop(session);
                sleep(PAUSE).await;
            }
        }
    }
}

struct Durable<'a> {
    shared: &'a Shared,
    message: &'a Message,
    headers: HeaderMap,
    id: String,
    /// Whether the request is known to be in the queue, or to have been.
    is_stored: bool,
}

impl Durable<'_> {
    /// Waits for the answer over one connection. The server knows by its id if the request was sent before.
    async fn attempt(&mut self, session: &Session) -> Result<Answer, Trouble> {
        let Durable {
            shared,
            message,
            headers,
            id,
            is_stored,
        } = self;
        let streams = session.streams(&shared.settings).await?;
        let subject = durable::answer_subject(shared, id);
        // Before the request, and before the look at what is stored, so that the answer comes one way or the other.
        let subscription = session.client.subscribe(subject.clone()).await;
        let mut answers = subscription.map_err(|_| Trouble::Passing)?;
        let mut was_sent_before = *is_stored;
        if !*is_stored {
            let queue = format!("{}.durable.{}", shared.settings.prefix, message.name);
            let stored = durable::publish(
                shared,
                session,
                &queue,
                headers.clone(),
                message.body.clone(),
            )
            .await?;
            *is_stored = true;
            was_sent_before = stored.duplicate;
        }
        if was_sent_before {
            match streams
                .answers
                .get_last_raw_message_by_subject(&subject)
                .await
            {
                Ok(answer) => {
                    return Ok(headers::read_answer(Some(&answer.headers), answer.payload));
                }
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {}
                Err(_) => return Err(Trouble::Passing),
            }
        }
        let answer = answers.next().await.ok_or(Trouble::Passing)?;
        Ok(headers::read_answer(
            answer.headers.as_ref(),
            answer.payload,
        ))
    }
}
