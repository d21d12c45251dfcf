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

fn begin_poll<const GROUPS: usize, const WORDS: usize>(
    wakers: &mut Wakers<GROUPS, WORDS>,
    parent: &Waker,
) -> [u64; WORDS] {
    let mut all = [0; WORDS];
    wakers.begin_poll(parent, |word, woken| all[word] |= woken);
    all
}

/// 300 places: the last 44 are in a second group.
#[test]
fn each_group_reports_its_own_places() {
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let parent = Waker::from(Arc::clone(&flag));
    let mut wakers = Wakers::<2, 5>::new();
    assert_eq!(begin_poll(&mut wakers, &parent), [u64::MAX; 5]);
    let clones: Vec<_> = (0..300)
        .map(|place| wakers.lend(place, &parent, &mut None).clone())
        .collect();
    assert_eq!(begin_poll(&mut wakers, &parent), [0; 5]);
    for (place, clone) in clones.iter().enumerate() {
        let mut only = [0; 5];
        only[place / 64] = 1 << (place % 64);
        clone.wake_by_ref();
        assert!(flag.0.swap(false, Ordering::Relaxed), "{place}");
        assert_eq!(begin_poll(&mut wakers, &parent), only, "{place}");
        // And by a waker that is lent.
        wakers.lend(place, &parent, &mut None).wake_by_ref();
        assert!(flag.0.swap(false, Ordering::Relaxed), "{place}");
        assert_eq!(begin_poll(&mut wakers, &parent), only, "{place}");
    }
    assert_eq!(begin_poll(&mut wakers, Waker::noop()), [u64::MAX; 5]);
    assert_eq!(begin_poll(&mut wakers, Waker::noop()), [0; 5]);
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
    let _ = begin_poll(&mut wakers, &parent);
    for place in 0..8 {
        let mut lent = None;
        let waker = wakers.lend(place, &parent, &mut lent);
        drop((waker.clone(), waker.clone(), waker.clone()));
    }
    assert_eq!(CLONES.get(), 1);
}
