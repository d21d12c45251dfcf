//! A waker for each child of a wide node, so that a wake polls only the child that it is for.
//!
//! During a poll, a child gets a *lent* waker, which points to the node itself. A child that wakes itself during its poll,
//! like a future that yields, sets a bit there. The end of the poll wakes the parent once for all these children. The first
//! child that *clones* its waker, to be woken later, makes an allocation for up to 256 children. From the next poll on, they
//! get wakers that point to it. There are 256 vtables, and a waker's vtable identifies its child. So the waker's data is the
//! node or the allocation.
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

pub use items::Items;

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr;
use core::task::{RawWaker, RawWakerVTable, Waker};

#[cfg(not(loom))]
use alloc::sync::Arc;
#[cfg(not(loom))]
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
#[cfg(loom)]
use loom::sync::Arc;
#[cfg(loom)]
use loom::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use self::cells::OnceArc;

/// The number of children that share an allocation. `auto!` also uses this number.
const GROUP: usize = 256;

/// The words in which a group has a bit for each of its children.
pub(crate) const WORDS_OF_GROUP: usize = GROUP / 64;

/// The wakers of up to `WORDS` times 64 children, by their places, in `GROUPS` groups.
#[derive(Debug)]
pub struct Wakers<const GROUPS: usize, const WORDS: usize> {
    groups: [Group; GROUPS],
}

#[derive(Debug)]
struct Group {
    /// The children that were woken by lent wakers.
    lent: Woken,
    /// The words of its children.
    words: u64,
    /// Whether the node has more than one word.
    has_words: bool,
    /// The waker of the current poll of the node. It is set until `shared` is.
    parent: AtomicPtr<Waker>,
    /// Filled by the first clone of a waker.
    shared: OnceArc<Shared>,
}

/// The children that were woken since the last look, and the words that hold their bits.
#[derive(Debug)]
struct Woken {
    children: [AtomicU64; WORDS_OF_GROUP],
    words: AtomicU64,
}

/// The target of the wakers that outlive a poll.
struct Shared {
    woken: Woken,
    has_words: bool,
    parent: Waker,
}

impl<const GROUPS: usize, const WORDS: usize> Wakers<GROUPS, WORDS> {
    /// For children that have not been polled yet: the first poll polls all of them.
    #[inline]
    #[must_use]
    pub fn new() -> Self {
        const { assert!(GROUPS == WORDS.div_ceil(WORDS_OF_GROUP)) }
        Wakers {
            groups: core::array::from_fn(|group| {
                let words = WORDS_OF_GROUP.min(WORDS - group * WORDS_OF_GROUP);
                let words = u64::MAX >> (64 - words);
                Group {
                    lent: Woken::of(u64::MAX, words),
                    words,
                    has_words: WORDS > 1,
                    parent: AtomicPtr::new(ptr::null_mut()),
                    shared: OnceArc::new(),
                }
            }),
        }
    }

    /// Begins a poll of the node. From now on, a wake of a child wakes `parent`.
    #[inline]
    pub fn begin_poll<'p>(&'p mut self, parent: &'p Waker) -> Lending<'p, GROUPS, WORDS> {
        for group in &mut self.groups {
            if let Some(shared) = group.shared.get() {
                if are_same(&shared.parent, parent) {
                    continue;
                }
                group.forget();
            }
            // Only the first clone of a waker needs it.
            let parent = ptr::from_ref(parent).cast_mut();
            group.parent.store(parent, Ordering::Relaxed);
        }
        Lending {
            groups: &self.groups,
            parent,
        }
    }
}

impl<const GROUPS: usize, const WORDS: usize> Default for Wakers<GROUPS, WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl Woken {
    /// In each word these children, all or none; and the words that hold any.
    #[inline]
    fn of(children: u64, words: u64) -> Self {
        Woken {
            children: core::array::from_fn(|_| AtomicU64::new(children)),
            words: AtomicU64::new(words),
        }
    }
}

