//! Creates a bus.

use std::sync::Arc;

#[cfg(feature = "nats")]
use super::error::BusError;
use super::handle::{Bus, BusInner};
use super::hub::Hub;
#[cfg(feature = "nats")]
use super::nats::transport::NatsTransport;

impl Bus {
    /// A bus within this process. It needs no runtime.
    #[must_use]
    pub fn in_process() -> Self {
        Self::builder().in_process()
    }

    /// A bus for all processes that connect to the same NATS server, or to servers of one cluster.
    ///
    /// The URL is for example `nats://127.0.0.1:4222`, `nats://user:password@host`, `nats://token@host` or
    /// `tls://host`; of several, separated by commas, the bus takes a random one that answers. Once connected, it
    /// reconnects by itself, without limit.
    ///
    /// A room is the subject `conjoin.bus.room.` followed by the room's name, in which everything but ASCII letters,
    /// digits, `-` and `_` is encoded as in URLs. Events are JSON. So programs in other languages can take part: `nats
    /// pub conjoin.bus.room.table%207 '{"dish": "soup"}'`. A client with restricted permissions needs `conjoin.bus.>`.
    ///
    /// ```no_run
    /// # use conjoin_adapters::bus::{Bus, BusError};
    /// # async fn emitter() -> Result<(), BusError> {
    /// let bus = Bus::nats("nats://127.0.0.1:4222").await?;
    /// bus.emit("table 7", "soup").await?;
    /// bus.close().await // The server has received all events.
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Connect`](BusError::Connect), with the reason, after ten seconds at most.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time and I/O enabled. The connection lives on that runtime and ends with it.
    #[cfg(feature = "nats")]
    pub async fn nats(url: &str) -> Result<Self, BusError> {
        Self::builder().nats(url).await
    }

    /// Builds a bus with other limits.
    pub fn builder() -> BusBuilder {
        BusBuilder::default()
    }
}

/// Builds a [`Bus`] with other limits. See [`Bus::builder`].
///
/// ```
/// use conjoin_adapters::bus::Bus;
///
/// let bus = Bus::builder().capacity(1_000).max_event(64 * 1024).in_process();
/// # drop(bus);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a builder makes a bus with `in_process` or `nats`"]
pub struct BusBuilder {
    capacity: usize,
    max_event: usize,
    #[cfg(feature = "nats")]
    prefix: String,
}

impl Default for BusBuilder {
    fn default() -> Self {
        BusBuilder {
            capacity: 128,
            // The default limit of servers.
            max_event: 1024 * 1024,
            #[cfg(feature = "nats")]
            prefix: "conjoin.bus".into(),
        }
    }
}

impl BusBuilder {
    /// How many events a receiver may lag behind before it misses the oldest ones: 128 by default, rounded up to a
    /// power of two.
    ///
    /// A joined room takes about 50 bytes for each of these, and keeps the events that are among its last.
    ///
    /// # Panics
    ///
    /// If it is 0, or more than half of `usize::MAX`.
    #[track_caller]
    pub fn capacity(mut self, events: usize) -> Self {
        assert!(
            events > 0,
            "the capacity of a bus is 0; help: use at least 1"
        );
        assert!(
            events <= usize::MAX / 2,
            "the capacity of a bus is more than half of what a `usize` holds"
        );
        self.capacity = events;
        self
    }

    /// The largest size of an event, in bytes of JSON: 1 MiB by default. A server has its own limit, by default 1 MiB
    /// too, and the lower one applies.
    pub fn max_event(mut self, bytes: usize) -> Self {
        self.max_event = bytes;
        self
    }

    /// The first part of the subjects on a server: `conjoin.bus` by default. Programs that share a server but not their
    /// rooms need different ones.
    ///
    /// # Panics
    ///
    /// If it does not consist of ASCII letters, digits, `-` and `_`, in parts separated by single dots, or is longer
    /// than 200 bytes.
    #[cfg(feature = "nats")]
    #[track_caller]
    pub fn prefix(mut self, prefix: &str) -> Self {
        let is_part = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        assert!(
            prefix.len() <= 200 && prefix.split('.').all(is_part),
            "{prefix:?} cannot be the prefix of subjects; help: use letters, digits, `-` and `_`, in parts separated by dots"
        );
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// Builds a bus as [`Bus::in_process`] does.
    #[must_use]
    pub fn in_process(self) -> Bus {
        let shared = BusInner {
            hub: Arc::new(Hub::new(self.capacity)),
            max_event: self.max_event,
            #[cfg(feature = "nats")]
            nats: None,
        };
        Bus {
            shared: Arc::new(shared),
        }
    }

    /// Builds a bus as [`Bus::nats`] does.
    ///
    /// # Errors
    ///
    /// [`Connect`](BusError::Connect), with the reason.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime with time and I/O enabled.
    #[cfg(feature = "nats")]
    pub async fn nats(self, url: &str) -> Result<Bus, BusError> {
        let hub = Arc::new(Hub::new(self.capacity));
        let nats = Some(NatsTransport::connect(url, &self.prefix, &hub).await?);
        Ok(Bus {
            shared: Arc::new(BusInner {
                hub,
                max_event: self.max_event,
                nats,
            }),
        })
    }
}
