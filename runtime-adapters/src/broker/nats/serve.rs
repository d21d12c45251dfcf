//! Requests of `call`, as a worker takes and answers them.

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

/// More than are on their way to one worker at a time that has taken what came before.
const ON_THE_WAY: u64 = 256;

/// How often it is looked how many those are.
const ROUNDS: u32 = 100;

/// Has requests taken that come over this connection.
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
    // The client's `drain` loses what comes while the server does not yet know of it. So the server is to end the
    // subscription, after some more messages, and it is sent those. The workers that get them instead know what they
    // are.
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

/// Takes what waits here and in the socket, which may be far more than [`ON_THE_WAY`] when this process was busy, until
/// few come in the time of a round trip. `None` if they do not become few.
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
        // The echo counts when there is no request before it.
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

/// Sends what nobody answers, as long as it is polled.
async fn fill_up(
    shared: &EngineInner,
    client: &Client,
    subject: String,
) -> Result<(), PublishError> {
    loop {
        for _ in 0..ON_THE_WAY {
            client.publish(subject.clone(), Bytes::new()).await?;
        }
        // Not faster than the server reads it.
        let mut echo = shared.inbox.wait();
        client.publish(echo.subject(), Bytes::new()).await?;
        echo.message().await;
    }
}

async fn take(shared: &Arc<EngineInner>, name: &'static str, request: Message) {
    // Who does not wait for an answer has not called.
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
            // Who is too late is not waited for any more.
            Some(deadline) => drop(timeout_at(deadline, answered).await),
            None => answered.await,
        }
    });
}

/// `None` if nobody waits for it.
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
        // What cannot be sent either leaves the caller to its deadline.
        let _ = shared.publish(reply, Some(headers), body).await;
    }
}
