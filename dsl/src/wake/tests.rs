//! What a graph can hardly show: several groups, and how often the parent is cloned.

use std::cell::Cell;
use std::ptr::null;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{RawWaker, RawWakerVTable, Wake, Waker};

use super::{Lending, WORDS_OF_GROUP, Wakers};

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The woken children of a poll.
fn woken<const GROUPS: usize, const WORDS: usize>(
    lending: &Lending<'_, GROUPS, WORDS>,
) -> [u64; WORDS] {
    let mut all = [0; WORDS];
    for (group, all) in all.chunks_mut(WORDS_OF_GROUP).enumerate() {
        let members = lending.group(group);
        let words = members.woken_words();
        for (word, children) in all.iter_mut().enumerate() {
            if words & 1 << word != 0 {
                *children = members.woken_children(word);
            }
        }
    }
    all
}

fn begin_poll<const GROUPS: usize, const WORDS: usize>(
    wakers: &mut Wakers<GROUPS, WORDS>,
    parent: &Waker,
) -> [u64; WORDS] {
    woken(&wakers.begin_poll(parent))
}

/// 300 places: the last 44 are in a second group.
#[test]
fn each_group_reports_its_own_places() {
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let parent = Waker::from(Arc::clone(&flag));
    let mut wakers = Wakers::<2, 5>::new();
    assert_eq!(begin_poll(&mut wakers, &parent), [u64::MAX; 5]);
    let lending = wakers.begin_poll(&parent);
    let clones: Vec<_> = (0..300).map(|place| lending.waker(place).clone()).collect();
    drop(lending);
    assert_eq!(begin_poll(&mut wakers, &parent), [0; 5]);
    for (place, clone) in clones.iter().enumerate() {
        let mut only = [0; 5];
        only[place / 64] = 1 << (place % 64);
        clone.wake_by_ref();
        assert!(flag.0.swap(false, Ordering::Relaxed), "{place}");
        assert_eq!(begin_poll(&mut wakers, &parent), only, "{place}");
        // And by a waker that is lent.
        wakers.begin_poll(&parent).waker(place).wake_by_ref();
        assert!(flag.0.swap(false, Ordering::Relaxed), "{place}");
        assert_eq!(begin_poll(&mut wakers, &parent), only, "{place}");
    }
    assert_eq!(begin_poll(&mut wakers, Waker::noop()), [u64::MAX; 5]);
    assert_eq!(begin_poll(&mut wakers, Waker::noop()), [0; 5]);
}

#[test]
fn wakes_within_a_poll_survive_a_clone() {
    let mut wakers = Wakers::<1, 3>::new();
    let lending = wakers.begin_poll(Waker::noop());
    assert_eq!(woken(&lending), [u64::MAX; 3]);
    lending.waker(1).wake_by_ref();
    lending.waker(130).wake_by_ref();
    let clone = lending.waker(2).clone();
    lending.waker(3).wake_by_ref();
    drop(lending);
    clone.wake();
    assert_eq!(begin_poll(&mut wakers, Waker::noop()), [0b1110, 0, 0b100]);
    assert_eq!(begin_poll(&mut wakers, Waker::noop()), [0; 3]);
}

thread_local! {
    static CLONES: Cell<usize> = const { Cell::new(0) };
}

#[test]
fn parent_is_cloned_once() {
    static COUNTED: RawWakerVTable = RawWakerVTable::new(
        |data| {
            CLONES.set(CLONES.get() + 1);
            RawWaker::new(data, &COUNTED)
        },
        |_| {},
        |_| {},
        |_| {},
    );
    // SAFETY: the functions ask nothing of the data.
    let parent = unsafe { Waker::new(null(), &COUNTED) };
    let mut wakers = Wakers::<1, 1>::new();
    let lending = wakers.begin_poll(&parent);
    for place in 0..8 {
        let waker = lending.waker(place);
        drop((waker.clone(), waker.clone(), waker.clone()));
    }
    assert_eq!(CLONES.get(), 1);
}

#[test]
fn wakes_within_a_poll_wake_the_parent_once() {
    static COUNTED: RawWakerVTable = RawWakerVTable::new(
        |data| RawWaker::new(data, &COUNTED),
        |_| {},
        |_| WAKES.set(WAKES.get() + 1),
        |_| {},
    );
    thread_local! {
        static WAKES: Cell<usize> = const { Cell::new(0) };
    }
    // SAFETY: the functions ask nothing of the data.
    let parent = unsafe { Waker::new(null(), &COUNTED) };
    let mut wakers = Wakers::<2, 5>::new();
    let lending = wakers.begin_poll(&parent);
    woken(&lending);
    for place in [0, 63, 64, 299] {
        lending.waker(place).wake_by_ref();
    }
    assert_eq!(WAKES.get(), 0);
    drop(lending);
    assert_eq!(WAKES.get(), 1);
    assert_eq!(
        begin_poll(&mut wakers, &parent),
        [1 | 1 << 63, 1, 0, 0, 1 << 43]
    );
    assert_eq!(WAKES.get(), 1);
}
