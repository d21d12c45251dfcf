//! What threads can do to the items of a `for` task, explored by loom.

use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread::{self, JoinHandle};

use super::Items;

/// Something that happens once, and wakes who was the last to ask for it.
#[derive(Default)]
struct Event {
    has_happened: AtomicBool,
    newest: Mutex<Option<Waker>>,
}

impl Event {
    fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        *self.newest.lock().expect("a waker") = Some(cx.waker().clone());
        if self.has_happened.load(Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn happen(&self) {
        self.has_happened.store(true, Ordering::Release);
        let waker = self.newest.lock().expect("a waker").take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// Polls `items`, all of them when it `is_first`. How many have ended.
fn poll<F: Future<Output = ()>>(
    items: &mut Items<F, ()>,
    is_first: bool,
    cx: &Context<'_>,
) -> usize {
    let mut woken = items.begin_poll(0);
    let mut ended = 0;
    for item in 0..if is_first { items.count() } else { 0 } {
        ended += usize::from(items.poll(item).is_ready());
    }
    while let Some(item) = items.next(&mut woken) {
        ended += usize::from(items.poll(item).is_ready());
    }
    items.end_poll(cx.waker());
    ended
}

/// Items that wait for an event each, and threads that let them happen.
fn waiting<const COUNT: usize>() -> (Items<impl Future<Output = ()>, ()>, [Arc<Event>; COUNT]) {
    let events: [Arc<Event>; COUNT] = std::array::from_fn(|_| Arc::default());
    let mut items = Items::new();
    for event in events.clone() {
        items.push(COUNT, poll_fn(move |cx| event.poll(cx)));
    }
    (items, events)
}

fn spawn<const COUNT: usize>(events: [Arc<Event>; COUNT]) -> [JoinHandle<()>; COUNT] {
    events.map(|event| thread::spawn(move || event.happen()))
}

fn join<const COUNT: usize>(threads: [JoinHandle<()>; COUNT]) {
    for thread in threads {
        thread.join().expect("a thread");
    }
}

/// With at most two preemptions: more would take minutes, and bugs rarely need more (Musuvathi and Qadeer, 2007).
fn bounded() -> loom::model::Builder {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder
}

fn run<const COUNT: usize>(is_polled_before: bool) {
    let (mut items, events) = waiting::<COUNT>();
    let mut is_first = true;
    if is_polled_before {
        // By another parent, whom nobody needs to wake any more.
        assert_eq!(
            poll(&mut items, true, &Context::from_waker(Waker::noop())),
            0
        );
        is_first = false;
    }
    let threads = spawn(events);
    let mut missing = COUNT;
    block_on(poll_fn(|cx| {
        missing -= poll(&mut items, std::mem::take(&mut is_first), cx);
        if missing == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }));
    drop(items);
    join(threads);
}

#[test]
fn a_wake_during_the_first_poll_is_not_lost() {
    loom::model(|| run::<1>(false));
}

#[test]
fn wake_during_parent_change_reaches_new_parent() {
    loom::model(|| run::<1>(true));
}

#[test]
fn simultaneous_wakes_are_not_lost() {
    bounded().check(|| run::<2>(false));
    bounded().check(|| run::<2>(true));
}

#[test]
fn a_wake_after_the_drop_touches_nothing() {
    loom::model(|| {
        let (mut items, events) = waiting::<2>();
        poll(&mut items, true, &Context::from_waker(Waker::noop()));
        let threads = spawn(events);
        drop(items);
        join(threads);
    });
}

#[test]
fn two_threads_wake_the_same_item_once() {
    bounded().check(|| {
        let mut items = Items::<_, ()>::new();
        let wakers = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&wakers);
        items.push(
            1,
            poll_fn(move |cx| {
                *kept.lock().expect("a waker") = Some(cx.waker().clone());
                Poll::<()>::Pending
            }),
        );
        let cx = Context::from_waker(Waker::noop());
        poll(&mut items, true, &cx);
        let waker: Waker = wakers
            .lock()
            .expect("a waker")
            .clone()
            .expect("it was polled");
        let threads = [waker.clone(), waker].map(|waker| thread::spawn(move || waker.wake()));
        join(threads);
        let mut woken = items.begin_poll(0);
        assert_eq!(items.next(&mut woken), Some(0));
        assert_eq!(items.next(&mut woken), None);
    });
}

#[test]
fn poll_sees_writes_before_each_wake() {
    bounded().check(|| {
        // Nothing but the wakes orders these between the threads.
        let flags: [Arc<AtomicBool>; 2] = std::array::from_fn(|_| Arc::default());
        let mut items = Items::<_, ()>::new();
        let wakers = Arc::new(Mutex::new(None));
        let (kept, seen) = (Arc::clone(&wakers), flags.clone());
        items.push(
            1,
            poll_fn(move |cx| {
                *kept.lock().expect("a waker") = Some(cx.waker().clone());
                if seen.iter().all(|flag| flag.load(Ordering::Relaxed)) {
                    Poll::Ready(())
                } else {
                    Poll::Pending
                }
            }),
        );
        poll(&mut items, true, &Context::from_waker(Waker::noop()));
        let waker: Waker = wakers
            .lock()
            .expect("a waker")
            .clone()
            .expect("it was polled");
        let threads = flags.map(|flag| {
            let waker = waker.clone();
            thread::spawn(move || {
                flag.store(true, Ordering::Relaxed);
                waker.wake();
            })
        });
        let mut ended = 0;
        block_on(poll_fn(|cx| {
            ended += poll(&mut items, false, cx);
            if ended == 1 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
        join(threads);
    });
}
