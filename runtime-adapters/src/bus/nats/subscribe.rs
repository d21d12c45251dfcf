//! Subscribes to rooms, and finds out what the server refuses.

use std::sync::atomic::Ordering;
use std::time::Duration;

use async_nats::Subscriber;
use tokio::time::sleep;

use super::transport::NatsTransport;
use crate::bus::error::BusError;
use crate::bus::hub::Hub;
use crate::nats::RefusedOperation;

/// How long a refusal takes from the connection to us, at most: the client tells of it by another task. While the server
/// has refused no subscription, a tenth of this is enough, as many rooms would have to be the first ones at once.
const REFUSAL_DELAY: Duration = Duration::from_millis(20);

/// Between two looks whether a server is back.
const PAUSE: Duration = Duration::from_millis(20);

/// Names of so many bytes make no line too long that is not too long without them.
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
    pub(super) fn check_line(&self, subject: &str) -> Result<(), BusError> {
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