impl Shared {
    /// Wakes the parent if the child is the first that is woken since the last poll. With several words, this is the first
    /// child of its word, in the first such word.
    fn wake(&self, bit: usize) {
        let (word, bit) = (bit / 64, 1 << (bit % 64));
        // The poll that takes the bit sees what this thread did before.
        let is_first = self.woken.children[word].fetch_or(bit, Ordering::Release) == 0;
        if is_first
            && (!self.has_words || self.woken.words.fetch_or(1 << word, Ordering::Release) == 0)
        {
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
    /// Makes the next poll poll all children, with wakers of another allocation.
    #[cold]
    fn forget(&mut self) {
        self.lent = Woken::of(u64::MAX, self.words);
        self.shared.clear();
    }

    /// The pointer of an `Arc`. The caller gets one count of it.
    ///
    /// # Safety
    ///
    /// The node is being polled.
    #[inline]
    unsafe fn share(&self) -> *const Shared {
        let Some(shared) = self.shared.pointer() else {
            // SAFETY: see above.
            return unsafe { self.share_first() };
        };
        // SAFETY: the pointer is that of an `Arc`, which the group keeps as long as it is borrowed.
        unsafe { Arc::increment_strong_count(shared) };
        shared
    }

    /// # Safety
    ///
    /// As for `share`.
    #[cold]
    unsafe fn share_first(&self) -> *const Shared {
        // SAFETY: the poll began with a reference to it, which is still borrowed.
        let parent = unsafe { &*self.parent.load(Ordering::Relaxed) };
        let shared = self.shared.get_or_put(|| {
            Arc::new(Shared {
                woken: Woken::of(0, 0),
                has_words: self.has_words,
                parent: parent.clone(),
            })
        });
        Arc::into_raw(shared)
    }

    /// Notes that a child was woken during its poll. Several threads may do so at once, but only for this child, so they
    /// store the same bits.
    fn wake(&self, bit: usize) {
        let add = |woken: &AtomicU64, bit: usize| {
            woken.store(woken.load(Ordering::Relaxed) | 1 << bit, Ordering::Relaxed);
        };
        add(&self.lent.children[bit / 64], bit % 64);
        add(&self.lent.words, bit / 64);
    }
}

/// A poll of the node, in which children are polled with wakers of their own. It ends when this is dropped, even by a
/// panic.
#[derive(Debug)]
pub struct Lending<'p, const GROUPS: usize, const WORDS: usize> {
    groups: &'p [Group; GROUPS],
    parent: &'p Waker,
}

impl<'p, const GROUPS: usize, const WORDS: usize> Lending<'p, GROUPS, WORDS> {
    /// The children of a group.
    #[inline]
    pub(crate) fn group(&self, group: usize) -> Members<'p, WORDS> {
        let group = &self.groups[if GROUPS == 1 { 0 } else { group }];
        Members {
            group,
            shared: group.shared.pointer(),
        }
    }

    /// The waker for one poll of the child at a place.
    #[inline]
    #[must_use]
    pub fn waker(&self, place: usize) -> Borrowed<'p> {
        self.group(place / GROUP % GROUPS).lend().waker(place)
    }
}

/// The children of a group, in a poll of the node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'p, const WORDS: usize> {
    group: &'p Group,
    /// The pointer of the `Arc` that was there when the group had its turn.
    shared: Option<*const Shared>,
}

impl<'p, const WORDS: usize> Members<'p, WORDS> {
    #[inline]
    fn shared(self) -> Option<&'p Shared> {
        // SAFETY: the pointer is that of an `Arc`, which the group keeps as long as it is borrowed.
        self.shared.map(|shared| unsafe { &*shared })
    }

    /// The words with children that were woken since this was last asked for.
    #[inline]
    pub(crate) fn woken_words(self) -> u64 {
        let lent = &self.group.lent.words;
        let mut words = lent.load(Ordering::Relaxed);
        if words != 0 {
            // No child is being polled.
            lent.store(0, Ordering::Relaxed);
        }
        if let Some(shared) = self.shared() {
            let shared = &shared.woken.words;
            if WORDS == 1 {
                words = 1;
            } else if shared.load(Ordering::Relaxed) != 0 {
                words |= shared.swap(0, Ordering::Acquire);
            }
            // Nothing is missed: a wake after the load wakes the node.
        }
        words
    }

    /// The children of one of these words.
    #[inline]
    pub(crate) fn woken_children(self, word: usize) -> u64 {
        let lent = &self.group.lent.children[word % WORDS_OF_GROUP];
        let mut children = lent.load(Ordering::Relaxed);
        lent.store(0, Ordering::Relaxed);
        if let Some(shared) = self.shared() {
            let shared = &shared.woken.children[word % WORDS_OF_GROUP];
            if shared.load(Ordering::Relaxed) != 0 {
                children |= shared.swap(0, Ordering::Acquire);
            }
        }
        children
    }

    /// The wakers for children that are polled now.
    #[inline]
    pub(crate) fn lend(self) -> Lent<'p> {
        let shared = self.shared;
        Lent {
            data: shared.map_or(ptr::from_ref(self.group).cast(), <*const Shared>::cast),
            // By an index, not by two addresses: LLVM would choose between those again for each child.
            vtables: &VTABLES[usize::from(shared.is_some())],
            group: PhantomData,
        }
    }
}

impl<const GROUPS: usize, const WORDS: usize> Drop for Lending<'_, GROUPS, WORDS> {
    /// Wakes the parent once for all children that were woken by lent wakers.
    #[inline]
    fn drop(&mut self) {
        let has_woken = |group: &Group| group.lent.words.load(Ordering::Relaxed) != 0;
        if self.groups.iter().any(has_woken) {
            self.parent.wake_by_ref();
        }
    }
}

