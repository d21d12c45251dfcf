//! The side that receives.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};
use serde_core::de::DeserializeOwned;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError::Lagged;

use super::error::{BusError, check_name};
#[cfg(feature = "nats")]
use super::feed::Feed;
use super::hub::{Hub, Notification};
#[cfg(feature = "nats")]
use super::nats::transport::NatsTransport;

/// A stream of the events of a room, from [`Bus::join`](super::Bus::join). Dropping it leaves the room.
///
/// Its items are `Result<E, BusError>`, and an error does not end it, as with tokio's `broadcast`:
///
/// | item | what has happened |
/// | --- | --- |
/// | `Ok(event)` | an event, in the order of each emitter |
/// | [`Lagged(n)`] | it was polled too slowly: the oldest `n` items are gone, the next ones follow |
/// | [`Decode`] | an event that is no `E`; the next ones follow |
/// | [`Disconnected`] | the server is out of reach, and nothing comes until it is back |
/// | [`Interrupted`] | it is back, and what was emitted meanwhile was missed: load anew what the events change |
/// | [`Refused`], [`RoomTooLong`], [`Closed`] | why nothing follows: the end comes next |
///
/// [`Lagged(n)`]: BusError::Lagged
/// [`Decode`]: BusError::Decode
/// [`Disconnected`]: BusError::Disconnected
/// [`Interrupted`]: BusError::Interrupted
/// [`Refused`]: BusError::Refused
/// [`RoomTooLong`]: BusError::RoomTooLong
/// [`Closed`]: BusError::Closed
///
/// The last three rows are those of a server, but for `RoomTooLong` and a [`Closed`](BusError::Closed) from joining
/// when the bus is closed already. When the bus is closed [by `close`](super::Bus::close), or by dropping its last
/// clone, the stream just ends, after what was received until then.
///
/// It is cancel safe: an event is lost by no future that waits for the next one. It can be polled again after its end.
///
/// # Events that have come until now
///
/// The stream takes part in tokio's [cooperative budget](tokio::task::coop), so that a busy room cannot starve other tasks.
/// After 128 items without an `.await` that waits, the task's budget is used up, and the next poll is pending although an
/// event is there. For `.next().await` this makes no difference: the task is polled again at once. A single poll, such as
/// that of `now_or_never`, takes it for the end of what has come. [`unconstrained`](tokio::task::unconstrained) is the cure:
///
/// ```
/// use conjoin_adapters::bus::Bus;
/// use futures::{FutureExt, StreamExt};
/// use tokio::task::unconstrained;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let bus = Bus::builder().capacity(1_000).in_process();
/// let mut table = bus.join::<u32>("table 7");
/// for event in 0..500 {
///     bus.emit("table 7", &event).await.unwrap();
/// }
///
/// let mut received = 0;
/// while let Some(Some(Ok(_))) = unconstrained(table.next()).now_or_never() {
///     received += 1;
/// }
/// // Without `unconstrained`, at most 128.
/// assert_eq!(received, 500);
/// # }
/// ```
#[must_use = "dropping the stream leaves the room"]
pub struct Subscription<E> {
    /// `None` after the end.
    receiver: Option<BroadcastStream<Notification>>,
    /// What the stream begins with.
    first: Option<BusError>,
    /// What it has ended with, if that is an error.
    last: Option<BusError>,
    hub: Arc<Hub>,
    room: Arc<str>,
    #[cfg(feature = "nats")]
    link: Option<(NatsTransport, Feed)>,
    event: PhantomData<fn() -> E>,
}

impl<E> Subscription<E> {
    pub(super) fn new(hub: &Arc<Hub>, room: &str) -> Self {
        let room = Arc::<str>::from(room);
        let joined = check_name(&room).and_then(|()| hub.join(&room));
        let (receiver, first, last) = match joined {
            Ok((receiver, is_down)) => (
                Some(BroadcastStream::new(receiver)),
                is_down.then_some(BusError::Disconnected),
                None,
            ),
            Err(error) => (None, Some(error.clone()), Some(error)),
        };
        Subscription {
            receiver,
            first,
            last,
            hub: Arc::clone(hub),
            room,
            #[cfg(feature = "nats")]
            link: None,
            event: PhantomData,
        }
    }

    #[cfg(feature = "nats")]
    pub(super) fn over(mut self, nats: &NatsTransport) -> Self {
        if self.receiver.is_some() {
            self.link = nats
                .feed(&self.hub, &self.room)
                .map(|feed| (nats.clone(), feed));
        }
        self
    }

    /// The room's name.
    #[must_use]
    pub fn room(&self) -> &str {
        &self.room
    }

    /// Is over when every event that is emitted from then on is received, whichever process emits it: the server has
    /// confirmed it. That is at once where there is only one process.
    ///
    /// What the same bus emits after [`join`](super::Bus::join) is received in any case. (Servers that form a cluster
    /// tell each other later than this by about the time between them.)
    ///
    /// # Errors
    ///
    /// [`Disconnected`](BusError::Disconnected) when the server is out of reach, [`TimedOut`](BusError::TimedOut) when
    /// it has not answered [in time](super::Bus#time-limits): the stream goes on, and this may be called again. And
    /// what the stream has ended with, if it has. (That the server refuses the room, it may say a moment later; then
    /// the stream says it.)
    #[cfg_attr(
        not(feature = "nats"),
        allow(clippy::unused_async, reason = "with a server, it waits")
    )]
    pub async fn ready(&self) -> Result<(), BusError> {
        if self.receiver.is_none() {
            return Err(self.last.clone().unwrap_or(BusError::Closed));
        }
        #[cfg(feature = "nats")]
        if let Some((nats, feed)) = &self.link {
            return nats.confirm(feed.clone()).await;
        }
        Ok(())
    }

    fn end(&mut self) {
        self.receiver = None;
        // After the receiver, whose waker is dropped outside of the lock.
        self.hub.leave(&self.room);
    }
}

impl<E> Drop for Subscription<E> {
    fn drop(&mut self) {
        if self.receiver.is_some() {
            self.end();
        }
    }
}

impl<E: DeserializeOwned> Stream for Subscription<E> {
    type Item = Result<E, BusError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(error) = self.first.take() {
            return Poll::Ready(Some(Err(error)));
        }
        let Some(receiver) = &mut self.receiver else {
            return Poll::Ready(None);
        };
        let item = match ready!(Pin::new(receiver).poll_next(cx)) {
            Some(Ok(Notification::Event(json))) => {
                serde_json::from_slice(&json).map_err(|error| BusError::Decode(error.to_string()))
            }
            Some(Ok(Notification::Error(error))) => {
                if matches!(error, BusError::Closed | BusError::Refused(_)) {
                    self.end();
                    self.last = Some(error.clone());
                }
                Err(error)
            }
            Some(Err(Lagged(count))) => Err(BusError::Lagged(count)),
            None => {
                self.end();
                return Poll::Ready(None);
            }
        };
        Poll::Ready(Some(item))
    }
}

impl<E: DeserializeOwned> FusedStream for Subscription<E> {
    fn is_terminated(&self) -> bool {
        self.first.is_none() && self.receiver.is_none()
    }
}

impl<E> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("room", &self.room)
            .field("has_ended", &self.receiver.is_none())
            .finish_non_exhaustive()
    }
}
