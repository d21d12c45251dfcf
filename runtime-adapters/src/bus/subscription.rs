//! The receiving side of a bus.

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

/// A stream of a room's events, from [`Bus::join`](super::Bus::join). Dropping it leaves the room.
///
/// Its items are `Result<E, BusError>`. As with tokio's `broadcast`, an error does not end the stream:
///
/// | item | meaning |
/// | --- | --- |
/// | `Ok(event)` | an event, in the order of each emitter |
/// | [`Lagged(n)`] | it was polled too slowly and lost the oldest `n` items; the next ones follow |
/// | [`Decode`] | an event that does not fit the type `E`; the next ones follow |
/// | [`Disconnected`] | the server is out of reach; no events arrive until it is back |
/// | [`Interrupted`] | the server is back, and events were missed meanwhile: reload what they would have changed |
/// | [`Refused`], [`RoomTooLong`], [`Closed`] | the reason for the end, which comes next |
///
/// [`Lagged(n)`]: BusError::Lagged
/// [`Decode`]: BusError::Decode
/// [`Disconnected`]: BusError::Disconnected
/// [`Interrupted`]: BusError::Interrupted
/// [`Refused`]: BusError::Refused
/// [`RoomTooLong`]: BusError::RoomTooLong
/// [`Closed`]: BusError::Closed
///
/// Only a server causes the last three rows, except `RoomTooLong`, and [`Closed`](BusError::Closed) from joining a
/// closed bus. When the bus is closed [by `close`](super::Bus::close), or by dropping its last clone, the stream just
/// ends after the events that it has received.
///
/// It is cancel safe: dropping a future that waits for the next event loses none. It may be polled again after its end.
///
/// # Receiving without waiting
///
/// The stream takes part in tokio's [cooperative budget](tokio::task::coop), so that a busy room cannot starve other
/// tasks. After 128 items without an `.await` that waits, the task's budget is used up, and the next poll is pending
/// although there is an event. For `.next().await` this makes no difference: the task is polled again at once. A single
/// poll, such as that of `now_or_never`, mistakes it for the end of the available events.
/// [`unconstrained`](tokio::task::unconstrained) avoids that:
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
/// // Without `unconstrained`, it receives at most 128.
/// assert_eq!(received, 500);
/// # }
/// ```
#[must_use = "dropping the stream leaves the room"]
pub struct Subscription<E> {
    /// `None` after the end.
    receiver: Option<BroadcastStream<Notification>>,
    /// The first item of the stream, if it is an error.
    first: Option<BusError>,
    /// The error that it has ended with, if any.
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

    /// Waits until the server has confirmed the subscription, so that events of all processes arrive from then on. In
    /// one process it returns at once.
    ///
    /// Events that the same bus emits after [`join`](super::Bus::join) arrive in any case. (In a cluster, servers learn
    /// of a subscription later, by about the time that a message takes between them.)
    ///
    /// # Errors
    ///
    /// [`Disconnected`](BusError::Disconnected) if the server is out of reach, [`TimedOut`](BusError::TimedOut) if it
    /// did not answer [in time](super::Bus#time-limits): the stream continues, and this may be called again. After the
    /// end of the stream, the error that ended it. (The server may refuse the room a moment later; then the stream
    /// reports it.)
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
        // Left after the receiver is dropped, whose waker is dropped without the lock.
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
