//! What happens to the connection, and who is told.

use std::sync::Arc;

use async_nats::{Event, ServerError};
use tokio::sync::mpsc::Receiver;

use super::Nats;
use crate::bus::BusError;
use crate::bus::hub::Hub;

/// Ends with the connection.
pub(super) async fn watch(nats: Nats, hub: Arc<Hub>, mut events: Receiver<Event>) {
    let mut known = nats.connection();
    while let Some(event) = events.recv().await {
        match event {
            // The client has dropped a message, and does not say of which room.
            Event::SlowConsumer(_) => hub.tell(&BusError::Interrupted, super::Feed::overruns),
            Event::ServerError(ServerError::Other(text)) if text.contains("Subscription") => {
                let refused = BusError::Refused(text.clone());
                hub.refuse(&refused, |room| text.contains(&format!("\"{}\"", nats.subject(room))));
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
