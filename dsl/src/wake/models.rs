//! What threads can do to a node, explored by loom: whatever the order, no wake is lost, nothing leaks, nothing races.
//!
//! `RUSTFLAGS='--cfg loom' CARGO_TARGET_DIR=target/loom cargo test -p conjoin --release --lib`

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;
use std::task::{Context, Poll, Waker};

use loom::future::block_on;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread::{self, JoinHandle};

use super::{Lending, Wakers};

/// Something that happens once, and wakes who was the last to ask for it.
#[derive(Default)]
struct Event {
    has_happened: AtomicBool,
    newest: Mutex<Option<Waker>>,
}

impl Event {
    fn poll(&self, cx: &mut Context<'_>) -> Poll<()> {
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

/// The children of a node that were woken, of 64 that it has.
fn woken(lending: &Lending<'_, 1, 1>) -> u64 {
    let members = lending.group(0);
    if members.woken_words() == 0 {
        return 0;
    }
    members.woken_children(0)
}

/// A node of events.
struct Node<const WIDTH: usize> {
    wakers: Wakers<1, 1>,
    events: [Arc<Event>; WIDTH],
    missing: u64,
    threads: Vec<JoinHandle<()>>,
}

impl<const WIDTH: usize> Node<WIDTH> {
    fn new() -> Self {
        let events = std::array::from_fn(|_| Arc::default());
        Node {
            wakers: Wakers::new(),
            events,
            missing: (1 << WIDTH) - 1,
            threads: Vec::new(),
        }
    }

    /// Has each event happen on a thread of its own.
    fn spawn(&mut self) {
        let spawn = |event: &Arc<Event>| {
            let event = Arc::clone(event);
            thread::spawn(move || event.happen())
        };
        self.threads = self.events.iter().map(spawn).collect();
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let lending = self.wakers.begin_poll(cx.waker());
        let woken = woken(&lending);
        for (place, event) in self.events.iter().enumerate() {
            if woken & self.missing & (1 << place) != 0 {
                let waker = lending.waker(place);
                if event.poll(&mut Context::from_waker(&waker)).is_ready() {
                    self.missing &= !(1 << place);
                }
            }
        }
        if self.missing == 0 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    fn poll_by_nobody(&mut self) {
        assert!(
            self.poll(&mut Context::from_waker(Waker::noop()))
                .is_pending()
        );
    }

    fn run(mut self) {
        block_on(poll_fn(|cx| self.poll(cx)));
        self.threads
            .into_iter()
            .for_each(|thread| thread.join().expect("a thread"));
    }
}

#[test]
fn a_wake_during_the_first_poll_is_not_lost() {
    loom::model(|| {
        let mut node = Node::<1>::new();
        node.spawn();
        node.run();
    });
}

#[test]
fn simultaneous_wakes_are_not_lost() {
    let mut builder = loom::model::Builder::new();
    // All there is would take minutes; bugs as a rule need no more than two (Musuvathi and Qadeer, 2007).
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let mut node = Node::<2>::new();
        node.spawn();
        node.run();
    });
}

#[test]
fn a_wake_after_the_end_touches_nothing() {
    loom::model(|| {
        let mut node = Node::<2>::new();
        node.poll_by_nobody();
        node.spawn();
        drop(node.wakers);
        node.threads
            .into_iter()
            .for_each(|thread| thread.join().expect("a thread"));
    });
}

#[test]
fn wake_during_parent_change_reaches_new_parent() {
    loom::model(|| {
        let mut node = Node::<1>::new();
        node.poll_by_nobody();
        node.spawn();
        node.run();
    });
}

/// What threads do with a lent waker before the poll of its child ends.
fn lend_to_threads<T: 'static>(
    lending: &Lending<'_, 1, 1>,
    threads: impl IntoIterator<Item = fn(&Waker) -> T>,
) -> Vec<T> {
    let waker = lending.waker(3);
    // SAFETY: the threads have ended before the waker does.
    let waker: &'static Waker = unsafe { &*ptr::from_ref(&*waker) };
    let threads: Vec<_> = threads
        .into_iter()
        .map(|run| thread::spawn(move || run(waker)))
        .collect();
    threads
        .into_iter()
        .map(|thread| thread.join().expect("a thread"))
        .collect()
}

