//! A waker for each child of a wide node, so that a wake polls the child that it is for, and no other.
//!
//! During a poll a child sees a waker that lives on the stack: one that wakes itself within its poll, as a future does
//! that yields, costs nothing more. When the first child *clones* its waker, to be woken later, there is one allocation
//! for up to 256 of them, and from then on they get wakers that point to it. A waker knows its child by its vtable, of
//! which there are 256, so that its data is the allocation itself.
//!
//! The waker that the node itself is polled with goes into that allocation and stays there. When it is another one at a
//! later poll, all children are polled, with wakers of a new allocation: that is simpler, and cheaper for everybody
//! else, than a lock around something that hardly ever changes.
#![allow(unsafe_code, reason = "what a waker consists of is untyped")]

mod cells;
mod items;
#[cfg(all(test, loom))]
mod models;
#[cfg(all(test, not(loom)))]
mod tests;

pub use items::Items;

use core::fmt;
use core::marker::PhantomData;
use core::mem::{self, ManuallyDrop};
use core::ops::Deref;
use core::ptr;
use core::task::{RawWaker, RawWakerVTable, Waker};

#[cfg(not(loom))]
use alloc::sync::Arc;
#[cfg(not(loom))]
use core::sync::atomic::{AtomicU64, Ordering};
#[cfg(loom)]
use loom::sync::Arc;
#[cfg(loom)]
use loom::sync::atomic::{AtomicU64, Ordering};

use self::cells::OnceArc;

/// The number of children that share an allocation. `auto!` knows it, too.
const GROUP: usize = 256;

/// A bit for each of a group.
type Bits = [AtomicU64; GROUP / 64];

/// The wakers of up to `WORDS` times 64 children, by their places, in `GROUPS` groups.
#[derive(Debug)]
pub struct Wakers<const GROUPS: usize, const WORDS: usize> {
    groups: [Group; GROUPS],
}

#[derive(Debug)]
struct Group {
    /// Those that were woken by lent wakers, and whether such wakers were lent since these were last looked at.
    woken: Bits,
    has_lent: bool,
    /// There from the first clone of a waker on.
    shared: OnceArc<Shared>,
}

/// What the wakers that outlive a poll point to.
struct Shared {
    /// The children that were woken since the node was last polled.
    woken: Bits,
    /// The waker that the node is polled with.
    parent: Waker,
}

impl<const GROUPS: usize, const WORDS: usize> Wakers<GROUPS, WORDS> {
    /// For children that are to be polled once before anybody wakes them.
    #[must_use]
    pub fn new() -> Self {
        const { assert!(GROUPS == (WORDS * 64).div_ceil(GROUP)) }
        let group = |_| Group {
            woken: bits(u64::MAX),
            has_lent: true,
            shared: OnceArc::new(),
        };
        Wakers {
            groups: core::array::from_fn(group),
        }
    }

    /// Begins a poll of the node: tells `woken`, in words, of the children that were woken since the last one. Who is
    /// woken from now on wakes `parent`.
    #[inline]
    pub fn begin_poll(&mut self, parent: &Waker, mut woken: impl FnMut(usize, u64)) {
        for (index, group) in self.groups.iter_mut().enumerate() {
            let words = index * (GROUP / 64)..WORDS.min((index + 1) * (GROUP / 64));
            match group.shared.get() {
                Some(known) if are_same(&known.parent, parent) => {
                    for (word, bits) in words.clone().zip(&known.woken) {
                        // Nothing is missed: who sets a bit after this load wakes the node.
                        if bits.load(Ordering::Relaxed) != 0 {
                            woken(word, bits.swap(0, Ordering::Acquire));
                        }
                    }
                }
                Some(_) => {
                    group.shared.clear();
                    words.clone().for_each(|word| woken(word, u64::MAX));
                }
                None => {}
            }
            if group.has_lent {
                group.has_lent = false;
                for (word, bits) in words.zip(&mut group.woken) {
                    woken(word, mem::replace(bits, AtomicU64::new(0)).into_inner());
                }
            }
        }
    }

