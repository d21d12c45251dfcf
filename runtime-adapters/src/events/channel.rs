//! The state that the emitters and the stream share.
//!
//! No lock of this crate is held while user code runs: events, errors and wakers are woken and dropped outside. The
//! locks are that of the error and that of `DropOldest`. `Block` uses `event-listener`, which calls the wakers of
//! [`send`](super::Emitter::send) under its own locks.

use std::mem;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use super::bounded::BoundedQueue;
use super::error::{BoxError, EmitError};
use super::latest::{LatestSlot, SpareBox};
use super::next_event::NextEvent;
use super::policy::Policy;
use super::sliding::SlidingQueue;
use super::sync::{AtomicUsize, AtomicWaker};
use crate::sync::{Mutex, lock};

pub(super) struct Channel<T> {
    pub(super) policy: Policy,
    queue: EventBuffer<T>,
    /// The stream's waker.
    waker: AtomicWaker,
    emitters: AtomicUsize,
    dropped: AtomicU64,
    failure: Mutex<StreamError>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "there is one of them, in an allocation of its own"
)]
enum EventBuffer<T> {
    Bounded(BoundedQueue<T>),
    Sliding(SlidingQueue<T>),
    Latest(LatestSlot<T>),
}

enum StreamError {
    None,
    Unreceived(BoxError),
    Received,
}

impl<T> Channel<T> {
    /// The channel of one emitter.
    pub(super) fn new(capacity: usize, policy: Policy) -> Self {
        let queue = match policy {
            Policy::DropNewest | Policy::Fail => {
                EventBuffer::Bounded(BoundedQueue::new(capacity, false))
            }
            Policy::Block => EventBuffer::Bounded(BoundedQueue::new(capacity, true)),
            Policy::DropOldest => EventBuffer::Sliding(SlidingQueue::new(capacity)),
            Policy::Latest => EventBuffer::Latest(LatestSlot::new()),
        };
        Channel {
            policy,
            queue,
            waker: AtomicWaker::new(),
            emitters: AtomicUsize::new(1),
            dropped: AtomicU64::new(0),
            failure: Mutex::new(StreamError::None),
        }
    }

    /// An emitter's own memory.
    pub(super) fn spare(&self) -> SpareBox<T> {
        if self.policy == Policy::Latest {
            SpareBox::new()
        } else {
            SpareBox::none()
        }
    }

    pub(super) fn emit(&self, event: T, spare: &SpareBox<T>) -> Result<(), EmitError<T>> {
        let result = match &self.queue {
            EventBuffer::Bounded(queue) if self.policy == Policy::Block => {
                queue.push_blocking(event).map(|()| None)
            }
            EventBuffer::Bounded(queue) => queue.push(event).map(|()| None),
            EventBuffer::Sliding(queue) => queue.push(event),
            EventBuffer::Latest(place) => place.push(event, spare),
        };
        self.emitted(result)
    }

    pub(super) async fn send(&self, event: T, spare: &SpareBox<T>) -> Result<(), EmitError<T>> {
        match &self.queue {
            EventBuffer::Bounded(queue) if self.policy == Policy::Block => {
                let result = queue.push_waiting(event).await;
                self.emitted(result.map(|()| None))
            }
            _ => self.emit(event, spare),
        }
    }

    fn emitted(&self, result: Result<Option<T>, EmitError<T>>) -> Result<(), EmitError<T>> {
        let (taken, lost) = match result {
            Ok(lost) => (true, lost),
            Err(EmitError::Full(event)) if self.policy == Policy::DropNewest => {
                (false, Some(event))
            }
            Err(error) => return Err(error),
        };
        if lost.is_some() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        if taken {
            self.waker.wake();
        }
        // The lost event is dropped last, because that may panic.
        Ok(())
    }

    /// Ends the stream with this error, unless it has ended.
    pub(super) fn fail(&self, error: BoxError) {
        let mut failure = lock(&self.failure);
        if !matches!(*failure, StreamError::None) {
            drop(failure);
            return;
        }
        *failure = StreamError::Unreceived(error);
        drop(failure);
        // Stored before the close, because the stream looks for it afterwards.
        if self.close() {
            self.waker.wake();
        } else {
            drop(self.take_error());
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        match &self.queue {
            EventBuffer::Bounded(queue) => queue.is_closed(),
            EventBuffer::Sliding(queue) => queue.is_closed(),
            EventBuffer::Latest(place) => place.is_closed(),
        }
    }

    fn close(&self) -> bool {
        match &self.queue {
            EventBuffer::Bounded(queue) => queue.close(),
            EventBuffer::Sliding(queue) => queue.close(),
            EventBuffer::Latest(place) => place.close(),
        }
    }

    pub(super) fn add_emitter(&self) {
        self.emitters.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn remove_emitter(&self) {
        if self.emitters.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.close();
            self.waker.wake();
        }
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// For the stream alone.
    pub(super) fn poll_take(&self, cx: &Context<'_>) -> Poll<Option<T>> {
        let mut taken = self.take();
        if let NextEvent::Empty = taken {
            self.waker.register(cx.waker());
            taken = self.take();
        }
        match taken {
            NextEvent::Event(event) => Poll::Ready(Some(event)),
            NextEvent::Empty => Poll::Pending,
            NextEvent::Ended => Poll::Ready(None),
        }
    }

    fn take(&self) -> NextEvent<T> {
        match &self.queue {
            EventBuffer::Bounded(queue) => queue.take(),
            EventBuffer::Sliding(queue) => queue.take(),
            EventBuffer::Latest(place) => place.take(),
        }
    }

    /// The error of the stream, once.
    pub(super) fn take_error(&self) -> Option<BoxError> {
        let mut failure = lock(&self.failure);
        match mem::replace(&mut *failure, StreamError::Received) {
            StreamError::Unreceived(error) => Some(error),
            StreamError::None | StreamError::Received => None,
        }
    }

    /// The stream is gone. Drops the events. Those on their way return or are dropped, too.
    pub(super) fn abandon(&self) {
        match &self.queue {
            EventBuffer::Bounded(queue) => queue.abandon(),
            EventBuffer::Sliding(_) | EventBuffer::Latest(_) => drop(self.close()),
        }
        // Dropped after the events, even if one of those panics.
        let _kept = (self.take_error(), self.waker.take());
        match &self.queue {
            EventBuffer::Bounded(queue) => queue.clear(),
            EventBuffer::Sliding(queue) => queue.clear(),
            EventBuffer::Latest(place) => place.clear(),
        }
    }
}
