//! What a queue tells those who watch it.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};

use super::self_wait::{SelfWait, WaitTarget};
use crate::events::{Emitter, Events, Policy, events};

/// What happened to a queue. See [`events`](super::Queue::events).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueueEvent {
    /// The last free worker has got an item: what comes now has to wait.
    Saturated,
    /// After that, a worker is free, and no item waits for it.
    Unsaturated,
    /// The last item that waited has gone to its worker.
    Empty,
    /// The queue has become idle: no item waits, and none is worked on.
    Drained,
    /// A worker has returned an error, or panicked. The error itself goes to the item's handle, and by reference to
    /// [`on_error`](super::QueueBuilder::on_error).
    Error,
}

/// How many events wait for somebody who does not receive them.
const CAPACITY: usize = 1024;

/// A stream of what happens to a queue. See [`events`](super::Queue::events).
#[must_use = "streams do nothing unless polled"]
pub struct QueueEvents {
    events: Events<QueueEvent, ()>,
    wait: SelfWait,
}

impl QueueEvents {
    /// Those of the queue with this address.
    pub(super) fn new(queue: usize) -> (Self, Emitter<QueueEvent>) {
        let mut kept = None;
        let events = events(CAPACITY, Policy::DropOldest, |emitter| kept = Some(emitter));
        let wait = SelfWait::new(queue, WaitTarget::Event);
        let emitter = kept.expect("the source was called");
        (QueueEvents { events, wait }, emitter)
    }

    /// How many events were lost, the oldest first, because more than 1024 waited to be received.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.events.dropped()
    }
}

impl Stream for QueueEvents {
    type Item = QueueEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<QueueEvent>> {
        // Queues do not fail their streams.
        let polled = Pin::new(&mut self.events)
            .poll_next(cx)
            .map(|event| event.and_then(Result::ok));
        self.wait.note(cx, polled)
    }
}

impl FusedStream for QueueEvents {
    fn is_terminated(&self) -> bool {
        self.events.is_terminated()
    }
}

impl fmt::Debug for QueueEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueEvents")
            .field("dropped", &self.dropped())
            .finish_non_exhaustive()
    }
}
