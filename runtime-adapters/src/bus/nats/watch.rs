//! Watches the connection and notifies the receivers.

use std::sync::Arc;

use async_nats::Event;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::transport::{LIMIT, NatsTransport};
use crate::bus::error::BusError;
use crate::bus::feed::Feed;
use crate::bus::hub::Hub;
use crate::nats::{Refusal, RefusedOperation};

/// Runs until the connection ends.
pub(super) async fn watch(
    nats: NatsTransport,
    hub: Arc<Hub>,
    mut events: UnboundedReceiver<Event>,
) {
    let mut known = nats.connection();
    loop {
        // The client reports a change a little before its state shows it, so the state is also checked from time to
        // time.
        let event = match timeout(LIMIT, events.recv()).await {
            Ok(None) => return,
            Ok(Some(event)) => Some(event),
            Err(_) => None,
        };
        match event {
            // The client has dropped a message, without naming its room.
            Some(Event::SlowConsumer(_)) => hub.tell(&BusError::Interrupted, Feed::overruns),
            Some(Event::ServerError(error)) => {
                let refusal = Refusal::parse(&error);
                if refusal.is_some_and(|refusal| refusal.what == RefusedOperation::LongLine) {
                    nats.refuse_long_lines(&hub);
                }
            }
            _ => {}
        }
        // The client drops events of this kind when there are many, so each is only a reason to check the state.
        if !nats.is_connected() || nats.connection() != known {
            hub.set_down(true);
        }
        while hub.is_down() && nats.is_connected() {
            // When a message has come back, the server also has the subscriptions that the client renewed before it.
            let connection = nats.connection();
            match nats.round_trip().await {
                Ok(()) if nats.connection() == connection => {
                    known = connection;
                    hub.set_down(false);
                }
                Err(BusError::Closed) => return,
                _ => {}
            }
        }
    }
}
