//! The side that receives.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::channel::Channel;
use super::emitter::Emitter;
use super::error::BoxError;
use super::policy::Policy;
use crate::sync::Arc;

/// A stream of what a source emits, which it owns. See [`events`](super::events()).
///
/// It ends when all emitters are gone and what they emitted has been received, or after the error that the source
/// [failed](Emitter::fail) with. It can be polled again after its end, and is cancel safe: an event is lost by no future that
/// waits for the next one.
///
/// Like the channels of `futures`, it takes no part in tokio's cooperative budget: where a source emits without a pause,
/// `tokio::task::coop::cooperative` makes a loop over it give way to other tasks.
///
/// # Dropping it
///
/// 1. It is closed: emitting gives events back from here on, and whoever [blocks](Policy::Block) is released.
/// 2. The events that were not received are dropped, then an error that was not.
/// 3. The source is dropped, which is to unregister whatever calls back. It may emit, as some sources do that flush when
///    they end, or wait for a thread that emits: the event goes back, nothing blocks.
///
/// A panic in a step does not keep the later ones from being done.
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
        // There already, so that an emitter that outlives a panic of the source function is closed.
        let receiver = Receiver {
            shared: Arc::clone(&shared),
            is_over: false,
        };
        let source = source(Emitter::new(shared))?;
        Ok(Events { receiver, source })
    }

    /// How many events the policy has dropped until now: under [`DropOldest`](Policy::DropOldest),
    /// [`DropNewest`](Policy::DropNewest) and [`Latest`](Policy::Latest). When the source has ended, it is the number of events
    /// that were emitted less that of those received.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.receiver.shared.dropped()
    }

    /// What the source function returned.
    #[must_use]
    pub fn source(&self) -> &G {
        &self.source
    }

    /// What the source function returned, to be changed: to watch one more file, for example.
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
    /// Whether the stream has ended, but for an error that was returned last.
    is_over: bool,
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.shared.abandon();
    }
}
