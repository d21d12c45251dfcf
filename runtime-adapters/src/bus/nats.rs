//! The bus over a NATS server.
//!
//! A room is a subject, and each room that is joined in this process is one subscription: a task moves what comes to
//! the room's receivers in the [`Hub`]. It drops the oldest where a receiver is slow, and counts; the client's own
//! buffer, which drops the newest and does not say whose, never fills up while that task runs.

mod forwarder;
mod watch;

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, Event, PublishErrorKind, Subscriber};
use bytes::Bytes;
use futures_util::{StreamExt, future};
use tokio::runtime::Handle;
use tokio::sync::{RwLock, mpsc};
use tokio::time::{sleep, timeout};

pub(super) use self::forwarder::{Feed, StopOnDrop};
use super::BusError;
use super::hub::Hub;
use crate::nats::{Inbox, NatsServers, Refusal, RefusalLog, RefusedOperation};
use crate::sync::{Mutex, lock};

/// For whatever waits for the server.
const LIMIT: Duration = Duration::from_secs(5);

/// A server that does not answer two of these is taken for gone.
const PING: Duration = Duration::from_secs(10);

/// How long a refusal takes from the connection to us, at most: the client tells of it by another task. While the server
/// has refused no subscription, a tenth of this is enough, as many rooms would have to be the first ones at once.
const REFUSAL_DELAY: Duration = Duration::from_millis(20);

/// Between two looks whether a server is back.
const PAUSE: Duration = Duration::from_millis(20);

/// Names of so many bytes make no line too long that is not too long without them.
const SHORT: usize = 32;

/// How many messages of a room may wait for its task.
const UNFED: usize = 65_536;

/// What the client reads at once, so that it yields before it has read [`UNFED`] messages, however small: tokio lets
/// it read 128 times, and a message has 26 bytes at least.
const READ: u16 = 8 * 1024;

#[derive(Clone)]
pub(super) struct NatsTransport {
    client: Client,
    prefix: Arc<str>,
    runtime: Handle,
    /// The connection, by its number, over which the first event since the last flush was emitted.
    unflushed: Arc<Mutex<Option<u64>>>,
    /// What the server has said of an event that it did not take.
    refused: Arc<Mutex<Option<String>>>,
    refusals: RefusalLog,
    /// Where messages to ourselves come back.
    inbox: Arc<Inbox>,
    /// Held for reading by rooms that are joined, and for writing by one that may be beyond the server's limit: then no
    /// other can be the one that is refused.
    joining: Arc<RwLock<()>>,
    /// The longest subject since the last message to ourselves came back.
    longest: Arc<AtomicUsize>,
    /// Subjects of so many bytes make lines that are too long for the server.
    too_long: Arc<AtomicUsize>,
}

impl NatsTransport {
    pub(super) async fn connect(url: &str, prefix: &str, hub: &Arc<Hub>) -> Result<Self, BusError> {
        let servers = NatsServers::parse(url).map_err(BusError::Connect)?;
        // Without a bound: while the client's task for events waits, refusals that it has not seen yet look like consent.
        // It has no more than 128 of them itself.
        let (tell, events) = mpsc::unbounded_channel();
        let refusals = RefusalLog::new();
        let refused = Arc::<Mutex<Option<String>>>::default();
        let on_event = {
            let (refusals, refused) = (refusals.clone(), Arc::clone(&refused));
            move |event: &Event| match event {
                // Rights may be others now, and rooms that were refused are gone.
                Event::Connected => refusals.clear(),
                Event::ServerError(error) => {
                    let refusal = Refusal::parse(error);
                    if let Some(Refusal {
                        what: RefusedOperation::Publish(_),
                        text,
                    }) = refusal
                    {
                        *lock(&refused) = Some(text);
                    }
                    refusals.add(error);
                }
                _ => {}
            }
        };
        let options = servers
            .options()
            .name("conjoin bus")
            .connection_timeout(LIMIT)
            .ping_interval(PING)
            .subscription_capacity(UNFED)
            .read_buffer_capacity(READ)
            .event_callback(move |event| {
                on_event(&event);
                // An error says that the bus is closed.
                drop(tell.send(event));
                std::future::ready(())
            });
        let connecting = timeout(LIMIT * 2, options.connect(servers.addresses.clone()));
        let client = connecting
            .await
            .map_err(|_| "it does not answer in time".to_owned());
        let client = client.and_then(|client| client.map_err(|error| error.to_string()));
        let client = client.map_err(|error| BusError::Connect(format!("{servers}: {error}")))?;
        let id = client.new_inbox();
        let id = id.rsplit('.').next().unwrap_or_default();
        let nats = NatsTransport {
            inbox: Arc::new(Inbox::new(format!("{prefix}.echo.{id}"))),
            client,
            prefix: prefix.into(),
            runtime: Handle::current(),
            unflushed: Arc::default(),
            refused,
            refusals,
            joining: Arc::default(),
            longest: Arc::default(),
            too_long: Arc::new(AtomicUsize::new(usize::MAX)),
        };
        nats.listen()
            .await
            .map_err(|reason| BusError::Connect(format!("{servers}: {reason}")))?;
        nats.runtime
            .spawn(watch::watch(nats.clone(), Arc::clone(hub), events));
        Ok(nats)
    }

