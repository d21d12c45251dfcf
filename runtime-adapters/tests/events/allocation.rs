//! Tests that emitting neither allocates nor frees memory.
#![cfg(not(loom))]
#![allow(
    unsafe_code,
    reason = "an allocator is unsafe to implement; this one passes all on to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::convert::identity;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Wake, Waker};
use std::thread;

use conjoin_adapters::{EmitError, Emitter, Policy, events};
use futures::{FutureExt, StreamExt};

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

/// Counts allocations, reallocations and deallocations, for each thread.
struct Counting;

impl Counting {
    fn count() {
        // Also after the thread's values were dropped.
        let _ = CALLS.try_with(|calls| calls.set(calls.get() + 1));
    }
}

// SAFETY: each method passes its arguments, and with them its caller's promises, on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Counting::count();
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Counting::count();
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Counting::count();
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const EVENTS: u64 = 10_000;

/// Larger than a word, so that no optimization for small values applies.
type Event = [u64; 5];

/// How often an emitting thread calls the allocator, and how many events were rejected.
fn burst(emitter: &Emitter<Event>) -> (usize, u64) {
    let before = CALLS.get();
    let mut refused = 0;
    for number in 0..EVENTS {
        match emitter.emit([number; 5]) {
            Ok(()) => {}
            Err(EmitError::Full(_)) => refused += 1,
            Err(_) => break,
        }
    }
    (CALLS.get() - before, refused)
}

#[test]
fn the_allocator_is_counted() {
    let before = CALLS.get();
    drop(Box::new(before));
    assert_eq!(CALLS.get() - before, 2);
}

#[test]
fn a_burst_that_nobody_receives_needs_no_memory() {
    for policy in [
        Policy::DropNewest,
        Policy::Fail,
        Policy::Latest,
        Policy::DropOldest,
    ] {
        let mut stream = events(64, policy, |emitter| burst(&emitter));
        let (calls, refused) = *stream.source();
        assert_eq!(calls, 0, "under {policy:?}");
        let mut received = 0;
        while stream.next().now_or_never().flatten().is_some() {
            received += 1;
        }
        assert_eq!(received + stream.dropped() + refused, EVENTS);
    }
}

/// A waker as a real-time thread uses it: it sets a flag.
#[derive(Default)]
struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn emitting_threads_do_not_allocate() {
    for policy in [
        Policy::DropNewest,
        Policy::Fail,
        Policy::Latest,
        Policy::DropOldest,
    ] {
        let emitting = |emitter: Emitter<Event>| {
            [emitter.clone(), emitter].map(|emitter| Some(thread::spawn(move || burst(&emitter))))
        };
        let mut stream = events(64, policy, emitting);
        let flag = Arc::new(Flag::default());
        let waker = Waker::from(Arc::clone(&flag));
        let mut received = 0;
        while let Some(event) = loop {
            if let std::task::Poll::Ready(event) =
                stream.poll_next_unpin(&mut Context::from_waker(&waker))
            {
                break event;
            }
            while !flag.0.swap(false, Ordering::Acquire) {
                thread::yield_now();
            }
        } {
            let [first, rest @ ..] = event.unwrap();
            assert!(
                rest.iter().all(|number| *number == first),
                "an event comes whole"
            );
            received += 1;
        }
        let mut all_refused = 0;
        for thread in stream.source_mut().each_mut() {
            let (calls, refused) = thread.take().unwrap().join().unwrap();
            assert_eq!(calls, 0, "under {policy:?}");
            all_refused += refused;
        }
        assert_eq!(received + stream.dropped() + all_refused, 2 * EVENTS);
    }
}

#[test]
fn emitting_to_a_stream_that_is_gone_needs_no_memory() {
    for policy in [
        Policy::DropNewest,
        Policy::Fail,
        Policy::Latest,
        Policy::DropOldest,
        Policy::Block,
    ] {
        let stream = events(64, policy, identity::<Emitter<Event>>);
        let emitter = stream.source().clone();
        drop(stream);
        let before = CALLS.get();
        for _ in 0..100 {
            assert!(emitter.emit([1; 5]).is_err());
        }
        assert_eq!(CALLS.get() - before, 0);
    }
}
