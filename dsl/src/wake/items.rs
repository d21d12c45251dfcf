//! The items of a `for` task: their futures, their outputs and their wakers, in one allocation.
//!
//! ```text
//! Header: references, the list of the woken, the parent's waker
//! Node, Node, …: what a waker points to, one for each item
//! Slot, Slot, …: an item's future, then its output
//! ```
//!
//! A waker points to its item's node, which knows its number, and so where the header is. A wake puts the node into the
//! list of the woken. A poll takes the whole list (R. K. Treiber, "Systems programming: coping with parallelism", 1986):
//! both take constant time for each wake, however many items there are. Wakers keep the allocation, but not what is in
//! the slots, which is dropped with the [`Items`].
//!
//! Between two polls the list ends in [`IDLE`]: a wake that puts a node in front of that wakes the parent. During a poll the
//! list ends in [`POLLING`]: the poll looks for nodes when it ends, and wakes the parent if it finds any.

#[cfg(all(test, loom))]
mod models;
mod shared;
#[cfg(all(test, not(loom)))]
mod tests;

use alloc::alloc::{alloc, handle_alloc_error};
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, Waker};

use core::sync::atomic::Ordering;

use self::shared::{Header, IDLE, Node, POLLING, WAKER, layout, node_of, release};

enum Slot<F, T> {
    Future(F),
    Output(T),
    /// The future has ended, and the output is not here.
    Empty,
}

/// Futures, which are polled when they are woken, and what is kept of their outputs.
pub struct Items<F, T> {
    /// There if there are any items.
    header: Option<NonNull<Header>>,
    slots: NonNull<Slot<F, T>>,
    len: usize,
    capacity: usize,
    /// Whether an item was polled. From then on, futures are pinned.
    is_pinned: bool,
    slot: PhantomData<Slot<F, T>>,
}

// SAFETY: the slots are owned, and reached through an exclusive reference only. All else is made for several threads.
unsafe impl<F: Send, T: Send> Send for Items<F, T> {}
// SAFETY: as above; a shared reference reaches no slot.
unsafe impl<F: Sync, T: Sync> Sync for Items<F, T> {}

// As with a `Vec`.
impl<F: UnwindSafe, T: UnwindSafe> UnwindSafe for Items<F, T> {}
impl<F: RefUnwindSafe, T: RefUnwindSafe> RefUnwindSafe for Items<F, T> {}

/// What is pinned is in the allocation.
impl<F, T> Unpin for Items<F, T> {}

/// The items that a poll is about to poll, in the order in which they were woken.
#[derive(Debug)]
#[must_use = "an item that is not polled is not woken again"]
pub(crate) struct Woken {
    next: usize,
}

