//! What happens to the connection, and who is told.

use std::sync::Arc;

use async_nats::Event;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::transport::{LIMIT, NatsTransport};
use crate::bus::error::BusError;
use crate::bus::feed::Feed;
use crate::bus::hub::Hub;
use crate::nats::{Refusal, RefusedOperation};

/// Ends with the connection.
pub(super) async fn watch(
    nats: NatsTransport,
    hub: Arc<Hub>,
    mut events: UnboundedReceiver<Event>,
) {
    let mut known = nats.connection();
    loop {
        // The client tells of a change a little before it can be seen, so that it is also looked for now and then.
        let event = match timeout(LIMIT, events.recv()).await {
            Ok(None) => return,
            Ok(Some(event)) => Some(event),
            Err(_) => None,
        };
        match event {
            // The client has dropped a message, and does not say of which room.
            Some(Event::SlowConsumer(_)) => hub.tell(&BusError::Interrupted, Feed::overruns),
            Some(Event::ServerError(error)) => {
                let refusal = Refusal::parse(&error);
                if refusal.is_some_and(|refusal| refusal.what == RefusedOperation::LongLine) {
                    nats.refuse_long_lines(&hub);
                }
            }
            _ => {}
        }
        // The client loses events of this kind when it has many, so that each is only a reason to look.
        if !nats.is_connected() || nats.connection() != known {
            hub.set_down(true);
        }
        while hub.is_down() && nats.is_connected() {
            // When a message has come back, the server has the subscriptions that the client has made anew before it.
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