    /// Has messages to ourselves come back.
    async fn listen(&self) -> Result<(), String> {
        let subscribed = self.client.subscribe(self.inbox.subjects()).await;
        let mut echoes = subscribed.map_err(|error| error.to_string())?;
        let inbox = Arc::clone(&self.inbox);
        self.runtime.spawn(async move {
            while let Some(echo) = echoes.next().await {
                inbox.deliver(echo);
            }
        });
        tokio::select! {
            biased;
            text = self.refusals.wait(|_| true) => Err(text),
            back = self.round_trip() => back.map_err(|error| error.to_string()),
        }
    }

    /// Subscribes to a room's subject. When this returns, the server has the subscription.
    async fn subscribe(&self, subject: &str) -> Result<Subscriber, BusError> {
        {
            let _joining = self.joining.read().await;
            if let Some(subscriber) = self.try_subscribe(subject).await? {
                return Ok(subscriber);
            }
        }
        // One of those that subscribed at that time was one too many: perhaps another one.
        let _joining = self.joining.write().await;
        let subscriber = self.try_subscribe(subject).await?;
        let is_further = |refused: &RefusedOperation| {
            matches!(refused, RefusedOperation::FurtherSubscription(_))
        };
        subscriber
            .ok_or_else(|| BusError::Refused(self.refusals.find(is_further).unwrap_or_default()))
    }

    /// `None` when the server has refused a subscription meanwhile.
    async fn try_subscribe(&self, subject: &str) -> Result<Option<Subscriber>, BusError> {
        self.check_line(subject)?;
        let before = self.refusals.further_subscriptions();
        let subscriber = self.client.subscribe(subject.to_owned()).await;
        let subscriber = subscriber.map_err(|_| BusError::Closed)?;
        loop {
            match self.round_trip().await {
                Ok(()) => break,
                Err(BusError::Closed) => return Err(BusError::Closed),
                // The client subscribes again when the server is back.
                Err(_) => sleep(PAUSE).await,
            }
        }
        // The client's task for events gets a refusal before the message comes back, but it may be the last one to run.
        let has_refused = before > 0;
        sleep(if has_refused {
            REFUSAL_DELAY
        } else {
            REFUSAL_DELAY / 10
        })
        .await;
        // A new connection counts from none.
        let after = self.refusals.further_subscriptions();
        Ok((after == before || after == 0).then_some(subscriber))
    }

    /// # Errors
    ///
    /// For a subject with which the server has ended the connection, or a longer one.
    fn check_line(&self, subject: &str) -> Result<(), BusError> {
        self.longest.fetch_max(subject.len(), Ordering::Relaxed);
        if subject.len() < self.too_long.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(BusError::Refused(
            "the room's name makes a line that is too long for the server".into(),
        ))
    }

    /// The server has ended the connection because of a line that is too long: it was the longest one that it got since
    /// the last message to ourselves, or of the subscriptions that the client makes anew. Rooms whose subjects are as
    /// long are refused.
    fn refuse_long_lines(&self, hub: &Hub) {
        let rooms = hub
            .names()
            .into_iter()
            .map(|room| self.subject(&room).len());
        let longest = rooms.chain([self.longest.swap(0, Ordering::Relaxed)]).max();
        let limit = longest.unwrap_or_default().max(self.prefix.len() + SHORT);
        self.too_long.fetch_min(limit, Ordering::Relaxed);
        for room in hub.names() {
            if let Err(refused) = self.check_line(&self.subject(&room)) {
                hub.refuse(&refused, |name| *name == *room);
            }
        }
    }