    /// The waker for one poll of the child at a place, within a poll of the node that was begun with `parent`. It may
    /// take the room of `lent`.
    #[inline]
    pub fn lend<'a>(
        &'a mut self,
        place: usize,
        parent: &'a Waker,
        lent: &'a mut Option<Lent<'a>>,
    ) -> Borrowed<'a> {
        let (group, bit) = (&mut self.groups[place / GROUP % GROUPS], place % GROUP);
        let (data, vtable) = if let Some(shared) = group.shared.pointer() {
            (shared.cast(), &SHARED[bit])
        } else {
            group.has_lent = true;
            (
                ptr::from_ref(lent.insert(Lent { group, bit, parent })).cast(),
                &LENT,
            )
        };
        // SAFETY: the functions of a vtable keep to what is asked of them for data of their kind: `SHARED` for a
        // pointer of an `Arc<Shared>`, `LENT` for one to a `Lent`. The waker does not own its data: it is never dropped
        // nor woken by value, as nobody gets more of it than a reference, which ends before `'a` does. Till then there
        // are the `Lent`, which may be used from any thread, and the group, and with it what it shares: nobody else has
        // a mutable reference to them. The pointer is that of `Arc::into_raw`.
        let waker = unsafe { Waker::new(data, vtable) };
        Borrowed {
            waker: ManuallyDrop::new(waker),
            lent: PhantomData,
        }
    }
}

impl<const GROUPS: usize, const WORDS: usize> Default for Wakers<GROUPS, WORDS> {
    fn default() -> Self {
        Self::new()
    }
}

impl Shared {
    /// Who is the first of 64 to be woken since the last poll wakes the parent, and with it the others.
    fn wake(&self, bit: usize) {
        if set(&self.woken, bit) {
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

/// Whether the two do the same. [`Waker::will_wake`] is too strict: std's own wakers have several vtables that are
/// alike.
#[inline]
fn are_same(one: &Waker, other: &Waker) -> bool {
    let (vtable, others) = (one.vtable(), other.vtable());
    ptr::eq(one.data(), other.data()) && (ptr::eq(vtable, others) || vtable == others)
}

fn bits(word: u64) -> Bits {
    core::array::from_fn(|_| AtomicU64::new(word))
}

/// Whether no bit of the same word was set before. What the thread has done till now is seen by who takes the bit.
#[inline]
fn set(bits: &Bits, bit: usize) -> bool {
    bits[bit / 64].fetch_or(1 << (bit % 64), Ordering::Release) == 0
}

/// A child within a poll of it, while nobody has cloned a waker.
#[derive(Debug)]
pub struct Lent<'a> {
    group: &'a Group,
    bit: usize,
    parent: &'a Waker,
}

impl Lent<'_> {
    /// A waker of this child that outlives the poll.
    fn outliving(&self) -> RawWaker {
        let shared = self.group.shared.get_or_put(|| {
            Arc::new(Shared {
                woken: bits(0),
                parent: self.parent.clone(),
            })
        });
        RawWaker::new(Arc::into_raw(shared).cast(), &SHARED[self.bit])
    }

    fn wake(&self) {
        set(&self.group.woken, self.bit);
        self.parent.wake_by_ref();
    }
}

/// A waker that is lent for a poll.
#[derive(Debug)]
pub struct Borrowed<'a> {
    waker: ManuallyDrop<Waker>,
    lent: PhantomData<&'a Lent<'a>>,
}

impl Deref for Borrowed<'_> {
    type Target = Waker;

    #[inline]
    fn deref(&self) -> &Waker {
        &self.waker
    }
}

/// For data that points to a [`Lent`], which somebody else owns.
static LENT: RawWakerVTable = {
    /// # Safety
    ///
    /// `lent` points to a [`Lent`].
    unsafe fn clone(lent: *const ()) -> RawWaker {
        // SAFETY: see above.
        unsafe { &*lent.cast::<Lent<'_>>() }.outliving()
    }

    /// # Safety
    ///
    /// As for `clone`.
    unsafe fn wake(lent: *const ()) {
        // SAFETY: see above.
        unsafe { &*lent.cast::<Lent<'_>>() }.wake();
    }

    RawWakerVTable::new(clone, wake, wake, |_| {})
};

/// For data that is the pointer of an `Arc<Shared>`, and a child's bit each.
static SHARED: [RawWakerVTable; GROUP] = {
    /// # Safety
    ///
    /// `shared` is the pointer of an `Arc<Shared>` that there is.
    unsafe fn clone<const BIT: usize>(shared: *const ()) -> RawWaker {
        // SAFETY: see above.
        unsafe { Arc::increment_strong_count(shared.cast::<Shared>()) };
        RawWaker::new(shared, &SHARED[BIT])
    }

    /// # Safety
    ///
    /// As for `clone`; and the caller owns the `Arc`, and gives it away.
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

    macro_rules! vtables {
        ($($tens:literal)*) => { vtables!(@ $([$tens 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15])*) };
        (@ $([$tens:literal $($ones:literal)*])*) => { [$($(vtables!(of { $tens * 16 + $ones }),)*)*] };
        (of $bit:block) => { RawWakerVTable::new(clone::<$bit>, wake::<$bit>, wake_by_ref::<$bit>, drop) };
    }
    vtables!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
};
