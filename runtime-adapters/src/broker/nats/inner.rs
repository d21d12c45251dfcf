//! The state that the tasks of an engine share.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Semaphore, watch};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::failure::NatsFailure;
use super::in_flight::InFlightIds;
use super::session::Session;
use super::settings::NatsSettings;
use crate::broker::error::BrokerError;
use crate::broker::handlers::Handlers;
use crate::nats::Inbox;
use crate::sync::{Mutex, lock};

/// How long the server may take for an operation that normally takes milliseconds.
pub(super) const PROMPT: Duration = Duration::from_secs(5);

pub(super) struct EngineInner {
    pub(super) settings: NatsSettings,
    pub(super) handlers: Handlers,
    pub(super) inbox: Inbox,
    /// What the server has refused, if that is why there is no connection.
    pub(super) refusal: Mutex<Option<String>>,
    /// The connection, while there is one.
    pub(super) sessions: watch::Sender<Option<Session>>,
    /// A permit for each handler that may run.
    pub(super) slots: Semaphore,
    /// A permit for each handler of a durable request that may run, which also takes a slot.
    pub(super) durable_slots: Semaphore,
    pub(super) in_flight: InFlightIds,
    /// A permit for each request of `call` that this worker may hold.
    pub(super) places: Arc<Semaphore>,
    /// The tasks that take requests: one for each name and kind of call.
    pub(super) takers: TaskTracker,
    /// The tasks that answer requests, one for each.
    pub(super) answering: TaskTracker,
    /// The tasks that keep the connection and receive answers.
    pub(super) keepers: TaskTracker,
    /// Cancelled when the tasks must take no further requests.
    pub(super) closing: CancellationToken,
    /// Cancelled when all tasks are to end at once.
    pub(super) end: CancellationToken,
}

impl EngineInner {
    /// Spawns a task that ends with the engine.
    pub(super) fn keep_going(
        &self,
        tasks: &TaskTracker,
        future: impl Future<Output = ()> + Send + 'static,
    ) {
        tasks.spawn(self.end.clone().run_until_cancelled_owned(future));
    }

    pub(super) fn set_refusal(&self, refusal: Option<String>) {
        *lock(&self.refusal) = refusal;
    }

    /// The error for a missing connection, with its reason.
    pub(super) fn unavailable<E>(&self) -> BrokerError<E> {
        let lost = "the connection to the server is lost";
        BrokerError::Unavailable(match &*lock(&self.refusal) {
            Some(refusal) => format!("{lost}: {refusal}"),
            None => lost.into(),
        })
    }

    /// The connection, if there is one.
    pub(super) fn session_now(&self) -> Option<Session> {
        self.sessions
            .borrow()
            .clone()
            .filter(|session| !session.lost.is_cancelled())
    }

    /// Waits for a connection.
    pub(super) async fn session(&self) -> Session {
        let mut sessions = self.sessions.subscribe();
        let is_up = |session: &Option<Session>| {
            session
                .as_ref()
                .is_some_and(|session| !session.lost.is_cancelled())
        };
        let session = sessions
            .wait_for(is_up)
            .await
            .expect("the sender is in `self`");
        session.clone().expect("what was waited for")
    }

    /// Publishes a message. `Err` if no connection can send it.
    pub(super) async fn publish(
        &self,
        subject: String,
        headers: Option<async_nats::HeaderMap>,
        body: Bytes,
    ) -> Result<(), BrokerError<Bytes>> {
        loop {
            let client = self.session().await.client;
            let sent = match headers.clone() {
                Some(headers) => {
                    client
                        .publish_with_headers(subject.clone(), headers, body.clone())
                        .await
                }
                None => client.publish(subject.clone(), body.clone()).await,
            };
            match sent.map_err(NatsFailure::from) {
                Ok(()) => return Ok(()),
                Err(NatsFailure::Permanent(error)) => return Err(error),
                // The loss may not have been noticed here yet.
                Err(NatsFailure::Temporary) => sleep(Duration::from_millis(10)).await,
            }
        }
    }
}
