//! Tests that a queue's memory does not grow with the number of finished items.
#![cfg(not(loom))]
#![allow(
    unsafe_code,
    reason = "an allocator is unsafe to implement; this one passes all on to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ops::Range;
use std::time::Duration;

use conjoin_adapters::queue::Queue;
use tokio::task::yield_now;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<isize> = const { Cell::new(0) };
}

/// Counts allocations and the allocated bytes, for each thread.
struct Counting;

impl Counting {
    fn count(calls: usize, bytes: usize, freed: usize) {
        // Also after the thread's values were dropped.
        let _ = CALLS.try_with(|all| all.set(all.get() + calls));
        let _ = BYTES.try_with(|all| all.set(all.get() + signed(bytes) - signed(freed)));
    }
}

// SAFETY: each method passes its arguments, and with them its caller's promises, on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Counting::count(1, layout.size(), 0);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        Counting::count(0, 0, layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Counting::count(1, size, layout.size());
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Large enough to be noticed if it were kept.
type Item = [u64; 64];

/// No allocation is larger.
fn signed(bytes: usize) -> isize {
    isize::try_from(bytes).expect("a layout's size fits")
}

/// Runs these items, of which at most 64 wait at a time.
async fn work(queue: &Queue<Item, u64, ()>, items: Range<u64>) {
    for item in items {
        drop(queue.send([item; 64]).await.expect("it is open"));
    }
    tokio::time::timeout(Duration::from_secs(120), queue.drained())
        .await
        .expect("it ends");
}

#[test]
fn the_allocator_is_counted() {
    let (calls, bytes) = (CALLS.get(), BYTES.get());
    let boxed = Box::new([0_u64; 8]);
    assert_eq!((CALLS.get() - calls, BYTES.get() - bytes), (1, 64));
    drop(boxed);
    assert_eq!(BYTES.get(), bytes);
}

#[tokio::test(start_paused = true)]
async fn ended_jobs_leave_no_memory() {
    for is_tracked in [false, true] {
        let builder = Queue::builder(async |item: Item| {
            yield_now().await;
            if item[0] % 3 == 0 {
                Err(())
            } else {
                Ok(item[0])
            }
        });
        let builder = if is_tracked {
            builder.tracked()
        } else {
            builder
        };
        let queue = builder.concurrency(16).capacity(64).build();
        // These have no receiver.
        let _events = queue.events();
        // Grows with the number of concurrent items, in the queue and in the runtime.
        work(&queue, 0..2_000).await;
        let before = BYTES.get();
        work(&queue, 0..20_000).await;
        assert_eq!(BYTES.get(), before);
    }
}

#[tokio::test(start_paused = true)]
async fn an_item_needs_one_allocation() {
    let queue = Queue::builder(async |item: Item| {
        yield_now().await;
        Ok(item[0])
    })
    .concurrency(16)
    .capacity(64)
    .build();
    work(&queue, 0..2_000).await;
    let before = CALLS.get();
    work(&queue, 0..20_000).await;
    let calls = CALLS.get() - before;
    // One for the handle; and once a few for the tasks, the future of `drained` and the timer.
    assert!((20_000..20_100).contains(&calls), "{calls} allocations");
}
