//! How a bus is made.

use std::sync::Arc;

#[cfg(feature = "nats")]
use super::error::BusError;
use super::handle::{Bus, BusInner};
use super::hub::Hub;
#[cfg(feature = "nats")]
use super::nats::transport::NatsTransport;

impl Bus {
    /// A bus for this process alone. It needs no runtime.
    #[must_use]
    pub fn in_process() -> Self {
        Self::builder().in_process()
    }

    /// A bus for all processes that connect to the same NATS server, or to servers of one cluster.
    ///
    /// The URL is as in `nats://127.0.0.1:4222`, `nats://user:password@host`, `nats://token@host` or `tls://host`; of
    /// several, with commas between them, one is taken at random that answers. Once connected it reconnects by
    /// itself, for ever.
    ///
    /// A room is the subject `conjoin.bus.room.` followed by its name, with what is not an ASCII letter or digit, `-`
    /// or `_` encoded as in URLs, and the event is JSON, so that programs in other languages take part: `nats pub
    /// conjoin.bus.room.table%207 '{"dish": "soup"}'`. A client with restricted rights needs `conjoin.bus.>`.
    ///
    /// ```no_run
    /// # use conjoin_adapters::bus::{Bus, BusError};
    /// # async fn emitter() -> Result<(), BusError> {
    /// let bus = Bus::nats("nats://127.0.0.1:4222").await?;
    /// bus.emit("table 7", "soup").await?;
    /// bus.close().await // What was emitted has reached the server.
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

    /// For a bus with other limits.
    pub fn builder() -> BusBuilder {
        BusBuilder::default()
    }
}

/// A [`Bus`] with other limits, from [`Bus::builder`].
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
            // The same as servers have, unless configured.
            max_event: 1024 * 1024,
            #[cfg(feature = "nats")]
            prefix: "conjoin.bus".into(),
        }
    }
}

impl BusBuilder {
    /// How many events a receiver may lag behind before it misses the oldest ones: 128, unless changed. It is rounded
    /// up to a power of two.
    ///
    /// A room that is joined has memory for so many references, some 50 bytes each, and for the events as long as
    /// they are among the last of the room.
    ///
    /// # Panics
    ///
    /// When it is 0, or more than half of what a `usize` holds.
    #[track_caller]
    pub fn capacity(mut self, events: usize) -> Self {
        assert!(
            events > 0,
            "the capacity of a bus is 0: at least 1 is needed"
        );
        assert!(
            events <= usize::MAX / 2,
            "the capacity of a bus is more than half of what a `usize` holds"
        );
        self.capacity = events;
        self
    }

    /// How large an event may be, in bytes of JSON: 1 MiB, unless changed. A server has a limit of its own, of 1 MiB
    /// unless configured, and the lower one counts.
    pub fn max_event(mut self, bytes: usize) -> Self {
        self.max_event = bytes;
        self
    }

    /// What the subjects on a server begin with: `conjoin.bus`, unless changed. Programs that share a server, and are
    /// not to share rooms, have different ones.
    ///
    /// # Panics
    ///
    /// When it is not made of ASCII letters, digits, `-` and `_`, in parts with one dot between them, of 200 bytes at
    /// most.
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
            "{prefix:?} is no prefix of subjects: letters, digits, `-` and `_` are, in parts with a dot between them"
        );
        prefix.clone_into(&mut self.prefix);
        self
    }

    /// [`Bus::in_process`].
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

    /// [`Bus::nats`].
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
