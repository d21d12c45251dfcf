//! Forwards a subscription to the receivers of its room.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::{StreamExt, future};
use tokio::sync::broadcast::Sender;
use tokio::sync::{oneshot, watch};
use tokio::task::unconstrained;

use super::transport::NatsTransport;
use crate::bus::error::BusError;
use crate::bus::feed::Feed;
use crate::bus::hub::{Hub, Notification};
use crate::nats::RefusedOperation;

impl NatsTransport {
    /// Starts the feed of a joined room. `None` if the bus was closed meanwhile.
    pub(in crate::bus) fn feed(&self, hub: &Arc<Hub>, room: &Arc<str>) -> Option<Feed> {
        let mut new = None;
        let feed = hub.feed_with(room, |sender| {
            let (subscribed, is_subscribed) = watch::channel(false);
            let (stop, stopped) = oneshot::channel();
            let has_overrun = Arc::<AtomicBool>::default();
            let forwarder = Forwarder {
                nats: self.clone(),
                subject: self.subject(room),
                sender: sender.clone(),
                has_overrun: Arc::clone(&has_overrun),
                hub: Arc::clone(hub),
                room: Arc::clone(room),
                subscribed,
            };
            new = Some((forwarder, stopped));
            (
                Feed {
                    is_subscribed,
                    has_overrun,
                },
                stop,
            )
        });
        if let Some((forwarder, stopped)) = new {
            // Spawned without the hub's lock: if the runtime has ended, this drops the forwarder here and now.
            self.runtime.spawn(async move {
                // Exempt from tokio's budget, so that each run forwards everything that is there, and keeps up with the
                // client.
                let feeding = pin!(unconstrained(forwarder.run()));
                future::select(stopped, feeding).await;
            });
        }
        feed
    }
}

struct Forwarder {
    nats: NatsTransport,
    subject: String,
    sender: Sender<Notification>,
    has_overrun: Arc<AtomicBool>,
    hub: Arc<Hub>,
    room: Arc<str>,
    // Dropped last, so that a task that waits for this end finds the room ended.
    subscribed: watch::Sender<bool>,
}

impl Forwarder {
    async fn run(self) {
        let denied = |refused: &RefusedOperation| matches!(refused, RefusedOperation::Subscription(to) if *to == self.subject);
        let mut denial = pin!(self.nats.refusals.wait(denied));
        let subscribing = async {
            tokio::select! {
                biased;
                text = &mut denial => Err(BusError::Refused(text)),
                subscribed = self.nats.subscribe(&self.subject) => subscribed,
            }
        };
        let mut subscriber = match subscribing.await {
            Ok(subscriber) => subscriber,
            Err(refused @ BusError::Refused(_)) => {
                return self.hub.refuse(&refused, |room| *room == *self.room);
            }
            Err(_) => return,
        };
        self.subscribed.send_replace(true);
        loop {
            let message = tokio::select! {
                biased;
                message = subscriber.next() => message,
                text = &mut denial => {
                    let refused = BusError::Refused(text);
                    return self.hub.refuse(&refused, |room| *room == *self.room);
                }
            };
            let Some(message) = message else { return };
            self.has_overrun.store(false, Ordering::Relaxed);
            // Copied, because the message is a slice of the socket's buffer and would keep all of it alive. An error
            // means that the last receiver is leaving.
            let _ = self.sender.send(Notification::Event(Bytes::copy_from_slice(
                &message.payload,
            )));
        }
    }
}

impl Drop for Forwarder {
    /// Ends the room. If the forwarder was stopped, the room is gone already.
    fn drop(&mut self) {
        self.hub.feed_ended(&self.room, &self.sender);
    }
}