#[test]
fn concurrent_clones_share_a_node() {
    loom::model(|| {
        let mut wakers = Wakers::<1, 1>::new();
        let lending = wakers.begin_poll(Waker::noop());
        woken(&lending);
        let clone: fn(&Waker) -> Waker = Waker::clone;
        let clones = lend_to_threads(&lending, [clone, clone]);
        drop(lending);
        for clone in clones {
            clone.wake();
            assert_eq!(woken(&wakers.begin_poll(Waker::noop())), 1 << 3);
        }
    });
}

#[test]
fn lent_waker_wakes_during_a_clone() {
    loom::model(|| {
        let mut wakers = Wakers::<1, 1>::new();
        let mut is_first = true;
        block_on(poll_fn(|cx| {
            let lending = wakers.begin_poll(cx.waker());
            let woken = woken(&lending);
            if is_first {
                is_first = false;
                let run: [fn(&Waker); 2] = [Waker::wake_by_ref, |waker| drop(waker.clone())];
                lend_to_threads(&lending, run);
                return Poll::Pending;
            }
            assert_eq!(woken, 1 << 3);
            Poll::Ready(())
        }));
    });
}

#[test]
fn threads_that_wake_a_child_in_its_poll_wake_once() {
    loom::model(|| {
        let mut wakers = Wakers::<1, 1>::new();
        let mut polls = 0;
        block_on(poll_fn(|cx| {
            let lending = wakers.begin_poll(cx.waker());
            let woken = woken(&lending);
            polls += 1;
            if polls == 1 {
                let wake: fn(&Waker) = Waker::wake_by_ref;
                lend_to_threads(&lending, [wake, wake]);
                // Another child does it, too.
                lending.waker(5).wake_by_ref();
                return Poll::Pending;
            }
            assert_eq!((polls, woken), (2, 1 << 3 | 1 << 5));
            Poll::Ready(())
        }));
    });
}

#[test]
fn panic_after_a_wake_in_its_poll_wakes_the_parent() {
    loom::model(|| {
        let mut wakers = Wakers::<1, 1>::new();
        let mut is_first = true;
        block_on(poll_fn(|cx| {
            let poll = AssertUnwindSafe(|| {
                let lending = wakers.begin_poll(cx.waker());
                if is_first {
                    is_first = false;
                    lend_to_threads(&lending, [Waker::wake_by_ref as fn(&Waker)]);
                    resume_unwind(Box::new(()));
                }
            });
            match catch_unwind(poll) {
                Ok(()) => Poll::Ready(()),
                Err(_) => Poll::Pending,
            }
        }));
    });
}

/// Two words, of which each has a child that a thread wakes.
#[test]
fn wakes_in_several_words_reach_one_poll_or_another() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let mut wakers = Wakers::<1, 2>::new();
        let mut threads = Vec::new();
        let mut missing = [1, 1 << 6];
        block_on(poll_fn(|cx| {
            let lending = wakers.begin_poll(cx.waker());
            let members = lending.group(0);
            let words = members.woken_words();
            for (word, missing) in missing.iter_mut().enumerate() {
                if words & 1 << word != 0 {
                    let woken = members.woken_children(word);
                    if threads.len() == 2 {
                        *missing &= !woken;
                    }
                }
            }
            if threads.is_empty() {
                for place in [0, 70] {
                    let waker = lending.waker(place).clone();
                    threads.push(thread::spawn(move || waker.wake()));
                }
            }
            if missing == [0, 0] {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
        threads
            .into_iter()
            .for_each(|thread| thread.join().expect("a thread"));
    });
}

#[test]
fn poll_sees_writes_before_its_wake() {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(|| {
        let mut wakers = Wakers::<1, 1>::new();
        // Nothing but the wakes orders these between the threads.
        let flags: [Arc<AtomicBool>; 2] = std::array::from_fn(|_| Arc::default());
        let mut threads = Vec::new();
        let mut missing = 0b11;
        block_on(poll_fn(|cx| {
            let lending = wakers.begin_poll(cx.waker());
            let woken = woken(&lending);
            for (place, flag) in flags.iter().enumerate() {
                if woken & 1 << place == 0 {
                    continue;
                }
                if threads.len() > place {
                    assert!(flag.load(Ordering::Relaxed));
                    missing &= !(1 << place);
                } else {
                    let waker = lending.waker(place).clone();
                    let flag = Arc::clone(flag);
                    threads.push(thread::spawn(move || {
                        flag.store(true, Ordering::Relaxed);
                        waker.wake();
                    }));
                }
            }
            if missing == 0 {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        }));
        threads
            .into_iter()
            .for_each(|thread| thread.join().expect("a thread"));
    });
}
