//! A graph allocates nothing.
#![allow(unsafe_code, reason = "an allocator is unsafe to implement; this one passes all on to the system's")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use conjoin::auto;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Counts for each thread, as tests run side by side.
struct Counting;

// SAFETY: each method passes its arguments, and with them its caller's promises, on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Is pending once, and so makes each graph wait, and wakes itself, as a task of a runtime would be woken.
async fn later<T>(value: T) -> T {
    let mut waited = false;
    poll_fn(|cx| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    value
}

async fn try_later<T>(value: T) -> Result<T, String> {
    Ok(later(value).await)
}

/// Drives a graph to its end.
fn allocations<T>(graph: impl Future<Output = T>) -> (T, usize) {
    let before = ALLOCATIONS.get();
    let mut graph = pin!(graph);
    loop {
        if let Poll::Ready(value) = graph.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return (value, ALLOCATIONS.get() - before);
        }
    }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(async { Box::new(1) }), (Box::new(1), 1));
}

#[test]
fn a_page_allocates_nothing() {
    let page = auto! {
        user => try_later(1).await?,
        posts: [user] => try_later(user + 1).await?,
        comments: [user] => try_later(user + 2).await?,
        => [user, posts, comments]
    };
    assert_eq!(allocations(page), (Ok([1, 2, 3]), 0));
}

#[test]
fn a_diamond_allocates_nothing() {
    let diamond = auto! {
        root => later(1).await,
        left: [root] => later(root + 1).await,
        right: [root] => later(root + 2).await,
        tip: [left, right] => later(left + right).await,
        => tip
    };
    assert_eq!(allocations(diamond), (5, 0));
}

#[test]
fn a_staged_graph_allocates_nothing() {
    let staged = auto! {
        user => try_later(1).await?,
        settings => later(2).await,
        posts: [user] => later(user + 2).await,
        page: [user, settings] => try_later(user + settings).await?,
        => [posts, page]
    };
    assert_eq!(allocations(staged), (Ok([3, 3]), 0));
}

#[test]
fn a_gated_graph_allocates_nothing() {
    let gated = auto! {
        north_1 => try_later(1).await?,
        north_2: [north_1] => later(north_1 + 1).await,
        north_3: [north_2] => try_later(north_2 + 1).await?,
        south_1 => later(1).await,
        south_2: [south_1] => later(south_1 + 1).await,
        south_3: [south_2, north_1] => later(south_2 + north_1).await,
        => [north_3, south_3]
    };
    assert_eq!(allocations(gated), (Ok([3, 3]), 0));
}
