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

/// A bus of events: events are emitted to a room, and received by all who have joined it. Clones are the same bus.
///
/// It corresponds to the rooms of socket.io, with its emitter for other processes: everyone who has [joined](Bus::join)
/// a room receives what is [emitted](Bus::emit) to it by any clone of the bus, in [this process](Bus::in_process) or,
/// with the feature `nats` and `Bus::nats`, in any process that is connected to the same NATS server.
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
/// Any string of up to [`MAX_ROOM`](super::MAX_ROOM) bytes names a room, including the empty one; there are no
/// patterns. Joining creates a room, and it ends when the last stream is dropped. Emitting to an empty room does
/// nothing.
///
/// # Events
///
/// An event is any value that serde writes as JSON. Each subscription has its own type: the emitter's, a part of it,
/// `serde_json::Value`, or `Box<serde_json::value::RawValue>` for the text. An event is written once for all receivers,
/// even within one process, so a program does the same wherever it runs.
///
/// # Guarantees
///
/// - Order: events of one emitter, each emitted after the previous one was awaited, arrive in that order.
/// - At most once: a stream receives an event once or not at all. The bus notifies those who are there now; who joins
///   later, or is out of reach, misses the event. Data that must not be lost belongs in a queue or a database, and the
///   event says where to look.
/// - A slow receiver delays nobody. Each room keeps the last [`capacity`](super::BusBuilder::capacity) events for its
///   slowest receivers; a receiver that lags further behind [learns](super::BusError::Lagged) how many it has missed.
/// - An outage of the server is visible: streams [report it](super::Subscription) and continue when it is back.
///   Emitting meanwhile fails at once with [`Disconnected`](super::BusError::Disconnected); nothing is buffered for
///   later. Events emitted just before the outage was noticed may be lost; [`flush`](Bus::flush) says whether.
///
/// # Time limits
///
/// Operations that wait for a server give up after five seconds ([`TimedOut`](super::BusError::TimedOut)). A server
/// that disappears silently, as when a cable is cut, is considered gone after half a minute.
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
    /// Emits an event to everyone who has joined the room.
    ///
    /// In one process, it returns how many streams the room has. (Whether they receive the event is up to them.) Over a
    /// server it returns `None`, as soon as the connection has accepted the event, which is sent a moment later: see
    /// [`flush`](Self::flush).
    ///
    /// It never waits for receivers, and in one process for nothing at all. Over a server it waits while the connection
    /// is slower than the emitters. Dropping the future before its end emits the event or does not.
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
    /// as soon as the server has the subscription, for which [`Subscription::ready`](super::Subscription::ready) waits.
    ///
    /// A room may be joined several times, with different types. The stream does not keep the bus open: it ends when
    /// the last clone of the bus is dropped.
    pub fn join<E: DeserializeOwned>(&self, room: &str) -> Subscription<E> {
        let joined = Subscription::new(&self.shared.hub, room);
        #[cfg(feature = "nats")]
        if let Some(nats) = &self.shared.nats {
            return joined.over(nats);
        }
        joined
    }

    /// The number of rooms that this process has joined.
    #[must_use]
    pub fn rooms(&self) -> usize {
        self.shared.hub.rooms()
    }

    /// Waits until the server has received everything that any clone emitted before. In one process it returns at once.
    ///
    /// Call it, or [`close`](Self::close), before a process ends: what is still in the connection's buffer is lost.
    ///
    /// # Errors
    ///
    /// [`Interrupted`](super::BusError::Interrupted) if the connection was lost since an event was emitted, so that
    /// events since the last `flush` may be lost (reported once); [`Refused`](super::BusError::Refused) if the server
    /// rejected an event for lack of permission (perhaps reported by a later `flush` only);
    /// [`Disconnected`](super::BusError::Disconnected), [`TimedOut`](super::BusError::TimedOut),
    /// [`Closed`](super::BusError::Closed).
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

    /// Closes the bus, for all clones: from now on, emitting and joining fail with [`Closed`](super::BusError::Closed).
    /// Events emitted before are still sent, as by [`flush`](Self::flush), and received; then all streams end.
    ///
    /// When this returns, even with an error, the bus is closed. If the future is dropped before its end, closing
    /// continues in the background. Dropping the last clone of a bus closes it in the background, too. If the server is
    /// down meanwhile, a task that reconnects remains until the server is back or the runtime ends.
    ///
    /// # Errors
    ///
    /// Those of [`flush`](Self::flush); [`Closed`](super::BusError::Closed) if it was closed before.
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