/// Wakers for polls of `COUNT` children of a group that follow each other, whose first place is a multiple of `COUNT`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lent<'p, const COUNT: usize = GROUP> {
    /// For `LENT`, a group; for `SHARED`, the pointer of an `Arc<Shared>` that the group keeps.
    data: *const (),
    vtables: &'static [RawWakerVTable; COUNT],
    group: PhantomData<&'p Group>,
}

impl<'p> Lent<'p> {
    /// Those for `COUNT` children from this place on.
    #[inline]
    pub(crate) fn of<const COUNT: usize>(self, first: usize) -> Lent<'p, COUNT> {
        const { assert!(GROUP % COUNT == 0) }
        let first = first % GROUP / COUNT * COUNT;
        // SAFETY: `first` is a multiple of `COUNT` below `GROUP`, which is another one. So the array has `COUNT` from there on.
        let vtables = unsafe { &*self.vtables.as_ptr().add(first).cast() };
        Lent {
            data: self.data,
            vtables,
            group: PhantomData,
        }
    }
}

impl<'p, const COUNT: usize> Lent<'p, COUNT> {
    /// The waker of the child at a place.
    #[inline]
    pub(crate) fn waker(self, place: usize) -> Borrowed<'p> {
        // SAFETY: the functions of the vtables do what a waker must do with such data. The data exists as long as the group
        // is borrowed, and any thread may use it. The waker does not own the data, so it must not be dropped or woken by
        // value: only references to it leave this module.
        let waker = unsafe { Waker::new(self.data, &self.vtables[place % COUNT]) };
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

/// A vtable for each child of a group.
macro_rules! vtables {
    ($($function:ident)*) => {
        vtables!(@ [$($function)*] 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
    };
    (@ $functions:tt $($tens:literal)*) => {
        vtables!(@@ $($functions [$tens 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15])*)
    };
    (@@ $($functions:tt [$tens:literal $($ones:literal)*])*) => {
        [$($(vtables!(of $functions { $tens * 16 + $ones }),)*)*]
    };
    (of [$clone:ident $wake:ident $wake_by_ref:ident $drop:ident] $bit:block) => {
        RawWakerVTable::new($clone::<$bit>, $wake::<$bit>, $wake_by_ref::<$bit>, $drop)
    };
}

/// The vtables of wakers that are lent for a poll, and of those that outlive it.
static VTABLES: [[RawWakerVTable; GROUP]; 2] = [LENT, SHARED];

/// For data that points to a [`Group`] within a poll.
const LENT: [RawWakerVTable; GROUP] = {
    /// # Safety
    ///
    /// `group` points to a group, and the node is being polled.
    unsafe fn clone<const BIT: usize>(group: *const ()) -> RawWaker {
        // SAFETY: see above.
        let shared = unsafe { (*group.cast::<Group>()).share() };
        RawWaker::new(shared.cast(), &VTABLES[1][BIT])
    }

    /// # Safety
    ///
    /// As for `clone`.
    unsafe fn wake<const BIT: usize>(group: *const ()) {
        // SAFETY: see above.
        unsafe { &*group.cast::<Group>() }.wake(BIT);
    }

    fn drop(_: *const ()) {}

    vtables!(clone wake wake drop)
};

/// For data that is the pointer of an `Arc<Shared>`.
const SHARED: [RawWakerVTable; GROUP] = {
    /// # Safety
    ///
    /// `shared` is the pointer of a live `Arc<Shared>`.
    unsafe fn clone<const BIT: usize>(shared: *const ()) -> RawWaker {
        // SAFETY: see above.
        unsafe { Arc::increment_strong_count(shared.cast::<Shared>()) };
        RawWaker::new(shared, &VTABLES[1][BIT])
    }

    /// # Safety
    ///
    /// As for `clone`, and the caller gives its `Arc` away.
    unsafe fn wake<const BIT: usize>(shared: *const ()) {
        // SAFETY: see above.
        unsafe { Arc::from_raw(shared.cast::<Shared>()) }.wake(BIT);
    }

    /// # Safety
    ///
    /// As for `clone`.
    unsafe fn wake_by_ref<const BIT: usize>(shared: *const ()) {
        // SAFETY: see above; `Shared` is what the pointer of its `Arc` points to.
        unsafe { &*shared.cast::<Shared>() }.wake(BIT);
    }

    /// # Safety
    ///
    /// As for `wake`.
    unsafe fn drop(shared: *const ()) {
        // SAFETY: see above.
        unsafe { Arc::decrement_strong_count(shared.cast::<Shared>()) };
    }

    vtables!(clone wake wake_by_ref drop)
};
