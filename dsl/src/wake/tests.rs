//! What a graph can hardly show: several groups, and how often the parent is cloned.

use std::cell::Cell;
use std::ptr::null;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{RawWaker, RawWakerVTable, Wake, Waker};

use super::Wakers;

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// 300 places: the last 44 are in a second group.
#[test]
fn each_of_several_groups_tells_its_own_places() {
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let parent = Waker::from(Arc::clone(&flag));
    let mut wakers = Wakers::<2, 5>::new();
    assert_eq!(wakers.begin_poll(&parent), [u64::MAX; 5]);
    let clones: Vec<_> = (0..300).map(|place| wakers.child(place, &parent).waker().clone()).collect();
    assert_eq!(wakers.begin_poll(&parent), [0; 5]);
    for (place, clone) in clones.iter().enumerate() {
        let mut only = [0; 5];
        only[place / 64] = 1 << (place % 64);
        clone.wake_by_ref();
        assert!(flag.0.swap(false, Ordering::Relaxed), "{place}");
        assert_eq!(wakers.begin_poll(&parent), only, "{place}");
        // And by a waker that is lent.
        wakers.child(place, &parent).waker().wake_by_ref();
        assert!(flag.0.swap(false, Ordering::Relaxed), "{place}");
        assert_eq!(wakers.begin_poll(&parent), only, "{place}");
    }
    assert_eq!(wakers.begin_poll(Waker::noop()), [u64::MAX; 5]);
    assert_eq!(wakers.begin_poll(Waker::noop()), [0; 5]);
}

thread_local! {
    static CLONES: Cell<usize> = const { Cell::new(0) };
}

#[test]
fn a_parent_is_cloned_once_whoever_clones_and_however_often() {
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
    let _ = wakers.begin_poll(&parent);
    for place in 0..8 {
        let child = wakers.child(place, &parent);
        let waker = child.waker();
        drop((waker.clone(), waker.clone(), waker.clone()));
    }
    assert_eq!(CLONES.get(), 1);
}
