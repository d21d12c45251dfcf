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
//! Between two polls the end of the list is [`IDLE`]: who puts a node there wakes the parent. During a poll it is
//! [`POLLING`]: the poll itself looks for nodes at its end, and wakes the parent if it finds any.

#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;

use core::alloc::Layout;
use core::fmt;
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};
use std::alloc::{alloc, dealloc, handle_alloc_error};
use std::process::abort;

#[cfg(loom)]
use loom::sync::Mutex;
#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
#[cfg(not(loom))]
use std::sync::Mutex;
#[cfg(not(loom))]
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};

use super::{are_same, ignore_poison};

/// The end of the list between two polls.
const IDLE: usize = usize::MAX;

/// The end of the list during a poll.
const POLLING: usize = usize::MAX - 1;

/// What all items share.
struct Header {
    /// Of the [`Items`], and of each waker that outlives a poll.
    references: AtomicUsize,
    /// The number of the item that was woken last, or an end of the list.
    woken: AtomicUsize,
    /// Whom to wake: there when the list ends in [`IDLE`].
    parent: Mutex<Option<Waker>>,
    /// Of the whole allocation, and how many of its nodes are there.
    layout: Layout,
    nodes: usize,
}

/// What the wakers of an item point to.
struct Node {
    item: usize,
    /// Whether it is in the list. Who sets this puts it there.
    is_woken: AtomicBool,
    /// The number of the item that was woken before, or the end of the list.
    before: AtomicUsize,
}

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
#[must_use = "who is not polled is not woken again"]
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

    /// Adds an item after the others. If there is no room for it, there will be for so many.
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
        let node = Node {
            item: self.len,
            is_woken: AtomicBool::new(false),
            before: AtomicUsize::new(IDLE),
        };
        // SAFETY: the place of this node and of this slot is within the allocation, and nothing is there yet. Nobody
        // else has a reference to the header, as no item was polled.
        unsafe {
            node_of(header, self.len).write(node);
            (*header.as_ptr()).nodes = self.len + 1;
            self.slots.add(self.len).write(Slot::Future(future));
        }
        self.len += 1;
    }

    /// How many there are.
    #[inline]
    #[must_use]
    pub const fn count(&self) -> usize {
        self.len
    }

    /// Moves all to an allocation with room for so many.
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
        let new = Header {
            references: AtomicUsize::new(1),
            woken: AtomicUsize::new(POLLING),
            parent: Mutex::new(None),
            layout,
            nodes: self.len,
        };
        // SAFETY: the header is at the beginning of the allocation, the slots are at this offset. There is room for
        // more nodes and slots than there were. Slots that were not polled may move; what they were is not dropped.
        unsafe {
            header.write(new);
            let slots = allocation.add(slots).cast::<Slot<F, T>>();
            for item in 0..self.len {
                node_of(header, item).write(Node {
                    item,
                    is_woken: AtomicBool::new(false),
                    before: AtomicUsize::new(IDLE),
                });
            }
            slots.copy_from_nonoverlapping(self.slots, self.len);
            if let Some(old) = self.header.replace(header) {
                release(old);
            }
            self.slots = slots;
        }
        self.capacity = capacity;
    }

    /// Begins a poll: the items that were woken since the last one, in this order, but from the one on that comes next
    /// after the number `from`. Who is woken from now on is for the next poll.
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
        // It begins with the last one. While a node is in the list, nobody else writes where it leads to.
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

    /// The next of the woken, who can be woken again from now on.
    #[inline]
    pub(crate) fn next(&self, woken: &mut Woken) -> Option<usize> {
        let item = woken.next;
        let header = self.header.filter(|_| item != IDLE)?;
        // SAFETY: numbers in the list are those of items, which have nodes.
        let node = unsafe { node_of(header, item).as_ref() };
        woken.next = node.before.load(Ordering::Relaxed);
        // With all that was done before the wakes, also those that found it in the list.
        node.is_woken.swap(false, Ordering::Acquire);
        Some(item)
    }

    /// Keeps what has become of an item's output.
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
    /// Polls an item within a poll that was begun. One that has ended is pending.
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
        // no reference to it: it is neither dropped nor woken by value, as nobody gets more of it than a reference for
        // the time of the poll, while this has one.
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
        /// Also when a slot panics while it is dropped.
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

impl Header {
    /// Remembers whom to wake.
    fn register(&self, parent: &Waker) {
        let known = ignore_poison(self.parent.lock());
        if known.as_ref().is_some_and(|it| are_same(it, parent)) {
            return;
        }
        drop(known);
        // Other people's code, a waker's clone and its drop, which is not called under a lock.
        let new = Some(parent.clone());
        let old = mem::replace(&mut *ignore_poison(self.parent.lock()), new);
        drop(old);
    }

    #[cold]
    fn wake_parent(&self) {
        let parent = ignore_poison(self.parent.lock()).take();
        if let Some(parent) = parent {
            parent.wake();
        }
    }

