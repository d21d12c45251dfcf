//! The engine, which runs as long as the broker lives.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use futures_util::StreamExt;
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::in_flight::InFlightIds;
use super::inner::{EngineInner, PROMPT};
use super::session::Session;
use super::settings::NatsSettings;
use super::{durable, serve};
use crate::broker::handlers::Handlers;
use crate::broker::limits::GRACE;
use crate::broker::payload::Format;
use crate::broker::start_error::StartError;
use crate::nats::{Inbox, RefusedOperation};
use crate::sync::Mutex;

/// How long a start may take.
const START: Duration = Duration::from_secs(20);

/// The engine. Dropping it ends its tasks.
pub(in crate::broker) struct NatsEngine {
    pub(super) shared: Arc<EngineInner>,
}

impl NatsEngine {
    pub(super) async fn start(
        settings: NatsSettings,
        handlers: Handlers,
    ) -> Result<Self, StartError> {
        let servers = settings.servers.clone();
        let start = timeout(START, Self::try_start(settings, handlers)).await;
        start
            .unwrap_or_else(|_| Err("there is no answer".into()))
            .map_err(|reason| StartError::Unavailable(format!("NATS at {servers}: {reason}")))
    }

    async fn try_start(settings: NatsSettings, handlers: Handlers) -> Result<Self, String> {
        let session = Session::connect(&settings).await?;
        let shared = Arc::new(EngineInner {
            inbox: Inbox::new(session.client.new_inbox()),
            refusal: Mutex::default(),
            sessions: watch::Sender::new(None),
            slots: Semaphore::new(settings.concurrency),
            durable_slots: Semaphore::new(durable_slots(settings.concurrency)),
            in_flight: InFlightIds::default(),
            places: Arc::new(Semaphore::new(settings.pending)),
            takers: TaskTracker::new(),
            answering: TaskTracker::new(),
            keepers: TaskTracker::new(),
            closing: CancellationToken::new(),
            end: CancellationToken::new(),
            settings,
            handlers,
        });
        // From here on, an error drops the engine, which ends what was begun.
        let engine = NatsEngine {
            shared: Arc::clone(&shared),
        };
        shared.open(&session).await?;
        if shared.is_durable_worker(&session) {
            durable::prepare(&shared, &session).await?;
        }
        shared.keep_going(&shared.keepers, Arc::clone(&shared).keep(session));
        Ok(engine)
    }

    pub(in crate::broker) fn format(&self) -> Format {
        self.shared.settings.format
    }

    /// Takes no further requests, lets the handlers end within their grace, and closes the connection.
    pub(in crate::broker) async fn stop(&self) {
        let EngineInner {
            takers,
            answering,
            keepers,
            closing,
            end,
            sessions,
            ..
        } = &*self.shared;
        closing.cancel();
        takers.close();
        let _ = timeout(PROMPT, takers.wait()).await;
        answering.close();
        let _ = timeout(GRACE, answering.wait()).await;
        let session = sessions.send_replace(None);
        end.cancel();
        if let Some(Session { client, lost, .. }) = session {
            // Answers are written before the connection is closed.
            let _ = timeout(PROMPT, async {
                let _ = client.flush().await;
                let _ = client.drain().await;
                lost.cancelled().await;
            })
            .await;
        }
        keepers.close();
        for tasks in [takers, answering, keepers] {
            tasks.wait().await;
        }
        // A connection may have been made in that very moment.
        drop(sessions.send_replace(None));
    }
}

/// How many handlers of durable requests may run, out of `concurrency`. Nothing ends those that hang, so some slots are
/// reserved for `call`.
fn durable_slots(concurrency: usize) -> usize {
    (concurrency - concurrency.div_ceil(8)).max(1)
}

impl EngineInner {
    /// Starts everything that a connection carries. When this returns, the server knows the subscriptions.
    async fn open(self: &Arc<Self>, session: &Session) -> Result<(), String> {
        let opened = self.subscribe(session).await;
        if opened.is_err() {
            // Cancels it, so that no task keeps it alive.
            session.lost.cancel();
        }
        opened
    }