    /// How large an event may be.
    pub(super) fn max_event(&self) -> usize {
        self.client.max_payload()
    }

    pub(super) async fn emit(&self, hub: &Hub, room: &str, event: Bytes) -> Result<(), BusError> {
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
            // This process receives what it emits after it has joined. The error says that it has left again.
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
    pub(super) async fn confirm(&self, feed: Feed) -> Result<(), BusError> {
        self.check_connected()?;
        timeout(LIMIT, feed.clone().subscribed())
            .await
            .map_err(|_| BusError::TimedOut)??;
        self.round_trip().await?;
        feed.check()
    }

    /// Waits until the server has all that was emitted.
    pub(super) async fn flush(&self) -> Result<(), BusError> {
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

    /// Ends the connection, after what was sent and received before; the hub is closed already. It goes on when the
    /// future is dropped.
    pub(super) fn close(
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
                // The subscriptions end when all that came has gone to the receivers.
                let _ = timeout(
                    LIMIT,
                    future::join_all(hub.feeds().into_iter().map(Feed::ended)),
                )
                .await;
                hub.clear();
            } else {
                hub.clear();
                // The client tries to reconnect for as long as the server is away, and sees this when it is back.
                nats.runtime.spawn(async move { nats.client.drain().await });
            }
            flushed
        });
        async { closing.await.unwrap_or(Err(BusError::Closed)) }
    }

    /// Messages to ourselves. What the client was given before them, the server has when they come back. The second one
    /// gives the client's own task for events the time to tell us of refusals, which it learns of before the first one.
    async fn round_trip(&self) -> Result<(), BusError> {
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

    fn check_connected(&self) -> Result<(), BusError> {
        if self.is_connected() {
            Ok(())
        } else {
            Err(BusError::Disconnected)
        }
    }

    fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// Counts from 1: each reconnect makes another one.
    fn connection(&self) -> u64 {
        self.client.statistics().connects.load(Ordering::Relaxed)
    }

    fn subject(&self, room: &str) -> String {
        subject(&self.prefix, room)
    }
}

/// What a flush is about. Dropping it leaves that to the next one, for a flush that has failed or was given up.
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

/// The subject of a room: one token, which no name can leave, and in which no name is a wildcard. What is not an ASCII
/// letter or digit, `-` or `_` is encoded as in URLs. An empty token would not do: `%` alone is the empty name.
fn subject(prefix: &str, room: &str) -> String {
    let mut subject = format!("{prefix}.room.");
    for byte in room.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            subject.push(char::from(byte));
        } else {
            let _ = write!(subject, "%{byte:02X}");
        }
    }
    if room.is_empty() {
        subject.push('%');
    }
    subject
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::subject;

    #[test]
    fn a_subject_is_legible_where_it_can_be() {
        assert_eq!(subject("shop", "table-7_A"), "shop.room.table-7_A");
        assert_eq!(subject("shop", "tables.7"), "shop.room.tables%2E7");
        assert_eq!(subject("shop", "Tür *>"), "shop.room.T%C3%BCr%20%2A%3E");
        assert_eq!(subject("shop", ""), "shop.room.%");
    }

    #[test]
    fn no_two_rooms_have_the_same_subject() {
        let alphabet = [
            "", "a", "A", "%", "2", "5", ".", "*", ">", "$", " ", "\0", "\r\n", "é", "%25", "=",
            "-", "_",
        ];
        let rooms = || {
            alphabet
                .iter()
                .flat_map(|a| alphabet.iter().map(move |b| format!("{a}{b}")))
        };
        let different: HashSet<String> = rooms().collect();
        let subjects: HashSet<String> = different.iter().map(|room| subject("p", room)).collect();
        assert_eq!(subjects.len(), different.len());
        for subject in subjects {
            let token = subject.strip_prefix("p.room.").unwrap();
            assert!(!token.is_empty());
            assert!(
                token
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"%-_".contains(&byte)),
                "{token}"
            );
        }
    }
}
