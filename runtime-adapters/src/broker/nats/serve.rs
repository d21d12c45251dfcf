//! The worker's side of `call`.

use std::pin::pin;
use std::sync::Arc;

use async_nats::{Client, Message, PublishError, Subscriber};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use tokio::time::{Instant, timeout, timeout_at};

use super::headers;
use super::inner::{EngineInner, PROMPT};
use super::session::Session;
use crate::broker::delivery::Delivery;
use crate::broker::error::BrokerError;
use crate::broker::wire::EncodedAnswer;

/// More messages than are on their way to a worker that keeps up.
const ON_THE_WAY: u64 = 256;

/// How often it checks how many messages are on their way.
const ROUNDS: u32 = 100;

/// Starts to take requests over this connection.
pub(super) async fn begin(shared: &Arc<EngineInner>, session: &Session) -> Result<(), String> {
    if shared.closing.is_cancelled() {
        return Ok(());
    }
    let prefix = &shared.settings.prefix;
    for name in shared.handlers.names() {
        let subject = format!("{prefix}.call.{name}");
        let requests = session
            .client
            .queue_subscribe(subject, prefix.clone())
            .await;
        let requests = requests.map_err(|error| error.to_string())?;
        let (this, Session { client, lost, .. }) = (Arc::clone(shared), session.clone());
        shared.keep_going(&shared.takers, async move {
            lost.run_until_cancelled(take_all(&this, &client, name, requests))
                .await;
        });
    }
    Ok(())
}

/// Takes requests until the engine closes, and then those that were on their way.
async fn take_all(
    shared: &Arc<EngineInner>,
    client: &Client,
    name: &'static str,
    mut requests: Subscriber,
) {
    let mut taken = 0;
    while let Some(Some(request)) = shared.closing.run_until_cancelled(requests.next()).await {
        taken += 1;
        take(shared, name, request).await;
    }
    let caught_up = timeout(
        PROMPT / 2,
        catch_up(shared, client, name, &mut requests, &mut taken),
    )
    .await;
    let on_the_way = if let Ok(Some(())) = caught_up {
        ON_THE_WAY
    } else {
        8 * ON_THE_WAY
    };
    // The client's `drain` loses messages that arrive before the server knows of it. Instead, the server is told to end
    // the subscription after some more messages, and those are sent to it. Workers that get them ignore them.
    if requests
        .unsubscribe_after(taken + on_the_way)
        .await
        .is_err()
    {
        return;
    }
    let rest = pin!(async {
        while let Some(request) = requests.next().await {
            take(shared, name, request).await;
        }
    });
    let fill = pin!(fill_up(
        shared,
        client,
        format!("{}.call.{name}", shared.settings.prefix)
    ));
    let _ = timeout(PROMPT, select(rest, fill)).await;
}

/// Takes the messages that wait here and in the socket, which may be far more than [`ON_THE_WAY`] if this process was
/// busy, until only a few arrive within a round trip. `None` if that does not happen.
async fn catch_up(
    shared: &Arc<EngineInner>,
    client: &Client,
    name: &'static str,
    requests: &mut Subscriber,
    taken: &mut u64,
) -> Option<()> {
    for _ in 0..ROUNDS {
        let before = *taken;
        let mut echo = shared.inbox.wait();
        client.publish(echo.subject(), Bytes::new()).await.ok()?;
        let mut back = pin!(echo.message());
        // The echo counts only if no request is ahead of it.
        while let Either::Left((request, _)) = select(requests.next(), back.as_mut()).await {
            let request = request?;
            *taken += 1;
            take(shared, name, request).await;
        }
        if *taken - before <= ON_THE_WAY / 8 {
            return Some(());
        }
    }
    None
}

/// Sends messages that nobody answers, for as long as it is polled.
async fn fill_up(
    shared: &EngineInner,
    client: &Client,
    subject: String,
) -> Result<(), PublishError> {
    loop {
        for _ in 0..ON_THE_WAY {
            client.publish(subject.clone(), Bytes::new()).await?;
        }
        // No faster than the server reads them.
        let mut echo = shared.inbox.wait();
        client.publish(echo.subject(), Bytes::new()).await?;
        echo.message().await;
    }
}

async fn take(shared: &Arc<EngineInner>, name: &'static str, request: Message) {
    // A message without a reply subject is not a call.
    let Some(reply) = request.reply.clone() else {
        return;
    };
    let Ok(place) = Arc::clone(&shared.places).try_acquire_owned() else {
        return send(shared, reply.to_string(), Err(BrokerError::Busy)).await;
    };
    let deadline = headers::deadline(request.headers.as_ref());
    let this = Arc::clone(shared);
    shared.keep_going(&shared.answering, async move {
        let _place = place;
        let answered = async {
            if let Some(answer) = answer(&this, name, request, deadline).await {
                send(&this, reply.to_string(), answer).await;
            }
        };
        match deadline {
            // The caller of an expired request has gone.
            Some(deadline) => drop(timeout_at(deadline, answered).await),
            None => answered.await,
        }
    });
}

/// `None` if the deadline has passed.
async fn answer(
    shared: &EngineInner,
    name: &str,
    request: Message,
    deadline: Option<Instant>,
) -> Option<EncodedAnswer> {
    let _slot = shared.slots.acquire().await.expect("it is never closed");
    if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
        return None;
    }
    let Message {
        headers, payload, ..
    } = request;
    let headers = headers.as_ref();
    if let Err(incompatible) = headers::check(headers, "the request") {
        return Some(Err(incompatible));
    }
    let delivery = Delivery {
        attempt: 1,
        traceparent: headers::traceparent(headers),
    };
    Some(shared.handlers.answer_remote(name, payload, delivery).await)
}

async fn send(shared: &EngineInner, reply: String, answer: EncodedAnswer) {
    let (headers, body) = headers::answer(answer);
    if let Err(error) = shared.publish(reply.clone(), Some(headers), body).await {
        let (headers, body) = headers::answer(Err(error));
        // If that cannot be sent either, the caller waits until its deadline.
        let _ = shared.publish(reply, Some(headers), body).await;
    }
}
