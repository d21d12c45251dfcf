//! The connection, and what is sent over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, PublishErrorKind};
use bytes::Bytes;
use futures_util::future;
use tokio::runtime::Handle;
use tokio::sync::RwLock;
use tokio::time::timeout;

use super::subject::subject;
use crate::bus::error::BusError;
use crate::bus::feed::Feed;
use crate::bus::hub::Hub;
use crate::nats::{Inbox, RefusalLog, RefusedOperation};
use crate::sync::{Mutex, lock};

/// The time limit of operations that wait for the server.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

#[derive(Clone)]
pub(in crate::bus) struct NatsTransport {
    pub(super) client: Client,
    pub(super) prefix: Arc<str>,
    pub(super) runtime: Handle,
    /// The number of the connection over which the first event since the last flush was emitted.
    pub(super) unflushed: Arc<Mutex<Option<u64>>>,
    /// The server's message about an event that it rejected.
    pub(super) refused: Arc<Mutex<Option<String>>>,
    pub(super) refusals: RefusalLog,
    /// The inbox for messages to ourselves.
    pub(super) inbox: Arc<Inbox>,
    /// Held for reading by rooms that join, and for writing by one that may exceed the server's limit, so that only
    /// that one can be refused.
    pub(super) joining: Arc<RwLock<()>>,
    /// The longest subject since the last message to ourselves came back.
    pub(super) longest: Arc<AtomicUsize>,
    /// Subjects of this length make lines that are too long for the server.
    pub(super) too_long: Arc<AtomicUsize>,
}

impl NatsTransport {
    /// The largest size of an event.
    pub(in crate::bus) fn max_event(&self) -> usize {
        self.client.max_payload()
    }

    pub(in crate::bus) async fn emit(
        &self,
        hub: &Hub,
        room: &str,
        event: Bytes,
    ) -> Result<(), BusError> {
        if hub.is_closed() {
            return Err(BusError::Closed);
        }
        self.check_connected()?;
        let subject = self.subject(room);
        self.check_line(&subject)?;
        let is_refused = |refused: &RefusedOperation| matches!(refused, RefusedOperation::Publish(to) if *to == subject);
        if let Some(text) = self.refusals.find(is_refused) {
            return Err(BusError::Refused(text));
        }
        lock(&self.unflushed).get_or_insert_with(|| self.connection());
        let limit = self.max_event();
        let publish = async {
            // If this process has joined the room, it must also receive this event. An error means that it has left
            // again.
            if let Some(feed) = hub.feed(room) {
                let _ = feed.subscribed().await;
            }
            self.client.publish(subject.clone(), event).await
        };
        match timeout(LIMIT, publish)
            .await
            .map_err(|_| BusError::TimedOut)?
        {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
                Err(BusError::TooLarge { limit })
            }
            Err(_) => Err(BusError::Closed),
        }
    }

    /// Waits until the room's subscription has reached the server.
    pub(in crate::bus) async fn confirm(&self, feed: Feed) -> Result<(), BusError> {
        self.check_connected()?;
        timeout(LIMIT, feed.clone().subscribed())
            .await
            .map_err(|_| BusError::TimedOut)??;
        self.round_trip().await?;
        feed.check()
    }

    /// Waits until the server has received everything that was emitted.
    pub(in crate::bus) async fn flush(&self) -> Result<(), BusError> {
        let mut first = PendingFlush {
            connection: lock(&self.unflushed).take(),
            nats: self,
        };
        self.round_trip().await?;
        if let Some(text) = lock(&self.refused).take() {
            return Err(BusError::Refused(text));
        }
        if first
            .connection
            .take()
            .is_some_and(|connection| connection != self.connection())
        {
            return Err(BusError::Interrupted);
        }
        Ok(())
    }

    /// Closes the connection after everything was sent and received. The hub is closed already. It continues if the
    /// future is dropped.
    pub(in crate::bus) fn close(
        &self,
        hub: Arc<Hub>,
    ) -> impl Future<Output = Result<(), BusError>> + use<> {
        let nats = self.clone();
        let closing = self.runtime.spawn(async move {
            let flushed = nats.flush().await;
            let is_there = matches!(
                flushed,
                Ok(()) | Err(BusError::Interrupted | BusError::Refused(_))
            );
            if is_there && nats.client.drain().await.is_ok() {
                // The subscriptions end after all messages have reached the receivers.
                let _ = timeout(
                    LIMIT,
                    future::join_all(hub.feeds().into_iter().map(Feed::ended)),
                )
                .await;
                hub.clear();
            } else {
                hub.clear();
                // The client tries to reconnect while the server is down, and notices this when it is back.
                nats.runtime.spawn(async move { nats.client.drain().await });
            }
            flushed
        });
        async { closing.await.unwrap_or(Err(BusError::Closed)) }
    }

    /// Sends messages to ourselves. When they come back, the server has received all that the client was given before
    /// them. The second one gives the client's own event task the time to report refusals, which it learns of before
    /// the first one comes back.
    pub(super) async fn round_trip(&self) -> Result<(), BusError> {
        self.check_connected()?;
        let trips = async {
            for _ in 0..2 {
                let mut echo = self.inbox.wait();
                self.client
                    .publish(echo.subject(), Bytes::new())
                    .await
                    .ok()?;
                echo.message().await;
            }
            Some(())
        };
        timeout(LIMIT, trips)
            .await
            .map_err(|_| BusError::TimedOut)?
            .ok_or(BusError::Closed)?;
        self.longest.store(0, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn check_connected(&self) -> Result<(), BusError> {
        if self.is_connected() {
            Ok(())
        } else {
            Err(BusError::Disconnected)
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// The number of the connection, from 1. Each reconnect increases it.
    pub(super) fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    pub(super) fn subject(&self, room: &str) -> String {
        subject(&self.prefix, room)
    }
}

/// The events that a flush waits for. If it fails or is dropped, they are left to the next one.
struct PendingFlush<'a> {
    connection: Option<u64>,
    nats: &'a NatsTransport,
}

impl Drop for PendingFlush<'_> {
    fn drop(&mut self) {
        if self.connection.is_some() {
            *lock(&self.nats.unflushed) = self.connection;
        }
    }
}
