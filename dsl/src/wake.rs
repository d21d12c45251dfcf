//! A waker for each child of a wide node, so that a wake polls only the child that it is for.
//!
//! During a poll, a child gets a *lent* waker, which points to the node itself. A child that wakes itself during its poll,
//! like a future that yields, sets a bit there. The end of the poll wakes the parent once for all these children. The first
//! child that *clones* its waker, to be woken later, makes an allocation for up to 256 children. From the next poll on, they
//! get wakers that point to it. A waker's vtable identifies its child, so the waker's data is the node or the allocation.
//! Both begin with a pointer to the allocation, so the functions of a vtable need not know which of them they get.
//!
//! The allocation keeps the waker of the poll that made it. If a later poll has another waker, it polls all children, with
//! wakers of a new allocation. This is rare, and simpler and cheaper than a lock.
#![allow(unsafe_code, reason = "the parts of a waker are untyped")]

mod cells;
mod items;
#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;
mod vtables;
mod woken;

pub use items::Items;

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr;
use core::task::{RawWakerVTable, Waker};

#[cfg(not(loom))]
use alloc::sync::Arc;
#[cfg(not(loom))]
use core::sync::atomic::{AtomicPtr, Ordering};
#[cfg(loom)]
use loom::sync::Arc;
#[cfg(loom)]
use loom::sync::atomic::{AtomicPtr, Ordering};

use self::cells::OnceArc;
use self::vtables::{OF_ONE_WORD, VTABLES};
use self::woken::{Woken, take};

/// The number of children that share an allocation. `auto!` also uses this number.
const GROUP: usize = 256;

/// The words in which a group has a bit for each of its children.
pub(crate) const WORDS_OF_GROUP: usize = GROUP / 64;

/// The number of children whose vtables lie together.
pub(crate) const CHUNK: usize = 8;

/// The wakers of up to `WORDS` times 64 children, by their places, in `GROUPS` groups.
#[derive(Debug)]
pub struct Wakers<const GROUPS: usize, const WORDS: usize> {
    groups: [Group; GROUPS],
}

/// The target of the wakers that are lent for a poll.
#[derive(Debug)]
#[repr(C)]
struct Group {
    /// Filled by the first clone of a waker. It comes first, as wakers look for it there.
    shared: OnceArc<Shared>,
    /// The children that were woken by wakers with this target. There are none between polls if `shared` is filled.
    woken: Woken,
    /// The words of its children.
    words: u64,
    /// The waker of the current poll of the node. It is set until `shared` is.
    parent: AtomicPtr<Waker>,
}

/// The target of the wakers that outlive a poll.
#[repr(C)]
struct Shared {
    /// Points to itself. It comes first, as in a group.
    this: AtomicPtr<Shared>,
    woken: Woken,
    parent: Waker,
}

impl<const GROUPS: usize, const WORDS: usize> Wakers<GROUPS, WORDS> {
    /// For children that have not been polled yet: the first poll polls all of them.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        const { assert!(GROUPS == WORDS.div_ceil(WORDS_OF_GROUP)) }
        Wakers {
            groups: core::array::from_fn(|group| Group {
                shared: OnceArc::new(),
                woken: Woken::of(u64::MAX),
                words: {
                    let words = WORDS_OF_GROUP.min(WORDS - group * WORDS_OF_GROUP);
                    u64::MAX >> (64 - words)
                },
                parent: AtomicPtr::new(ptr::null_mut()),
            }),
        }
    }

    /// Begins a poll of the node. From now on, a wake of a child wakes `parent`.
    #[inline]
    pub fn begin_poll<'p>(&'p mut self, parent: &'p Waker) -> Lending<'p, GROUPS, WORDS> {
        let mut shared = [None; GROUPS];
        if GROUPS == 1 {
            // LLVM does not always unroll the loop.
            shared[0] = self.groups[0].begin_poll(parent);
        } else {
            for (number, group) in self.groups.iter_mut().enumerate() {
                shared[number] = group.begin_poll(parent);
            }
        }
        Lending {
            groups: &self.groups,
            shared,
            parent: PhantomData,
        }
    }
}

