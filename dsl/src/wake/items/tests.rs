//! What a `for` task can hardly show.

use std::cell::Cell;
use std::future::{pending, poll_fn, ready};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use super::Items;

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn woken<F, T>(items: &mut Items<F, T>, from: usize) -> Vec<usize> {
    let mut woken = items.begin_poll(from);
    std::iter::from_fn(|| items.next(&mut woken)).collect()
}

/// Items that put their wakers here.
fn waiting(count: usize) -> (Items<impl Future<Output = ()>, ()>, Vec<Waker>) {
    let wakers = Rc::new(Cell::new(Vec::new()));
    let mut items = Items::new();
    for _ in 0..count {
        let wakers = Rc::clone(&wakers);
        let poll = move |cx: &mut Context<'_>| {
            let mut all = wakers.take();
            all.push(cx.waker().clone());
            wakers.set(all);
            Poll::<()>::Pending
        };
        items.push(1, poll_fn(poll));
    }
    assert_eq!(woken(&mut items, 0), [0_usize; 0]);
    for item in 0..count {
        assert!(items.poll(item).is_pending());
    }
    items.end_poll(Waker::noop());
    (items, wakers.take())
}

#[test]
fn woken_items_come_in_order_from_an_index() {
    let (mut items, wakers) = waiting(7);
    let mut wake = |order: &[usize], from| {
        for &item in order {
            wakers[item].wake_by_ref();
        }
        let woken = woken(&mut items, from);
        items.end_poll(Waker::noop());
        woken
    };
    assert_eq!(wake(&[], 3), [0_usize; 0]);
    assert_eq!(wake(&[5], 3), [5]);
    assert_eq!(wake(&[5, 1, 5, 6], 0), [1, 6, 5]);
    assert_eq!(wake(&[5, 1, 6], 2), [5, 1, 6]);
    assert_eq!(wake(&[5, 1, 6], 6), [6, 5, 1]);
    assert_eq!(wake(&[4, 3, 2, 1, 0], 5), [0, 4, 3, 2, 1]);
}

#[test]
fn every_item_comes_first_eventually() {
    let (mut items, wakers) = waiting(5);
    let (mut from, mut order) = (0, vec![0, 1, 2, 3, 4]);
    for first in [0, 1, 2, 3, 4, 0] {
        for &item in order.iter().rev() {
            wakers[item].wake_by_ref();
        }
        order = woken(&mut items, from);
        items.end_poll(Waker::noop());
        assert_eq!(order[0], first);
        from = (first + 1) % 5;
    }
}

#[test]
fn parent_is_woken_once_a_poll_and_cloned_once() {
    let counter = Arc::new(Counter::default());
    let parent = Waker::from(Arc::clone(&counter));
    let (mut items, wakers) = waiting(3);
    let count = || counter.0.load(Ordering::Relaxed);
    assert_eq!(woken(&mut items, 0), [0_usize; 0]);
    items.end_poll(&parent);
    assert_eq!(Arc::strong_count(&counter), 3);
    wakers.iter().for_each(Waker::wake_by_ref);
    assert_eq!(count(), 1);
    assert_eq!(woken(&mut items, 0), [0, 1, 2]);
    // During a poll, nobody wakes it; the poll does at its end.
    wakers[1].wake_by_ref();
    assert_eq!(count(), 1);
    items.end_poll(&parent);
    assert_eq!(count(), 2);
    wakers[2].wake_by_ref();
    assert_eq!(count(), 2);
    assert_eq!(woken(&mut items, 0), [1, 2]);
    items.end_poll(&parent);
    drop(items);
    wakers.iter().for_each(Waker::wake_by_ref);
    assert_eq!((count(), Arc::strong_count(&counter)), (2, 2));
}

#[test]
fn futures_and_outputs_drop_once() {
    let value = Rc::new(());
    let mut items = Items::<_, Rc<()>>::new();
    for item in 0..9 {
        let value = Rc::clone(&value);
        items.push(2, async move {
            if item % 3 == 0 {
                pending::<()>().await;
            }
            value
        });
    }
    assert_eq!(Rc::strong_count(&value), 10);
    assert_eq!(woken(&mut items, 0), [0_usize; 0]);
    for item in 0..9 {
        if let Poll::Ready(output) = items.poll(item) {
            if item % 2 == 0 {
                items.put(item, output);
            }
        }
    }
    // 0, 3 and 6 wait; 2, 4 and 8 are kept.
    assert_eq!(Rc::strong_count(&value), 7);
    drop(items);
    assert_eq!(Rc::strong_count(&value), 1);
}

#[test]
fn outputs_come_in_order() {
    let mut items = Items::<_, usize>::new();
    for item in 0..100 {
        items.push(1, ready(item));
    }
    assert_eq!(woken(&mut items, 0), [0_usize; 0]);
    for item in (0..100).rev() {
        let Poll::Ready(output) = items.poll(item) else {
            panic!("it is ready")
        };
        items.put(item, output);
        assert!(items.poll(item).is_pending());
    }
    assert_eq!(items.take_outputs(), (0..100).collect::<Vec<_>>());
}

#[test]
fn slots_are_aligned() {
    #[repr(align(128))]
    struct Aligned(u8);

    let mut items = Items::<_, Aligned>::new();
    for item in 0..5 {
        items.push(1, ready(Aligned(item)));
    }
    assert_eq!(woken(&mut items, 0), [0_usize; 0]);
    for item in 0..5 {
        let Poll::Ready(output) = items.poll(item) else {
            panic!("it is ready")
        };
        items.put(item, output);
    }
    let outputs = items.take_outputs();
    assert!(outputs.iter().map(|output| output.0).eq(0..5));
}

#[test]
#[should_panic = "items are added before they are polled"]
fn adding_after_a_poll_panics() {
    let mut items = Items::<_, ()>::new();
    items.push(1, ready(()));
    let _ = items.begin_poll(0);
    items.push(1, ready(()));
}

#[test]
fn no_items_allocate_nothing() {
    let mut items = Items::<std::future::Ready<()>, ()>::default();
    assert_eq!(woken(&mut items, 0), [0_usize; 0]);
    items.end_poll(Waker::noop());
    assert_eq!(items.take_outputs(), [(); 0]);
    let _ = pin!(items);
}
