//! What the items of a `for` task share with their wakers.

use alloc::alloc::dealloc;
use core::alloc::Layout;
use core::mem;
use core::ptr::NonNull;
use core::task::{RawWaker, RawWakerVTable, Waker};

#[cfg(not(loom))]
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};
#[cfg(loom)]
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering, fence};

use crate::wake::cells::Parent;

/// The end of the list between two polls.
pub(super) const IDLE: usize = usize::MAX;

/// The end of the list during a poll.
pub(super) const POLLING: usize = usize::MAX - 1;

/// What all items share.
pub(super) struct Header {
    /// Of the [`Items`], and of each waker that outlives a poll.
    references: AtomicUsize,
    /// The number of the item that was woken last, or the end of the list.
    pub(super) woken: AtomicUsize,
    /// The parent's waker, while the list ends in [`IDLE`].
    parent: Parent,
    /// Of the whole allocation, and how many of its nodes are there.
    layout: Layout,
    pub(super) nodes: usize,
}

/// What the wakers of an item point to.
pub(super) struct Node {
    item: usize,
    /// Whether it is in the list. The thread that sets this puts it there.
    pub(super) is_woken: AtomicBool,
    /// The number of the item that was woken before, or the end of the list.
    pub(super) before: AtomicUsize,
}

impl Header {
    /// Of an allocation without nodes as yet, in the middle of a poll, with one reference.
    pub(super) fn new(layout: Layout) -> Self {
        Header {
            references: AtomicUsize::new(1),
            woken: AtomicUsize::new(POLLING),
            parent: Parent::new(),
            layout,
            nodes: 0,
        }
    }

    /// Keeps the parent's waker.
    #[inline]
    pub(super) fn register(&self, parent: &Waker) {
        self.parent.register(parent);
    }

    #[cold]
    fn wake_parent(&self) {
        self.parent.wake();
    }

    /// Ends all wakes, because the items are gone.
    pub(super) fn leave(&self) {
        self.woken.swap(POLLING, Ordering::Relaxed);
        self.parent.forget();
    }
}

impl Node {
    /// Of an item that was not woken.
    #[inline]
    pub(super) fn new(item: usize) -> Self {
        Node {
            item,
            is_woken: AtomicBool::new(false),
            before: AtomicUsize::new(IDLE),
        }
    }

    /// # Safety
    ///
    /// The node is one of an allocation.
    unsafe fn wake(this: NonNull<Self>) {
        // SAFETY: see above.
        let (node, header) = unsafe { (this.as_ref(), header_of(this).as_ref()) };
        // The poll sees what this thread did before, even if the node was in the list already.
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

/// The layout of an allocation for `capacity` items, and the offset of their slots.
pub(super) fn layout<S>(capacity: usize) -> Option<(Layout, usize)> {
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
pub(super) fn node_of(header: NonNull<Header>, item: usize) -> NonNull<Node> {
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
pub(super) unsafe fn release(header: NonNull<Header>) {
    // SAFETY: see above.
    if unsafe { header.as_ref() }
        .references
        .fetch_sub(1, Ordering::Release)
        != 1
    {
        return;
    }
    // Acquires what others did with it.
    fence(Ordering::Acquire);
    // SAFETY: nothing else has a reference. The nodes and the header are dropped once, and then freed by their layout.
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

/// Aborts, as a panic that leaves a function of C does.
#[cold]
extern "C" fn too_many_wakers() -> ! {
    panic!("too many wakers");
}

/// For data that points to a [`Node`].
pub(super) static WAKER: RawWakerVTable = {
    /// # Safety
    ///
    /// `node` points to a node of a live allocation.
    unsafe fn clone(node: *const ()) -> RawWaker {
        // SAFETY: see above.
        let references = unsafe { &header_of(pointer(node)).as_ref().references };
        // As in an `Arc`: only leaked wakers can reach this number.
        if references.fetch_add(1, Ordering::Relaxed) > isize::MAX.unsigned_abs() {
            too_many_wakers();
        }
        RawWaker::new(node, &WAKER)
    }

    /// # Safety
    ///
    /// As for `clone`, and the caller gives its reference away.
    unsafe fn wake(node: *const ()) {
        /// Runs even when the parent panics.
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