    async fn subscribe(self: &Arc<Self>, session: &Session) -> Result<(), String> {
        let Session {
            client,
            lost,
            refusals,
            ..
        } = session;
        let subscription = client.subscribe(self.inbox.subjects()).await;
        let mut answers = subscription.map_err(|error| error.to_string())?;
        let shared = Arc::clone(self);
        let until_lost = lost.clone();
        self.keep_going(&self.keepers, async move {
            let deliver = async {
                while let Some(message) = answers.next().await {
                    shared.inbox.deliver(message);
                }
            };
            until_lost.run_until_cancelled(deliver).await;
            // Without answers the connection is useless.
            until_lost.cancel();
        });
        serve::begin(self, session).await?;

        let is_fatal = |refused: &RefusedOperation| !matches!(refused, RefusedOperation::Publish(subject) if !subject.starts_with(self.inbox.prefix()));
        // When a message to ourselves comes back, the server has read all that was sent before it. The second one gives
        // the client's own event task the time to report refusals, which it learns of before the first one.
        for _ in 0..2 {
            let mut echo = self.inbox.wait();
            client
                .publish(echo.subject(), Bytes::new())
                .await
                .map_err(|error| error.to_string())?;
            let back = tokio::select! {
                biased;
                text = refusals.wait(is_fatal) => return Err(text),
                back = timeout(PROMPT, lost.run_until_cancelled(echo.message())) => back,
            };
            if !matches!(back, Ok(Some(_))) {
                return Err("the server does not send what is for this client".into());
            }
        }
        self.watch_refusals(session);
        if self.is_durable_worker(session) {
            durable::begin(self, session);
        }
        self.sessions.send_replace(Some(session.clone()));
        Ok(())
    }

    /// Gives a connection up when the server refuses one of its subjects: permissions may change while it is open.
    fn watch_refusals(self: &Arc<Self>, session: &Session) {
        let Session { lost, refusals, .. } = session.clone();
        let answers = format!("{}.answer.", self.settings.prefix);
        let this = Arc::clone(self);
        self.keep_going(&self.keepers, async move {
            let is_ours = |refused: &RefusedOperation| matches!(refused, RefusedOperation::Subscription(subject) if !subject.starts_with(&answers));
            if let Some(text) = lost.run_until_cancelled(refusals.wait(is_ours)).await {
                this.set_refusal(Some(text));
                lost.cancel();
            }
        });
    }

    /// Whether this worker answers durable requests.
    fn is_durable_worker(&self, session: &Session) -> bool {
        self.settings.is_durable
            && !self.handlers.names().is_empty()
            && session.client.server_info().jetstream
    }

    /// Reconnects whenever the connection is lost.
    async fn keep(self: Arc<Self>, mut session: Session) {
        loop {
            session.lost.cancelled().await;
            self.sessions.send_replace(None);
            drop(session);
            session = self.connect_again().await;
        }
    }

    async fn connect_again(self: &Arc<Self>) -> Session {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(20))
            // `backon` adds a random jitter of up to the same length.
            .with_max_delay(Duration::from_secs(1))
            .with_jitter()
            .without_max_times();
        for pause in pauses.build() {
            // Many clients that were disconnected together should not all reconnect together.
            sleep(pause).await;
            let refusal = match Session::connect(&self.settings).await {
                Ok(session) => match self.open(&session).await {
                    Ok(()) => {
                        self.set_refusal(None);
                        return session;
                    }
                    Err(_) => session.refusals.find(|_| true),
                },
                Err(_) => None,
            };
            self.set_refusal(refusal);
        }
        unreachable!("the pauses never end")
    }
}

impl Drop for NatsEngine {
    fn drop(&mut self) {
        self.shared.end.cancel();
        // The connection closes when the last task drops it.
        self.shared.sessions.send_replace(None);
    }
}

impl fmt::Debug for NatsEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EngineInner {
            settings,
            inbox,
            answering,
            ..
        } = &*self.shared;
        f.debug_struct("Nats")
            .field("servers", &settings.servers)
            .field("prefix", &settings.prefix)
            .field("is_connected", &self.shared.session_now().is_some())
            .field("inbox", inbox)
            .field("answering", &answering.len())
            .finish_non_exhaustive()
    }
}