impl<const GROUPS: usize, const WORDS: usize> Default for Wakers<GROUPS, WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl Shared {
    /// Wakes the parent if the child is the first that is woken since the last poll.
    #[inline]
    fn wake<const HAS_WORDS: bool>(&self, bit: usize) {
        if self.woken.add::<HAS_WORDS>(bit / 64, 1 << (bit % 64)) {
            self.parent.wake_by_ref();
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("woken", &self.woken)
            .finish_non_exhaustive()
    }
}

/// Whether two wakers wake the same task. [`Waker::will_wake`] is too strict: std's own wakers have several equal vtables.
#[inline]
fn are_same(one: &Waker, other: &Waker) -> bool {
    let (vtable, others) = (one.vtable(), other.vtable());
    ptr::eq(one.data(), other.data()) && (ptr::eq(vtable, others) || vtable == others)
}

impl Group {
    /// The pointer of the `Arc` to which this poll's wakers point, if they do not point to the group.
    #[inline]
    fn begin_poll(&mut self, parent: &Waker) -> Option<*const Shared> {
        if let Some(shared) = self.shared.pointer() {
            // SAFETY: the pointer is that of an `Arc`, which the group keeps.
            if are_same(unsafe { &(*shared).parent }, parent) {
                return Some(shared);
            }
            self.forget();
        }
        // Only the first clone of a waker needs it, and the end of the poll.
        let parent = ptr::from_ref(parent).cast_mut();
        self.parent.store(parent, Ordering::Relaxed);
        None
    }

    /// Makes the next poll poll all children, with wakers of another allocation.
    #[cold]
    fn forget(&mut self) {
        self.woken = Woken::of(u64::MAX);
        self.shared.clear();
    }

    /// The waker of the current poll.
    ///
    /// # Safety
    ///
    /// The node is being polled, and `shared` was empty when the poll began.
    unsafe fn parent(&self) -> &Waker {
        // SAFETY: the poll began with a reference to it, which is still borrowed.
        unsafe { &*self.parent.load(Ordering::Relaxed) }
    }

    /// The pointer of an `Arc` in the empty cell. The caller gets one count of it.
    ///
    /// # Safety
    ///
    /// As for `parent`.
    #[cold]
    unsafe fn share(&self) -> *const Shared {
        // SAFETY: see above.
        let parent = unsafe { self.parent() };
        let shared = self.shared.get_or_put(|| {
            let shared = Arc::into_raw(Arc::new(Shared {
                this: AtomicPtr::new(ptr::null_mut()),
                woken: Woken::of(0),
                parent: parent.clone(),
            }));
            // SAFETY: the pointer comes from `into_raw`, and nothing else has it.
            unsafe {
                (*shared).this.store(shared.cast_mut(), Ordering::Relaxed);
                Arc::from_raw(shared)
            }
        });
        Arc::into_raw(shared)
    }

    /// Ends a poll. Returns the waker that asks for the next one, if children were woken by lent wakers.
    #[inline]
    fn end_poll<const WORDS: usize>(&self) -> Option<&Waker> {
        // SAFETY: `shared` was empty when the poll began, as otherwise all wakes would be there.
        (!self.woken.is_empty::<WORDS>()).then(|| unsafe { self.hand_over::<WORDS>() })
    }

    /// Moves the children that were woken by lent wakers to where the next poll finds them.
    ///
    /// # Safety
    ///
    /// As for `parent`.
    #[cold]
    unsafe fn hand_over<const WORDS: usize>(&self) -> &Waker {
        if let Some(shared) = self.shared.get() {
            let words = self.words.count_ones() as usize;
            for (word, children) in self.woken.children[..words].iter().enumerate() {
                let children = take(children);
                if children == 0 {
                    continue;
                }
                if WORDS == 1 {
                    shared.woken.add::<false>(word, children);
                } else {
                    shared.woken.add::<true>(word, children);
                }
            }
            take(&self.woken.words);
        }
        // SAFETY: see above.
        unsafe { self.parent() }
    }
}

/// A poll of the node, in which children are polled with wakers of their own. It ends when this is dropped, even by a
/// panic.
#[derive(Debug)]
pub struct Lending<'p, const GROUPS: usize, const WORDS: usize> {
    groups: &'p [Group; GROUPS],
    /// The pointers of the groups' `Arc`s that were there when the poll began.
    shared: [Option<*const Shared>; GROUPS],
    parent: PhantomData<&'p Waker>,
}

