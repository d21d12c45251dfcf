//! Time in ticks, and an interrupt that wakes who waits for one.

use core::cell::RefCell;
use core::future::poll_fn;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Poll, Waker};

static NOW: AtomicUsize = AtomicUsize::new(0);
static ALARMS: Alarms = Alarms(RefCell::new([const { None }; 32]));

/// When, and whom to wake.
struct Alarms(RefCell<[Option<(usize, Waker)>; 32]>);

// SAFETY: this program has one thread, and its interrupts come while it is idle.
unsafe impl Sync for Alarms {}

pub(crate) fn now() -> usize {
    NOW.load(Ordering::Relaxed)
}

/// Completes so many ticks after the first poll.
pub(crate) fn after(ticks: usize) -> impl Future<Output = ()> {
    let mut end = None;
    poll_fn(move |cx| {
        let end = *end.get_or_insert_with(|| now() + ticks);
        if now() >= end {
            return Poll::Ready(());
        }
        let mut alarms = ALARMS.0.borrow_mut();
        let free = alarms.iter_mut().find(|alarm| alarm.is_none());
        *free.expect("there is room for an alarm") = Some((end, cx.waker().clone()));
        Poll::Pending
    })
}

/// A tick.
pub(crate) fn interrupt() {
    let now = NOW.fetch_add(1, Ordering::Relaxed) + 1;
    loop {
        let due = ALARMS
            .0
            .borrow_mut()
            .iter_mut()
            .find_map(|alarm| alarm.take_if(|(end, _)| *end <= now));
        match due {
            Some((_, waker)) => waker.wake(),
            None => break,
        }
    }
}
