//! The events of a queue.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedStream, Stream};

use super::self_wait::SelfWait;
use super::wait_target::WaitTarget;
use crate::events::{Emitter, Events, Policy, events};

/// What happened to a queue. See [`events`](super::JobQueue::events).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QueueEvent {
    /// The last free worker started a job. New items have to wait.
    Saturated,
    /// After that, a worker became free, and no item waits.
    Unsaturated,
    /// The last waiting item started.
    Empty,
    /// The queue became idle: no item waits, and none runs.
    Drained,
    /// A worker returned an error or panicked. The error itself goes to the handle and, by reference, to
    /// [`on_error`](super::QueueBuilder::on_error).
    Error,
}

/// How many events may wait in a stream.
const CAPACITY: usize = 1024;

/// A stream of a queue's events. See [`events`](super::JobQueue::events).
#[must_use = "streams do nothing unless polled"]
pub struct QueueEvents {
    events: Events<QueueEvent, ()>,
    wait: SelfWait,
}

impl QueueEvents {
    /// For the queue with this address.
    pub(super) fn new(queue: usize) -> (Self, Emitter<QueueEvent>) {
        let mut source = None;
        let events = events(CAPACITY, Policy::DropOldest, |emitter| {
            source = Some(emitter);
        });
        let wait = SelfWait::new(queue, WaitTarget::Event);
        let emitter = source.expect("the source was called");
        (QueueEvents { events, wait }, emitter)
    }

    /// How many events were dropped, the oldest first, because more than 1024 waited.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.events.dropped()
    }
}

impl Stream for QueueEvents {
    type Item = QueueEvent;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<QueueEvent>> {
        // A queue never fails its streams.
        let polled = Pin::new(&mut self.events)
            .poll_next(cx)
            .map(|event| event.and_then(Result::ok));
        self.wait.register(cx, polled)
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