impl<F, T> Items<F, T> {
    /// Without room for any.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self {
            header: None,
            slots: NonNull::dangling(),
            len: 0,
            capacity: 0,
            is_pinned: false,
            slot: PhantomData,
        }
    }

    /// Adds an item after the others. If there is no room for it, this allocates room for `room` items.
    ///
    /// # Panics
    ///
    /// When items have been polled: they may not move any more.
    #[inline]
    pub fn push(&mut self, room: usize, future: F) {
        assert!(!self.is_pinned, "items are added before they are polled");
        if self.len == self.capacity {
            self.grow(room.max(2 * self.capacity).max(1));
        }
        let header = self.header.expect("there is room for an item");
        // SAFETY: the place of this node and of this slot is within the allocation, and nothing is there yet. Nobody
        // else has a reference to the header, as no item was polled.
        unsafe {
            node_of(header, self.len).write(Node::new(self.len));
            (*header.as_ptr()).nodes = self.len + 1;
            self.slots.add(self.len).write(Slot::Future(future));
        }
        self.len += 1;
    }

    /// The number of items.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> usize {
        self.len
    }

    /// Moves all items to an allocation with room for `capacity` items.
    #[cold]
    fn grow(&mut self, capacity: usize) {
        let Some((layout, slots)) = layout::<Slot<F, T>>(capacity) else {
            panic!("there is no room for {capacity} items");
        };
        // SAFETY: the layout has a size, that of a header at least.
        let allocation = unsafe { alloc(layout) };
        let Some(allocation) = NonNull::new(allocation) else {
            handle_alloc_error(layout);
        };
        let header = allocation.cast::<Header>();
        // SAFETY: the header is at the beginning of the allocation, the slots are at this offset. There is room for
        // more nodes and slots than there were. Slots that were not polled may move; what they were is not dropped.
        unsafe {
            header.write(Header::new(layout));
            let slots = allocation.add(slots).cast::<Slot<F, T>>();
            for item in 0..self.len {
                node_of(header, item).write(Node::new(item));
            }
            (*header.as_ptr()).nodes = self.len;
            slots.copy_from_nonoverlapping(self.slots, self.len);
            if let Some(old) = self.header.replace(header) {
                release(old);
            }
            self.slots = slots;
        }
        self.capacity = capacity;
    }

    /// Begins a poll of the items that were woken since the last one, in the order of their wakes. The order is rotated: it
    /// starts with the item whose number is the first from `from` on. Items that are woken from now on wait for the next
    /// poll.
    #[inline]
    pub(crate) fn begin_poll(&mut self, from: usize) -> Woken {
        self.is_pinned = true;
        let Some(header) = self.header else {
            return Woken { next: IDLE };
        };
        // SAFETY: there is a header as long as this keeps a reference to it.
        let last = unsafe { header.as_ref() }
            .woken
            .swap(POLLING, Ordering::Acquire);
        // SAFETY: numbers in the list are those of items, which have nodes.
        let next_of = |item: usize| unsafe { &node_of(header, item).as_ref().before };
        // The list begins with the last one. While a node is in it, nothing else writes where the node leads to.
        let (mut first, mut rest) = (IDLE, last);
        let (mut start, mut before_start, mut distance_to_start) = (IDLE, IDLE, usize::MAX);
        while rest != IDLE && rest != POLLING {
            let earlier = next_of(rest).load(Ordering::Relaxed);
            next_of(rest).store(first, Ordering::Relaxed);
            if start == first && start != IDLE {
                before_start = rest;
            }
            let distance = if rest >= from {
                rest - from
            } else {
                rest + self.len - from
            };
            if distance < distance_to_start {
                (start, before_start, distance_to_start) = (rest, IDLE, distance);
            }
            first = mem::replace(&mut rest, earlier);
        }
        if start != first {
            next_of(last).store(first, Ordering::Relaxed);
            next_of(before_start).store(IDLE, Ordering::Relaxed);
        }
        Woken { next: start }
    }

    /// The next woken item. From now on, it can be woken again.
    #[inline]
    pub(crate) fn next(&self, woken: &mut Woken) -> Option<usize> {
        let item = woken.next;
        let header = self.header.filter(|_| item != IDLE)?;
        // SAFETY: numbers in the list are those of items, which have nodes.
        let node = unsafe { node_of(header, item).as_ref() };
        woken.next = node.before.load(Ordering::Relaxed);
        // Acquires what happened before the wakes, even before those that found it in the list.
        node.is_woken.swap(false, Ordering::Acquire);
        Some(item)
    }

    /// Keeps an item's output.
    #[inline]
    pub(crate) fn put(&mut self, item: usize, output: T) {
        assert!(item < self.len);
        // SAFETY: the slot is within the allocation, and this has the only reference to it.
        unsafe { *self.slots.add(item).as_mut() = Slot::Output(output) };
    }

    /// The outputs. Every item has put one.
    pub(crate) fn take_outputs(&mut self) -> Vec<T> {
        let outputs = (0..self.len).map(|item| {
            // SAFETY: the slot is within the allocation, and this has the only reference to it.
            let slot = unsafe { self.slots.add(item).as_mut() };
            // A future that was polled must not move: only outputs do.
            match slot {
                Slot::Output(_) => match mem::replace(slot, Slot::Empty) {
                    Slot::Output(output) => output,
                    _ => unreachable!(),
                },
                _ => unreachable!("an item that has ended has an output"),
            }
        });
        outputs.collect()
    }

    /// Ends a poll after which some items still run, of a future that was polled with `parent`.
    #[inline]
    pub(crate) fn end_poll(&mut self, parent: &Waker) {
        let Some(header) = self.header else { return };
        // SAFETY: there is a header as long as this keeps a reference to it.
        let header = unsafe { header.as_ref() };
        if header.woken.load(Ordering::Relaxed) == POLLING {
            header.register(parent);
            let idle =
                header
                    .woken
                    .compare_exchange(POLLING, IDLE, Ordering::AcqRel, Ordering::Relaxed);
            if idle.is_ok() {
                return;
            }
        }
        parent.wake_by_ref();
    }
}

impl<F, T> Default for Items<F, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Future, T> Items<F, T> {
    /// Polls an item after `begin_poll`. An item that has ended is pending.
    #[inline]
    pub(crate) fn poll(&mut self, item: usize) -> Poll<F::Output> {
        assert!(self.is_pinned && item < self.len);
        let Some(header) = self.header else {
            return Poll::Pending;
        };
        // SAFETY: the slot is within the allocation, and this has the only reference to it.
        let slot = unsafe { self.slots.add(item).as_mut() };
        let Slot::Future(future) = slot else {
            return Poll::Pending;
        };
        let node = node_of(header, item);
        // SAFETY: the functions of the vtable ask for a pointer to a node, from that of its allocation. The waker has
        // no reference to it: it is neither dropped nor woken by value, as only references to
        // it leave this function, for the time of the poll, while this has one.
        let waker = unsafe { Waker::new(node.as_ptr().cast_const().cast(), &WAKER) };
        let waker = ManuallyDrop::new(waker);
        // SAFETY: from the first poll on nothing is added, so that the slots stay where they are until they are
        // dropped. A future leaves its slot only by being dropped there.
        let future = unsafe { Pin::new_unchecked(future) };
        let polled = future.poll(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            *slot = Slot::Empty;
        }
        polled
    }
}

impl<F, T> Drop for Items<F, T> {
    fn drop(&mut self) {
        /// Runs even when a slot panics while it is dropped.
        struct Release(NonNull<Header>);

        impl Drop for Release {
            fn drop(&mut self) {
                // SAFETY: this gives back the reference of the items.
                unsafe {
                    self.0.as_ref().leave();
                    release(self.0);
                }
            }
        }

        let Some(header) = self.header else { return };
        let _release = Release(header);
        let slots = NonNull::slice_from_raw_parts(self.slots, self.len);
        // SAFETY: `len` slots are filled, and nothing uses them after this. If one of them panics, the others are dropped
        // nevertheless.
        unsafe { slots.drop_in_place() };
    }
}

impl<F, T> fmt::Debug for Items<F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}
