//! The handle of a bus.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::error::{BusError, check_name};
use super::hub::Hub;
use super::json;
#[cfg(feature = "nats")]
use super::nats::transport::NatsTransport;
use super::subscription::Subscription;

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
/// Any string of up to [`MAX_ROOM`](super::MAX_ROOM) bytes names a room, the empty one included; none is a pattern. A room is there
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
/// - A slow receiver holds up nobody. Each room keeps the last [`capacity`](super::BusBuilder::capacity) events for its
///   slowest receivers; who lags further behind is [told](super::BusError::Lagged) how many were missed.
/// - A server that is away is never silence: streams [say so](super::Subscription) and go on when it is back. Emitting meanwhile
///   fails at once with [`Disconnected`](super::BusError::Disconnected); nothing is kept for later. What was emitted in the
///   moment before that was noticed may be lost; [`flush`](Bus::flush) says whether.
///
/// # Time limits
///
/// Whatever waits for a server gives up after five seconds ([`TimedOut`](super::BusError::TimedOut)). A server that has gone
/// without a word, as when a cable is out, is taken for gone after half a minute.
#[derive(Clone)]
pub struct Bus {
    pub(super) shared: Arc<BusInner>,
}

pub(super) struct BusInner {
    pub(super) hub: Arc<Hub>,
    pub(super) max_event: usize,
    #[cfg(feature = "nats")]
    pub(super) nats: Option<NatsTransport>,
}

impl Bus {
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
    /// [`Encode`](super::BusError::Encode), [`TooLarge`](super::BusError::TooLarge), [`RoomTooLong`](super::BusError::RoomTooLong) and
    /// [`Closed`](super::BusError::Closed); over a server also [`Disconnected`](super::BusError::Disconnected) and
    /// [`TimedOut`](super::BusError::TimedOut).
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
        check_name(room)?;
        let json = Bytes::from(json::write(event, self.max_event())?);
        #[cfg(feature = "nats")]
        if let Some(nats) = &self.shared.nats {
            return nats.emit(hub, room, json).await.map(|()| None);
        }
        hub.send(room, json).map(Some)
    }

    /// Joins a room: the stream receives what is emitted from now on by this bus and its clones, and by other processes
    /// as soon as the server knows, for which [`Subscription::ready`](super::Subscription::ready) waits.
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
    /// [`Interrupted`](super::BusError::Interrupted) when the connection was lost since an event was emitted, so that events
    /// since the last `flush` may be lost (it is said once); [`Refused`](super::BusError::Refused) when the server did not
    /// take an event, for want of a right to emit it (it may be said by a later `flush` only);
    /// [`Disconnected`](super::BusError::Disconnected), [`TimedOut`](super::BusError::TimedOut), [`Closed`](super::BusError::Closed).
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

    /// Closes the bus, for all clones: emitting and joining fail with [`Closed`](super::BusError::Closed) from here on. What
    /// was emitted before is sent, as by [`flush`](Self::flush), and received, and then all streams end.
    ///
    /// When it returns, the bus is closed, also with an error. If the future is dropped before its end, that goes on
    /// in the background. Dropping the last clone of a bus closes it, too, with nobody who waits and is told. If the
    /// server is away meanwhile, a task that reconnects is left until it is back, or the runtime ends.
    ///
    /// # Errors
    ///
    /// Those of [`flush`](Self::flush); [`Closed`](super::BusError::Closed) when it was closed before.
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
