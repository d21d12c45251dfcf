//! The stream of events.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::channel::Channel;
use super::emitter::Emitter;
use super::error::BoxError;
use super::policy::Policy;
use crate::sync::Arc;

/// A stream of a source's events. It owns the source. See [`events`](super::events()).
///
/// It ends when all emitters are gone and all events have been received, or after the error that the source
/// [failed](Emitter::fail) with. It may be polled again after its end. It is cancel safe: dropping a future of the next
/// event loses no event.
///
/// Like the channels of `futures`, it takes no part in tokio's cooperative budget. If a source emits without pause,
/// `tokio::task::coop::cooperative` makes a loop over the stream yield to other tasks.
///
/// # Dropping it
///
/// 1. The stream closes: emitting returns the events from now on, and [blocked](Policy::Block) threads continue.
/// 2. The events and the error that were not received are dropped, in this order.
/// 3. The source is dropped, which should unregister the callback. It may emit, as sources do that flush at their end,
///    or join a thread that emits: the event returns, and nothing blocks.
///
/// A panic in one step does not skip the later ones.
#[must_use = "dropping the stream unregisters its source"]
pub struct Events<T, G> {
    // The order of the fields is the order in which they are dropped.
    receiver: Receiver<T>,
    source: G,
}

impl<T, G> Events<T, G> {
    pub(super) fn new<E>(
        capacity: usize,
        policy: Policy,
        source: impl FnOnce(Emitter<T>) -> Result<G, E>,
    ) -> Result<Self, E> {
        let shared = Arc::new(Channel::new(capacity, policy));
        // First, so that a panic of the source function closes an emitter that outlives it.
        let receiver = Receiver {
            shared: Arc::clone(&shared),
            is_over: false,
        };
        let source = source(Emitter::new(shared))?;
        Ok(Events { receiver, source })
    }

    /// How many events the policy has dropped so far, with [`DropOldest`](Policy::DropOldest),
    /// [`DropNewest`](Policy::DropNewest) and [`Latest`](Policy::Latest). After the end of the source, this is the
    /// number of events emitted minus those received.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.receiver.shared.dropped()
    }

    /// What the source function returned.
    #[must_use]
    pub fn source(&self) -> &G {
        &self.source
    }

    /// The source as `&mut`, for example to watch another file.
    #[must_use]
    pub fn source_mut(&mut self) -> &mut G {
        &mut self.source
    }
}

// Neither the events nor the source are pinned.
impl<T, G> Unpin for Events<T, G> {}

impl<T, G> Stream for Events<T, G> {
    type Item = Result<T, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let receiver = &mut self.receiver;
        if receiver.is_over {
            return Poll::Ready(None);
        }
        if let Some(event) = ready!(receiver.shared.poll_take(cx)) {
            return Poll::Ready(Some(Ok(event)));
        }
        receiver.is_over = true;
        Poll::Ready(receiver.shared.take_error().map(Err))
    }
}

impl<T, G> FusedStream for Events<T, G> {
    fn is_terminated(&self) -> bool {
        self.receiver.is_over
    }
}

impl<T, G> fmt::Debug for Events<T, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events")
            .field("policy", &self.receiver.shared.policy)
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}

struct Receiver<T> {
    shared: Arc<Channel<T>>,
    /// Whether the stream has ended. An error may have been returned last.
    is_over: bool,
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.abandon();
    }
}