    /// The items are gone: there is nobody to wake any more.
    fn leave(&self) {
        self.woken.swap(POLLING, Ordering::Relaxed);
        let parent = ignore_poison(self.parent.lock()).take();
        drop(parent);
    }
}

impl Node {
    /// # Safety
    ///
    /// The node is one of an allocation.
    unsafe fn wake(this: NonNull<Self>) {
        // SAFETY: see above.
        let (node, header) = unsafe { (this.as_ref(), header_of(this).as_ref()) };
        // What the thread has done till now is seen by the poll, also if it was in the list already.
        if node.is_woken.swap(true, Ordering::Release) {
            return;
        }
        let mut last = header.woken.load(Ordering::Relaxed);
        loop {
            node.before.store(last, Ordering::Relaxed);
            match header.woken.compare_exchange_weak(
                last,
                node.item,
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => break,
                Err(newer) => last = newer,
            }
        }
        if last == IDLE {
            header.wake_parent();
        }
    }
}

/// The layout of an allocation for so many items, and the offset of their slots.
fn layout<S>(capacity: usize) -> Option<(Layout, usize)> {
    let nodes = Layout::array::<Node>(capacity).ok()?;
    let (layout, at) = Layout::new::<Header>().extend(nodes).ok()?;
    debug_assert_eq!(at, NODES);
    let (layout, slots) = layout.extend(Layout::array::<S>(capacity).ok()?).ok()?;
    Some((layout.pad_to_align(), slots))
}

/// The offset of the nodes.
const NODES: usize = size_of::<Header>().next_multiple_of(align_of::<Node>());

/// The place of a node.
#[inline]
fn node_of(header: NonNull<Header>, item: usize) -> NonNull<Node> {
    let address = header.as_ptr().cast::<u8>();
    let node = address.wrapping_add(NODES + item * size_of::<Node>());
    NonNull::new(node.cast()).expect("an allocation does not end at null")
}

/// The header of a node's allocation.
///
/// # Safety
///
/// The node is one of an allocation, and its pointer comes from [`node_of`].
#[inline]
unsafe fn header_of(node: NonNull<Node>) -> NonNull<Header> {
    // SAFETY: see above. The header lies so far before the node.
    unsafe {
        let offset = NODES + node.as_ref().item * size_of::<Node>();
        node.cast::<u8>().sub(offset).cast()
    }
}

/// Gives back a reference. The last one frees the allocation.
///
/// # Safety
///
/// The caller has a reference to the allocation, and no slot in it holds anything any more.
unsafe fn release(header: NonNull<Header>) {
    // SAFETY: see above.
    if unsafe { header.as_ref() }
        .references
        .fetch_sub(1, Ordering::Release)
        != 1
    {
        return;
    }
    // Whatever others did with it is over.
    fence(Ordering::Acquire);
    // SAFETY: nobody else has a reference. The nodes and the header are dropped once, and then freed by their layout.
    unsafe {
        let (layout, nodes) = (header.as_ref().layout, header.as_ref().nodes);
        if mem::needs_drop::<Node>() {
            for item in 0..nodes {
                node_of(header, item).drop_in_place();
            }
        }
        header.drop_in_place();
        dealloc(header.as_ptr().cast(), layout);
    }
}

/// For data that points to a [`Node`].
static WAKER: RawWakerVTable = {
    /// # Safety
    ///
    /// `node` points to a node of a live allocation.
    unsafe fn clone(node: *const ()) -> RawWaker {
        // SAFETY: see above.
        let references = unsafe { &header_of(pointer(node)).as_ref().references };
        // As in an `Arc`: so many wakers can only have been forgotten.
        if references.fetch_add(1, Ordering::Relaxed) > isize::MAX.unsigned_abs() {
            abort();
        }
        RawWaker::new(node, &WAKER)
    }

    /// # Safety
    ///
    /// As for `clone`; and the caller owns a reference, and gives it away.
    unsafe fn wake(node: *const ()) {
        /// Also when the parent panics.
        struct Drop(*const ());

        impl core::ops::Drop for Drop {
            fn drop(&mut self) {
                // SAFETY: see above.
                unsafe { drop(self.0) }
            }
        }

        let _drop = Drop(node);
        // SAFETY: see above.
        unsafe { wake_by_ref(node) }
    }

    /// # Safety
    ///
    /// As for `clone`.
    unsafe fn wake_by_ref(node: *const ()) {
        // SAFETY: see above.
        unsafe { Node::wake(pointer(node)) }
    }

    /// # Safety
    ///
    /// As for `wake`.
    unsafe fn drop(node: *const ()) {
        // SAFETY: see above. No waker outlives the items' futures without a reference, so that the slots are empty
        // when the last one goes.
        unsafe { release(header_of(pointer(node))) }
    }

    /// # Safety
    ///
    /// As for `clone`.
    unsafe fn pointer(node: *const ()) -> NonNull<Node> {
        // SAFETY: see above.
        unsafe { NonNull::new_unchecked(node.cast_mut().cast()) }
    }

    RawWakerVTable::new(clone, wake, wake_by_ref, drop)
};
