//! Durable requests, as a worker takes and answers them.

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

/// How many requests are asked for at a time.
const BATCH: usize = 64;

/// For how long they are asked for at a time. Who closes waits for the end of it.
const ASKED: Duration = Duration::from_secs(1);

/// Before a queue is made anew that somebody has deleted: `nats-server` 2.9 spoils a stream that is made while the last
/// of its name is on its way out, and says that the consumers are gone before the rest is.
const GONE: Duration = Duration::from_millis(500);

/// Makes the queue, and what is taken from it by.
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

/// Has requests taken over this connection.
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

/// A consumer for each name: a worker is given what it has handlers for.
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
        // Of all workers together.
        max_ack_pending: 100_000,
        ..Config::default()
    };
    // A large future for something rare.
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
        // It is not there any more, or the server is not yet there as a whole.
        session.forget_streams().await;
        until_closing.run_until_cancelled(sleep(GONE)).await;
    }
}

/// Slots are not held while there may be nothing to do, so that a few requests may be here that wait for one.
async fn free_slot(shared: &EngineInner) {
    drop(shared.durable_slots.acquire().await);
    drop(shared.slots.acquire().await);
}

/// Takes as many requests as there are free slots. `Err` if the consumer is to be made anew.
///
/// It goes on when the engine closes: what the server sends to who is gone comes to others late, and as if somebody had
/// died of it.
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

/// Answers a request. `None` if nobody is to be told: it is being handled here already, or the answer could not be
/// stored, and it is to come again.
async fn handle(shared: &EngineInner, request: Message) -> Option<AckKind> {
    let attempt = request
        .info()
        .map_or(1, |info| u64::try_from(info.delivered).unwrap_or(1));
    let is_deadly = attempt > shared.settings.max_deliver;
    let (request, _) = request.split();
    // For what somebody else has put into the queue nobody can wait.
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
    // While it waits for one, another worker may answer it: the look at what is stored comes later.
    let slot = slot(shared).await;
    let (kind, (headers, body)) = match stored_answer(shared, &id).await {
        // Sent again: a caller may wait that does not know of it.
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

/// A place for a handler.
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