impl<'p, const GROUPS: usize, const WORDS: usize> Lending<'p, GROUPS, WORDS> {
    /// The children of a group.
    #[inline]
    pub(crate) fn group(&self, group: usize) -> Members<'p, WORDS> {
        let group = if GROUPS == 1 { 0 } else { group };
        Members {
            group: &self.groups[group],
            shared: self.shared[group],
        }
    }

    /// The waker for one poll of the child at a place.
    #[inline]
    #[must_use]
    pub fn waker(&self, place: usize) -> Borrowed<'p> {
        self.group(place / GROUP % GROUPS).lend(place).waker(place)
    }
}

impl<const GROUPS: usize, const WORDS: usize> Drop for Lending<'_, GROUPS, WORDS> {
    /// Wakes the parent once for all children that were woken by lent wakers.
    #[inline]
    fn drop(&mut self) {
        let mut parent = None;
        if GROUPS == 1 {
            parent = self.groups[0].end_poll::<WORDS>();
        } else {
            for group in self.groups {
                parent = group.end_poll::<WORDS>().or(parent);
            }
        }
        if let Some(parent) = parent {
            parent.wake_by_ref();
        }
    }
}

/// The children of a group, in a poll of the node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'p, const WORDS: usize> {
    group: &'p Group,
    shared: Option<*const Shared>,
}

impl<'p, const WORDS: usize> Members<'p, WORDS> {
    #[inline]
    fn shared(self) -> Option<&'p Shared> {
        // SAFETY: the pointer is that of an `Arc`, which the group keeps as long as it is borrowed.
        self.shared.map(|shared| unsafe { &*shared })
    }

    /// The words with children that were woken since this was last asked for, or more words.
    #[inline]
    pub(crate) fn woken_words(self) -> u64 {
        if WORDS == 1 {
            return 1;
        }
        match self.shared() {
            Some(shared) => shared.woken.words.swap(0, Ordering::Acquire),
            None => take(&self.group.woken.words) & self.group.words,
        }
    }

    /// The children of one of these words, before one of them is polled.
    #[inline]
    pub(crate) fn woken_children(self, word: usize) -> u64 {
        let word = word % WORDS_OF_GROUP;
        match self.shared() {
            Some(shared) => shared.woken.children[word].swap(0, Ordering::Acquire),
            None => take(&self.group.woken.children[word]),
        }
    }

    /// The wakers for polls of the children in the chunk of this place.
    #[inline]
    pub(crate) fn lend(self, place: usize) -> Lent<'p> {
        let group = ptr::from_ref(self.group);
        let chunk = place / CHUNK;
        Lent {
            target: self.shared.map_or(group.cast(), <*const Shared>::cast),
            vtables: if WORDS == 1 {
                &OF_ONE_WORD[chunk % OF_ONE_WORD.len()]
            } else {
                &VTABLES[chunk % VTABLES.len()]
            },
            group: PhantomData,
        }
    }
}

/// Wakers for polls of the children of a chunk.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lent<'p> {
    /// A group, or the pointer of an `Arc<Shared>` that the group keeps.
    target: *const (),
    vtables: &'static [RawWakerVTable; CHUNK],
    group: PhantomData<&'p Group>,
}

impl<'p> Lent<'p> {
    /// The waker of the child at a place.
    #[inline]
    pub(crate) fn waker(self, place: usize) -> Borrowed<'p> {
        // SAFETY: the functions of the vtables do what a waker must do with such data. The data exists as long as the group
        // is borrowed, and any thread may use it. The waker does not own the data, so it must not be dropped or woken by
        // value: only references to it leave this module.
        let waker = unsafe { Waker::new(self.target, &self.vtables[place % CHUNK]) };
        Borrowed {
            waker: ManuallyDrop::new(waker),
            group: PhantomData,
        }
    }
}

/// A waker that does not own its data.
#[derive(Debug)]
pub struct Borrowed<'p> {
    waker: ManuallyDrop<Waker>,
    group: PhantomData<&'p Group>,
}

impl Deref for Borrowed<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        &self.waker
    }
}
