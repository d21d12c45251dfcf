//! Connects to the server.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use async_nats::Event;
use futures_util::StreamExt;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::transport::{LIMIT, NatsTransport};
use super::watch;
use crate::bus::error::BusError;
use crate::bus::hub::Hub;
use crate::nats::{Inbox, NatsServers, Refusal, RefusalLog, RefusedOperation};
use crate::sync::{Mutex, lock};

/// The interval of pings. A server that does not answer two of them is considered gone.
const PING: Duration = Duration::from_secs(10);

/// How many messages of a room may wait for its task.
const UNFED: usize = 65_536;

/// How many bytes the client reads at once, so that it yields before it has read [`UNFED`] messages of any size: tokio
/// lets it read 128 times, and a message has at least 26 bytes.
const READ: u16 = 8 * 1024;

impl NatsTransport {
    pub(in crate::bus) async fn connect(
        url: &str,
        prefix: &str,
        hub: &Arc<Hub>,
    ) -> Result<Self, BusError> {
        let servers = NatsServers::parse(url).map_err(BusError::Connect)?;
        // Unbounded: while the client's event task waits, a refusal that it has not processed looks like consent. The
        // client itself buffers at most 128 of them.
        let (tell, events) = mpsc::unbounded_channel();
        let refusals = RefusalLog::new();
        let refused = Arc::<Mutex<Option<String>>>::default();
        let on_event = {
            let (refusals, refused) = (refusals.clone(), Arc::clone(&refused));
            move |event: &Event| match event {
                // Permissions may have changed, and refused rooms are gone.
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
                // An error means that the bus is closed.
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

    /// Subscribes to messages to ourselves.
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
}
