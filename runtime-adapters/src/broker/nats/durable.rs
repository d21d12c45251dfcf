//! The worker's side of durable requests.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::consumer::pull::Config;
use async_nats::jetstream::{AckKind, Message};
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use tokio::sync::SemaphorePermit;
use tokio::time::sleep;

use super::failure::{NatsFailure, text};
use super::headers;
use super::ids::{is_id, token};
use super::inner::EngineInner;
use super::session::Session;
use super::store::{PAUSE, store, stored_answer};
use crate::broker::delivery::Delivery;
use crate::broker::error::BrokerError;
use crate::broker::wire::EncodedAnswer;

/// How many requests it pulls at a time.
const BATCH: usize = 64;

/// How long a pull lasts. A broker that shuts down waits for its end.
const ASKED: Duration = Duration::from_secs(1);

/// The pause before a deleted queue is created again: `nats-server` 2.9 breaks a stream that is created while the old
/// one of its name is still being deleted, and it reports the loss of the consumers before that is complete.
const GONE: Duration = Duration::from_millis(500);

/// Creates the queue and its consumers.
pub(super) async fn prepare(shared: &EngineInner, session: &Session) -> Result<(), String> {
    for name in shared.handlers.names() {
        loop {
            match consumer(shared, session, name).await {
                Ok(_) => break,
                Err(NatsFailure::Temporary) => sleep(PAUSE).await,
                Err(NatsFailure::Permanent(error)) => return Err(error.map(|_| "").to_string()),
            }
        }
    }
    Ok(())
}

/// Starts to take requests over this connection.
pub(super) fn begin(shared: &Arc<EngineInner>, session: &Session) {
    for name in shared.handlers.names() {
        let (this, session) = (Arc::clone(shared), session.clone());
        shared.keep_going(&shared.takers, async move {
            let lost = session.lost.clone();
            lost.run_until_cancelled(take_all(&this, &session, name))
                .await;
        });
    }
}

/// The consumer for one name: a worker gets the requests that it has handlers for.
async fn consumer(
    shared: &EngineInner,
    session: &Session,
    name: &str,
) -> Result<PullConsumer, NatsFailure> {
    let streams = session.streams(&shared.settings).await?;
    let config = Config {
        durable_name: Some(token(name)),
        filter_subject: format!("{}.durable.{name}", shared.settings.prefix),
        ack_wait: shared.settings.ack_wait,
        // For all workers together.
        max_ack_pending: 100_000,
        ..Config::default()
    };
    // Boxed: a large future that rarely runs.
    let create = Box::pin(async {
        let consumer = streams.requests.create_consumer(config).await;
        consumer.map_err(|error| NatsFailure::Permanent(BrokerError::Unavailable(text(&error))))
    });
    session.unless_refused("$JS.API.", create).await
}

/// Takes requests until the engine closes.
async fn take_all(shared: &Arc<EngineInner>, session: &Session, name: &'static str) {
    let until_closing = &shared.closing;
    while !until_closing.is_cancelled() {
        if let Ok(consumer) = consumer(shared, session, name).await {
            while until_closing
                .run_until_cancelled(free_slot(shared))
                .await
                .is_some()
            {
                if take_some(shared, &consumer).await.is_err() {
                    break;
                }
            }
        }
        // The consumer was deleted, or the server is still starting.
        session.forget_streams().await;
        until_closing.run_until_cancelled(sleep(GONE)).await;
    }
}

/// It does not hold a slot while there may be no request, so a few requests may wait here for a slot.
async fn free_slot(shared: &EngineInner) {
    drop(shared.durable_slots.acquire().await);
    drop(shared.slots.acquire().await);
}

/// Takes as many requests as there are free slots. `Err` if the consumer must be created again.
///
/// It continues when the engine closes: requests that the server sends to a worker that has gone reach another worker
/// late, and count as if a worker had died.
async fn take_some(shared: &Arc<EngineInner>, consumer: &PullConsumer) -> Result<(), ()> {
    let free = shared
        .durable_slots
        .available_permits()
        .min(shared.slots.available_permits())
        .clamp(1, BATCH);
    let mut requests = consumer
        .batch()
        .max_messages(free)
        .expires(ASKED)
        .messages()
        .await
        .map_err(drop)?;
    while let Some(request) = requests.next().await {
        take(shared, request.map_err(drop)?);
    }
    Ok(())
}

fn take(shared: &Arc<EngineInner>, request: Message) {
    let Some(token) = request.reply.clone() else {
        return;
    };
    let this = Arc::clone(shared);
    shared.keep_going(&shared.answering, async move {
        let acknowledge =
            async |kind: AckKind| drop(this.publish(token.to_string(), None, kind.into()).await);
        let done = {
            let handled = pin!(handle(&this, request));
            let signs_of_life = pin!(async {
                loop {
                    sleep(this.settings.ack_wait / 3).await;
                    acknowledge(AckKind::Progress).await;
                }
            });
            match select(handled, signs_of_life).await {
                Either::Left((done, _)) => done,
                Either::Right((never, _)) => never,
            }
        };
        if let Some(kind) = done {
            acknowledge(kind).await;
        }
    });
}

/// Answers a request. `None` if the server should get no acknowledgement: the request is being handled here already, or the answer could not
/// be stored, and the server should deliver the request again.
async fn handle(shared: &EngineInner, request: Message) -> Option<AckKind> {
    let attempt = request
        .info()
        .map_or(1, |info| u64::try_from(info.delivered).unwrap_or(1));
    let is_deadly = attempt > shared.settings.max_deliver;
    let (request, _) = request.split();
    // A message that another program put into the queue has no caller.
    let id = headers::id(request.headers.as_ref())
        .filter(|id| is_id(id))
        .map(str::to_owned);
    let Some(id) = id else {
        if is_deadly {
            return Some(AckKind::Term);
        }
        let _slot = slot(shared).await;
        drop(answer(shared, request, attempt).await);
        return Some(AckKind::Ack);
    };
    let _handled = shared.in_flight.begin(&id)?;
    // While it waits for a slot, another worker may answer the request, so it looks for a stored answer afterwards.
    let slot = slot(shared).await;
    let (kind, (headers, body)) = match stored_answer(shared, &id).await {
        // Published again, for callers that have not seen the answer.
        Some(stored) => (AckKind::Ack, stored),
        None if is_deadly => (AckKind::Term, headers::answer(Err(BrokerError::WorkerDied))),
        None => {
            let answer = answer(shared, request, attempt).await;
            (AckKind::Ack, headers::answer(answer))
        }
    };
    drop(slot);
    store(shared, &id, headers, body).await.then_some(kind)
}

/// A slot for a handler.
async fn slot(shared: &EngineInner) -> (SemaphorePermit<'_>, SemaphorePermit<'_>) {
    let open = "it is never closed";
    let durable = shared.durable_slots.acquire().await.expect(open);
    (durable, shared.slots.acquire().await.expect(open))
}

async fn answer(shared: &EngineInner, request: async_nats::Message, attempt: u64) -> EncodedAnswer {
    let headers = request.headers.as_ref();
    headers::check(headers, "the request")?;
    let name = &request.subject[shared.settings.prefix.len() + ".durable.".len()..];
    let delivery = Delivery {
        attempt,
        traceparent: headers::traceparent(headers),
    };
    shared
        .handlers
        .answer_remote(name, request.payload, delivery)
        .await
}
