//! The source's side.

use std::fmt;

use super::channel::Channel;
use super::error::{BoxError, EmitError};
use super::latest::SpareBox;
use crate::sync::Arc;

/// What a source emits its events with. The clones of one emit into the same stream, which ends when all are gone.
///
/// It can be used on any thread (if `T` is `Send`), by several at the same time, within the source function, and when the
/// stream is gone: then the event comes back. What one thread emits is received in that order.
///
/// Under [`Latest`](super::Policy::Latest) each emitter has memory of its own, so that emitting needs none: make a clone
/// for each thread before it must not allocate. Two threads that use the *same* one at the same time are right too, but
/// may allocate.
pub struct Emitter<T> {
    shared: Arc<Channel<T>>,
    spare: SpareBox<T>,
}

impl<T> Emitter<T> {
    /// The first one, which is counted already.
    pub(super) fn new(shared: Arc<Channel<T>>) -> Self {
        let spare = shared.spare();
        Emitter { shared, spare }
    }

    /// Emits an event. What it does when there is no room is the [`Policy`](super::Policy).
    ///
    /// `Ok` says that the event was taken, not that it will be received: it may yet be dropped, with the stream or for the
    /// sake of another one.
    ///
    /// Under [`Block`](super::Policy::Block) it **blocks the thread** until there is room or the stream is gone. Do so on
    /// threads of the source's own, never on one that has to run the stream's task, which would wait for itself, nor in
    /// the source function, before there is a stream; [`send`](Self::send) is for tasks. The other policies never wait.
    ///
    /// # Errors
    ///
    /// [`Closed`](EmitError::Closed) when the stream was dropped or has failed, at any policy;
    /// [`Full`](EmitError::Full) when there is no room and the policy is [`Fail`](super::Policy::Fail). The event is
    /// inside.
    pub fn emit(&self, event: T) -> Result<(), EmitError<T>> {
        self.shared.emit(event, &self.spare)
    }

    /// Emits an event, and waits where [`emit`](Self::emit) would block the thread: until there is room or the stream is
    /// gone. It is the same as `emit` under any policy but [`Block`](super::Policy::Block).
    ///
    /// Dropping the future while it waits drops the event, which then was not emitted.
    ///
    /// # Errors
    ///
    /// Those of [`emit`](Self::emit).
    pub async fn send(&self, event: T) -> Result<(), EmitError<T>> {
        self.shared.send(event, &self.spare).await
    }

    /// Ends the stream with an error: what was emitted before is received, then the error, then nothing more. No policy
    /// drops it, and it needs no room. After it, [`emit`](Self::emit) gives its events back.
    ///
    /// The first error counts; one that comes later, or when the stream is gone, is dropped. An error after which the
    /// source goes on is an event: let `T` be a `Result`.
    pub fn fail(&self, error: BoxError) {
        self.shared.fail(error);
    }

    /// Whether nobody receives any more: the stream was dropped, or has failed.
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
