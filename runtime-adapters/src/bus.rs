//! Events pushed to whoever has joined a room, from this process or another one.

mod builder;
mod error;
mod hub;
mod json;
#[cfg(feature = "nats")]
mod nats;
mod subscription;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

pub use builder::BusBuilder;
pub use error::BusError;
pub use subscription::Subscription;

use hub::Hub;
#[cfg(feature = "nats")]
use nats::NatsTransport;

/// How long a room's name may be, in bytes.
pub const MAX_ROOM: usize = 1024;

/// Rooms to which events are emitted, and which receive them when joined. Clones are the same bus.
///
/// It is what rooms are in socket.io, with its emitter for other processes: whoever has [joined](Bus::join) a room
/// receives what is [emitted](Bus::emit) to it, by any clone of the bus, in [this process](Bus::in_process) or, with
/// the feature `nats` and `Bus::nats`, in any other one that is connected to the same NATS server.
///
/// ```
/// use conjoin_adapters::bus::{Bus, BusError};
/// use futures::StreamExt;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize, Debug, PartialEq)]
/// struct Served { dish: String }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BusError> {
/// let bus = Bus::in_process();
/// let mut table = bus.join::<Served>("table 7");
///
/// bus.emit("table 7", &Served { dish: "soup".into() }).await?;
/// assert_eq!(table.next().await, Some(Ok(Served { dish: "soup".into() })));
/// # Ok(()) }
/// ```
///
/// # Rooms
///
/// Any string of up to [`MAX_ROOM`] bytes names a room, the empty one included; none is a pattern. A room is there
/// while somebody is in it: joining makes it, and the last one that leaves, by dropping the stream, takes it away.
/// Emitting to an empty room is fine and does nothing.
///
/// # Events
///
/// An event is whatever serde writes as JSON, and each joins for the type that it reads: the emitter's own, a part of
/// it, `serde_json::Value`, or `Box<serde_json::value::RawValue>` for the text as it came. It is written once,
/// however many receive it, in one process too, so that a program does the same wherever it runs.
///
/// # What is promised
///
/// - What one emitter has emitted, each event after the one before it was awaited, is received in that order.
/// - An event is received at most once by each stream: this is for telling who is there now. Who joins later, or is
///   out of reach, does not get it. What must not be lost belongs into a queue or a database, and the event says to
///   look there.
/// - A slow receiver holds up nobody. Each room keeps the last [`capacity`](BusBuilder::capacity) events for its
///   slowest receivers; who lags further behind is [told](BusError::Lagged) how many were missed.
/// - A server that is away is never silence: streams [say so](Subscription) and go on when it is back. Emitting meanwhile
///   fails at once with [`Disconnected`](BusError::Disconnected); nothing is kept for later. What was emitted in the
///   moment before that was noticed may be lost; [`flush`](Bus::flush) says whether.
///
/// # Time limits
///
/// Whatever waits for a server gives up after five seconds ([`TimedOut`](BusError::TimedOut)). A server that has gone
/// without a word, as when a cable is out, is taken for gone after half a minute.
#[derive(Clone)]
pub struct Bus {
    shared: Arc<BusInner>,
}

