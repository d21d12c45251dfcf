//! Emits events.

use std::fmt;

use super::channel::Channel;
use super::error::{BoxError, EmitError};
use super::latest::SpareBox;
use crate::sync::Arc;

/// Emits events into a stream. Clones emit into the same stream, which ends when all are gone.
///
/// It works on any thread (if `T` is `Send`), on several at once, inside the source function, and after the stream is
/// gone: then it returns the event. The events of one thread are received in order.
///
/// With [`Latest`](super::Policy::Latest), each emitter has memory of its own, so emitting allocates nothing. Clone one
/// for each thread in advance. Two threads may use the *same* emitter at once, but that may allocate.
pub struct Emitter<T> {
    shared: Arc<Channel<T>>,
    spare: SpareBox<T>,
}

impl<T> Emitter<T> {
    /// The channel counts it already.
    pub(super) fn new(shared: Arc<Channel<T>>) -> Self {
        let spare = shared.spare();
        Emitter { shared, spare }
    }

    /// Emits an event. If there is no room, it follows the [`Policy`](super::Policy).
    ///
    /// `Ok` means that the event was taken, not that it will be received: it may still be dropped, with the stream or
    /// for another event.
    ///
    /// With [`Block`](super::Policy::Block), it **blocks the thread** until there is room or the stream is gone. Call
    /// it on threads of the source. A thread that has to run the stream's task would wait for itself, and in the source
    /// function there is no stream yet. In tasks, use [`send`](Self::send). The other policies never wait.
    ///
    /// # Errors
    ///
    /// [`Closed`](EmitError::Closed) when the stream was dropped or has failed. [`Full`](EmitError::Full) when there is
    /// no room and the policy is [`Fail`](super::Policy::Fail). Both hold the event.
    pub fn emit(&self, event: T) -> Result<(), EmitError<T>> {
        self.shared.emit(event, &self.spare)
    }

    /// Emits an event, and waits where [`emit`](Self::emit) would block the thread. With policies other than
    /// [`Block`](super::Policy::Block) it is the same as `emit`.
    ///
    /// Dropping the future while it waits drops the event without emitting it.
    ///
    /// # Errors
    ///
    /// Those of [`emit`](Self::emit).
    pub async fn send(&self, event: T) -> Result<(), EmitError<T>> {
        self.shared.send(event, &self.spare).await
    }

    /// Ends the stream with an error: the stream yields the events emitted before, then the error, then ends. No policy
    /// drops the error, and it needs no room. Later, [`emit`](Self::emit) returns its events.
    ///
    /// The first error counts. Later ones, and those after the stream is gone, are dropped. If the source continues
    /// after an error, emit it as an event: let `T` be a `Result`.
    pub fn fail(&self, error: BoxError) {
        self.shared.fail(error);
    }

    /// Whether the stream was dropped or has failed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.shared.is_closed()
    }
}

impl<T> Clone for Emitter<T> {
    fn clone(&self) -> Self {
        self.shared.add_emitter();
        Emitter::new(Arc::clone(&self.shared))
    }
}

impl<T> Drop for Emitter<T> {
    fn drop(&mut self) {
        self.shared.remove_emitter();
    }
}

impl<T> fmt::Debug for Emitter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Emitter")
            .field("policy", &self.shared.policy)
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
