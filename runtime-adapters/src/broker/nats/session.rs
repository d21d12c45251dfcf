//! One connection, from its start to its loss.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::stream::{Config, LastRawMessageErrorKind, RetentionPolicy, Stream};
use async_nats::{Client, Event, HeaderMap};
use bytes::Bytes;
use futures_util::TryFutureExt;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use super::failure::{NatsFailure, text};
use super::settings::NatsSettings;
use crate::broker::error::BrokerError;
use crate::nats::{RefusalLog, RefusedOperation};

/// How long ids are remembered and answers are kept.
const RETENTION: Duration = Duration::from_secs(120);

/// One connection. The client's own reconnect is not used: it continues when nothing needs it any more, and does not
/// report what was lost.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) client: Client,
    /// Cancelled when the connection is lost.
    pub(super) lost: CancellationToken,
    pub(super) refusals: RefusalLog,
    streams: Arc<Mutex<Option<Arc<DurableStreams>>>>,
}

/// The streams of durable calls.
pub(super) struct DurableStreams {
    pub(super) requests: Stream,
    pub(super) answers: Stream,
}

impl Session {
    pub(super) async fn connect(settings: &NatsSettings) -> Result<Self, String> {
        let lost = CancellationToken::new();
        let refusals = RefusalLog::new();
        let on_event = {
            let (lost, refusals) = (lost.clone(), refusals.clone());
            move |event| {
                match event {
                    Event::Disconnected | Event::Closed => lost.cancel(),
                    Event::ServerError(error) => refusals.add(&error),
                    _ => {}
                }
                std::future::ready(())
            }
        };
        let addresses = settings.servers.addresses.clone();
        let options = settings
            .servers
            .options()
            .name(concat!("conjoin-adapters ", env!("CARGO_PKG_VERSION")))
            .ping_interval(Duration::from_secs(10))
            // One attempt at each server, and then the client ends.
            .max_reconnects(addresses.len())
            // A message that finds no space here is lost. Each call has at most two: its answer and the server's
            // acknowledgement.
            .subscription_capacity(settings.pending.saturating_mul(2).clamp(1 << 16, 1 << 24))
            .event_callback(on_event);
        let client = options
            .connect(addresses)
            .await
            .map_err(|error| text(&error))?;
        if !client.server_info().headers {
            return Err("the server is too old for headers".into());
        }
        Ok(Session {
            client,
            lost,
            refusals,
            streams: Arc::default(),
        })
    }

    /// The streams of durable calls, which are created if they do not exist.
    pub(super) async fn streams(
        &self,
        settings: &NatsSettings,
    ) -> Result<Arc<DurableStreams>, NatsFailure> {
        let unavailable = |reason: &str| {
            Err(NatsFailure::Permanent(BrokerError::Unavailable(
                reason.into(),
            )))
        };
        if !settings.is_durable {
            return unavailable("durable calls are switched off here");
        }
        if !self.client.server_info().jetstream {
            return unavailable("the server has no JetStream, which durable calls need");
        }
        // Concurrent callers wait for the first one.
        let mut known = self.streams.lock().await;
        if let Some(streams) = &*known {
            return Ok(Arc::clone(streams));
        }
        // Boxed: a large future that rarely runs.
        let new = Box::pin(self.make_streams(settings));
        let made = Arc::new(self.unless_refused("$JS.API.", new).await?);
        Ok(Arc::clone(known.insert(made)))
    }

    /// Runs an operation that sends messages to subjects with this prefix, and fails if the server refuses one of them.
    pub(super) async fn unless_refused<T>(
        &self,
        subjects: &str,
        sends: impl Future<Output = Result<T, NatsFailure>>,
    ) -> Result<T, NatsFailure> {
        let applies = |refused: &RefusedOperation| matches!(refused, RefusedOperation::Publish(subject) if subject.starts_with(subjects));
        tokio::select! {
            biased;
            text = self.refusals.wait(applies) => Err(NatsFailure::Permanent(refused(&text))),
            result = sends => result,
        }
    }

    /// The answer stored under this subject, if there is one.
    pub(super) async fn stored_answer(
        &self,
        settings: &NatsSettings,
        subject: &str,
    ) -> Result<Option<(HeaderMap, Bytes)>, NatsFailure> {
        let streams = self.streams(settings).await?;
        let look = async {
            match streams
                .answers
                .get_last_raw_message_by_subject(subject)
                .await
            {
                Ok(answer) => Ok(Some((answer.headers, answer.payload))),
                Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => Ok(None),
                Err(_) => Err(NatsFailure::Temporary),
            }
        };
        let answer = self.unless_refused("$JS.API.STREAM.MSG.GET.", look).await;
        if answer == Err(NatsFailure::Temporary) {
            self.forget_streams().await;
        }
        answer
    }

    /// Forgets the streams, so that they are looked up, or created, again: they may have been deleted.
    pub(super) async fn forget_streams(&self) {
        *self.streams.lock().await = None;
    }

    async fn make_streams(&self, settings: &NatsSettings) -> Result<DurableStreams, NatsFailure> {
        let NatsSettings { prefix, stream, .. } = settings;
        let jetstream = async_nats::jetstream::new(self.client.clone());
        let make = |config| {
            jetstream
                .get_or_create_stream(config)
                .map_err(|error| NatsFailure::from(&error))
        };
        let requests = make(Config {
            name: stream.clone(),
            subjects: vec![format!("{prefix}.durable.>")],
            retention: RetentionPolicy::WorkQueue,
            duplicate_window: RETENTION,
            ..Config::default()
        })
        .await?;
        if requests.cached_info().config.retention != RetentionPolicy::WorkQueue {
            let reason = format!("the stream `{stream}` exists, but is not a work queue");
            return Err(NatsFailure::Permanent(BrokerError::Unavailable(reason)));
        }
        let ours = format!("{prefix}.durable.>");
        if !requests
            .cached_info()
            .config
            .subjects
            .iter()
            .any(|subject| covers(subject, &ours))
        {
            let reason = format!("the stream `{stream}` exists, but does not include `{ours}`");
            return Err(NatsFailure::Permanent(BrokerError::Unavailable(reason)));
        }
        let answers = make(Config {
            name: format!("{stream}-answers"),
            subjects: vec![format!("{prefix}.answer.*")],
            max_messages_per_subject: 1,
            max_age: RETENTION,
            ..Config::default()
        })
        .await?;
        Ok(DurableStreams { requests, answers })
    }
}

/// Whether `pattern` covers all subjects below `ours`, as far as their last tokens tell.
fn covers(pattern: &str, ours: &str) -> bool {
    pattern == ours
        || pattern
            .strip_suffix('>')
            .is_some_and(|beginning| ours.starts_with(beginning))
}

/// The error for an operation that the server refuses.
pub(super) fn refused<E>(text: &str) -> BrokerError<E> {
    BrokerError::Unavailable(format!("the server refuses it: {text}"))
}