struct BusInner {
    hub: Arc<Hub>,
    max_event: usize,
    #[cfg(feature = "nats")]
    nats: Option<NatsTransport>,
}

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

    /// Emits an event to all who have joined the room.
    ///
    /// Returns how many streams there are in the room, where that can be known: in one process. (That they receive it
    /// is up to them.) Over a server it is `None`, and returns when the connection has taken the event, which is sent
    /// within moments: see [`flush`](Self::flush).
    ///
    /// It never waits for receivers, and in one process for nothing at all. Over a server it waits while the
    /// connection is slower than what is emitted. Dropping the future before its end emits the event or does not.
    ///
    /// # Errors
    ///
    /// [`Encode`](BusError::Encode), [`TooLarge`](BusError::TooLarge), [`RoomTooLong`](BusError::RoomTooLong) and
    /// [`Closed`](BusError::Closed); over a server also [`Disconnected`](BusError::Disconnected) and
    /// [`TimedOut`](BusError::TimedOut).
    #[cfg_attr(
        not(feature = "nats"),
        allow(clippy::unused_async, reason = "with a server, it waits")
    )]
    pub async fn emit<E: Serialize + ?Sized>(
        &self,
        room: &str,
        event: &E,
    ) -> Result<Option<usize>, BusError> {
        let BusInner { hub, .. } = &*self.shared;
        check(room)?;
        let json = Bytes::from(json::write(event, self.max_event())?);
        #[cfg(feature = "nats")]
        if let Some(nats) = &self.shared.nats {
            return nats.emit(hub, room, json).await.map(|()| None);
        }
        hub.send(room, json).map(Some)
    }

    /// Joins a room: the stream receives what is emitted from now on by this bus and its clones, and by other processes
    /// as soon as the server knows, for which [`Subscription::ready`] waits.
    ///
    /// Many may join the same room, each for a type of its own. The stream belongs to the bus: it does not keep the bus
    /// open, and ends when the last clone of the bus is dropped.
    pub fn join<E: DeserializeOwned>(&self, room: &str) -> Subscription<E> {
        let joined = Subscription::new(&self.shared.hub, room);
        #[cfg(feature = "nats")]
        if let Some(nats) = &self.shared.nats {
            return joined.over(nats);
        }
        joined
    }

    /// How many rooms are joined in this process.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.shared.hub.rooms()
    }

    /// Is over when the server has all that was emitted before, by any clone. In one process that is at once.
    ///
    /// Call it, or [`close`](Self::close), before a process ends: what is still in the connection's buffer goes with
    /// it.
    ///
    /// # Errors
    ///
    /// [`Interrupted`](BusError::Interrupted) when the connection was lost since an event was emitted, so that events
    /// since the last `flush` may be lost (it is said once); [`Refused`](BusError::Refused) when the server did not
    /// take an event, for want of a right to emit it (it may be said by a later `flush` only);
    /// [`Disconnected`](BusError::Disconnected), [`TimedOut`](BusError::TimedOut), [`Closed`](BusError::Closed).
    #[cfg_attr(
        not(feature = "nats"),
        allow(clippy::unused_async, reason = "with a server, it waits")
    )]
    pub async fn flush(&self) -> Result<(), BusError> {
        if self.shared.hub.is_closed() {
            return Err(BusError::Closed);
        }
        #[cfg(feature = "nats")]
        if let Some(nats) = &self.shared.nats {
            return nats.flush().await;
        }
        Ok(())
    }

    /// Closes the bus, for all clones: emitting and joining fail with [`Closed`](BusError::Closed) from here on. What
    /// was emitted before is sent, as by [`flush`](Self::flush), and received, and then all streams end.
    ///
    /// When it returns, the bus is closed, also with an error. If the future is dropped before its end, that goes on
    /// in the background. Dropping the last clone of a bus closes it, too, with nobody who waits and is told. If the
    /// server is away meanwhile, a task that reconnects is left until it is back, or the runtime ends.
    ///
    /// # Errors
    ///
    /// Those of [`flush`](Self::flush); [`Closed`](BusError::Closed) when it was closed before.
    #[cfg_attr(
        not(feature = "nats"),
        allow(clippy::unused_async, reason = "with a server, it waits")
    )]
    pub async fn close(&self) -> Result<(), BusError> {
        let BusInner { hub, .. } = &*self.shared;
        if !hub.close() {
            return Err(BusError::Closed);
        }
        #[cfg(feature = "nats")]
        if let Some(nats) = &self.shared.nats {
            return nats.close(Arc::clone(hub)).await;
        }
        hub.clear();
        Ok(())
    }

    fn max_event(&self) -> usize {
        let limit = self.shared.max_event;
        #[cfg(feature = "nats")]
        let limit = self
            .shared
            .nats
            .as_ref()
            .map_or(limit, |nats| limit.min(nats.max_event()));
        limit
    }
}

impl Default for Bus {
    /// [`in_process`](Bus::in_process).
    fn default() -> Self {
        Bus::in_process()
    }
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(feature = "nats")]
        let engine = if self.shared.nats.is_some() {
            "nats"
        } else {
            "in process"
        };
        #[cfg(not(feature = "nats"))]
        let engine = "in process";
        let is_closed = self.shared.hub.is_closed();
        f.debug_struct("Bus")
            .field("engine", &engine)
            .field("rooms", &self.rooms())
            .field("is_closed", &is_closed)
            .finish_non_exhaustive()
    }
}

impl Drop for BusInner {
    fn drop(&mut self) {
        if !self.hub.close() {
            return;
        }
        #[cfg(feature = "nats")]
        if let Some(nats) = &self.nats {
            drop(nats.close(Arc::clone(&self.hub)));
            return;
        }
        self.hub.clear();
    }
}

/// Whether a room can have this name.
fn check(room: &str) -> Result<(), BusError> {
    let length = room.len();
    if length > MAX_ROOM {
        Err(BusError::RoomTooLong { length })
    } else {
        Ok(())
    }
}
