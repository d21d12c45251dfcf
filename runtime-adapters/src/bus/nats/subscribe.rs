//! Subscribes to rooms, and detects what the server refuses.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::Subscriber;
use tokio::time::sleep;

use super::transport::NatsTransport;
use crate::bus::error::BusError;
use crate::bus::hub::Hub;
use crate::nats::RefusedOperation;

/// How long a refusal takes at most from the connection to us, as another task of the client reports it. While the
/// server has not refused any subscription, a tenth of this is enough: otherwise many rooms would have to be the first
/// ones at the same time.
const REFUSAL_DELAY: Duration = Duration::from_millis(20);

/// The interval at which it checks whether a server is back.
const PAUSE: Duration = Duration::from_millis(20);

/// Names up to this length never make a line too long by themselves.
const SHORT: usize = 32;

impl NatsTransport {
    /// Subscribes to a room's subject. When this returns, the server has the subscription.
    pub(super) async fn subscribe(&self, subject: &str) -> Result<Subscriber, BusError> {
        {
            let _joining = self.joining.read().await;
            if let Some(subscriber) = self.try_subscribe(subject).await? {
                return Ok(subscriber);
            }
        }
        // One of the concurrent subscriptions exceeded the limit, perhaps another one.
        let _joining = self.joining.write().await;
        let subscriber = self.try_subscribe(subject).await?;
        let is_further = |refused: &RefusedOperation| {
            matches!(refused, RefusedOperation::FurtherSubscription(_))
        };
        subscriber
            .ok_or_else(|| BusError::Refused(self.refusals.find(is_further).unwrap_or_default()))
    }

    /// `None` if the server refused a subscription meanwhile.
    async fn try_subscribe(&self, subject: &str) -> Result<Option<Subscriber>, BusError> {
        self.check_line(subject)?;
        let before = self.refusals.further_subscriptions();
        let subscriber = self.client.subscribe(subject.to_owned()).await;
        let subscriber = subscriber.map_err(|_| BusError::Closed)?;
        loop {
            match self.round_trip().await {
                Ok(()) => break,
                Err(BusError::Closed) => return Err(BusError::Closed),
                // The client renews the subscription when the server is back.
                Err(_) => sleep(PAUSE).await,
            }
        }
        // The client's event task gets a refusal before the message comes back, but it may run last.
        let has_refused = before > 0;
        sleep(if has_refused {
            REFUSAL_DELAY
        } else {
            REFUSAL_DELAY / 10
        })
        .await;
        // A new connection counts from 0.
        let after = self.refusals.further_subscriptions();
        Ok((after == before || after == 0).then_some(subscriber))
    }

    /// # Errors
    ///
    /// For a subject at which the server ended the connection, or a longer one.
    pub(super) fn check_line(&self, subject: &str) -> Result<(), BusError> {
        self.longest.fetch_max(subject.len(), Ordering::Relaxed);
        if subject.len() < self.too_long.load(Ordering::Relaxed) {
            return Ok(());
        }
        Err(BusError::Refused(
            "the room's name makes a line that is too long for the server".into(),
        ))
    }

    /// The server ended the connection because of a line that was too long: the longest one since the last message to
    /// ourselves came back, or one of the subscriptions that the client renews. Rooms with subjects of that length are
    /// refused.
    pub(super) fn refuse_long_lines(&self, hub: &Hub) {
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
}
