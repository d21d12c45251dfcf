//! What the threads share, and what loom puts in its place.

#[cfg(not(loom))]
pub(super) use atomic_waker::AtomicWaker;
#[cfg(not(loom))]
pub(super) use crossbeam_queue::ArrayQueue;
#[cfg(not(loom))]
pub(super) use crossbeam_utils::atomic::AtomicCell;
#[cfg(not(loom))]
pub(super) use std::sync::atomic::{AtomicBool, AtomicUsize, fence};

#[cfg(loom)]
pub(super) use loom::sync::atomic::{AtomicBool, AtomicUsize, fence};
#[cfg(loom)]
pub(super) use model::{ArrayQueue, AtomicCell, AtomicWaker};

/// The crates' parts that loom cannot see into, each as what its documentation promises.
#[cfg(loom)]
mod model {
    use std::collections::VecDeque;
    use std::task::Waker;

    use crate::sync::{Mutex, lock};

    pub(crate) struct ArrayQueue<T> {
        events: Mutex<VecDeque<T>>,
        capacity: usize,
    }

    impl<T> ArrayQueue<T> {
        pub(crate) fn new(capacity: usize) -> Self {
            ArrayQueue {
                events: Mutex::new(VecDeque::new()),
                capacity,
            }
        }

        pub(crate) fn capacity(&self) -> usize {
            self.capacity
        }

        pub(crate) fn push(&self, event: T) -> Result<(), T> {
            let mut events = lock(&self.events);
            if events.len() == self.capacity {
                return Err(event);
            }
            events.push_back(event);
            Ok(())
        }

        pub(crate) fn pop(&self) -> Option<T> {
            lock(&self.events).pop_front()
        }
    }

    pub(crate) struct AtomicCell<T>(Mutex<T>);

    impl<T> AtomicCell<T> {
        pub(crate) fn new(value: T) -> Self {
            AtomicCell(Mutex::new(value))
        }

        pub(crate) fn swap(&self, value: T) -> T {
            std::mem::replace(&mut *lock(&self.0), value)
        }
    }

    pub(crate) struct AtomicWaker(loom::future::AtomicWaker);

    impl AtomicWaker {
        pub(crate) fn new() -> Self {
            AtomicWaker(loom::future::AtomicWaker::new())
        }

        pub(crate) fn register(&self, waker: &Waker) {
            self.0.register_by_ref(waker);
        }

        pub(crate) fn wake(&self) {
            self.0.wake();
        }

        pub(crate) fn take(&self) -> Option<Waker> {
            self.0.take_waker()
        }
    }
}
