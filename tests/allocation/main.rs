//! How much graphs allocate: nothing, or a fixed small number.
#![allow(
    unsafe_code,
    reason = "an allocator is unsafe to implement; this one passes all on to the system's"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use conjoin::{auto, concurrent};

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// Counts for each thread, because tests run in parallel.
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

/// Is pending once and wakes itself.
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

/// Polls a graph until it completes.
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
fn n_allocates_nothing() {
    let n = auto! {
        user => try_later(1).await?,
        settings => later(2).await,
        posts: [user] => later(user + 2).await,
        page: [user, settings] => try_later(user + settings).await?,
        => [posts, page]
    };
    assert_eq!(allocations(n), (Ok([3, 3]), 0));
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

/// Is changed and taken, and allocates nothing itself.
#[derive(Debug, PartialEq)]
struct Sum(u32);

#[test]
fn series_passing_a_value_allocates_nothing() {
    let series = auto! {
        sum => later(Sum(1)).await,
        more: [mut sum] => { later(()).await; sum.0 += 1 },
        read: [sum, more as _] => later(sum.0).await,
        taken: [move sum, read] => try_later(Sum(sum.0 + read)).await?,
        => taken
    };
    assert_eq!(allocations(series), (Ok(Sum(4)), 0));
}

#[test]
fn parallel_part_passing_values_allocates_nothing() {
    let parallel = auto! {
        left => later(Sum(1)).await,
        right => later(Sum(2)).await,
        ready: [left as _, right as _] => later(()).await,
        more: [mut left, ready as _] => { later(()).await; left.0 += 1 },
        read: [left, more as _] => later(left.0).await,
        taken: [move right, ready as _] => later(right).await,
        => (left, read, taken)
    };
    assert_eq!(allocations(parallel), ((Sum(2), 2, Sum(2)), 0));
}

#[test]
fn n_passing_values_allocates_nothing() {
    let n = auto! {
        user => later(Sum(1)).await,
        settings => later(Sum(2)).await,
        posts: [mut user] => { later(()).await; user.0 += 1 },
        page: [user as _, move settings] => try_later(settings).await?,
        => (user, posts, page)
    };
    assert_eq!(allocations(n), (Ok((Sum(2), (), Sum(2))), 0));
}

#[test]
fn gated_part_passing_values_allocates_nothing() {
    let gated = auto! {
        outside => later(Sum(0)).await,
        north_1: [outside as _] => later(Sum(1)).await,
        south_1: [mut outside] => { later(()).await; outside.0 += 1 },
        north_2: [mut north_1] => { later(()).await; north_1.0 += 1 },
        south_2: [south_1 as _, mut outside] => { later(()).await; outside.0 += 1 },
        north_3: [move north_1, north_2 as _, south_2 as _] => later(north_1).await,
        south_3: [south_2 as _] => later(()).await,
        => (outside, north_3, south_3)
    };
    assert_eq!(allocations(gated), ((Sum(2), Sum(2), ()), 0));

    let with_a_reader = auto! {
        north_1 => later(Sum(1)).await,
        south_1 => later(()).await,
        north_2: [mut north_1] => { later(()).await; north_1.0 += 1 },
        south_2: [south_1 as _] => later(()).await,
        read: [north_1, north_2 as _, south_2 as _] => later(north_1.0).await,
        south_3: [south_2 as _] => later(()).await,
        taken: [move north_1, read as _] => later(north_1).await,
        => (read, taken, south_3)
    };
    assert_eq!(allocations(with_a_reader), ((2, Sum(2), ()), 0));
}

#[test]
fn options_and_conditions_allocate_nothing() {
    let limited = auto! {
        #![limit(2)]
        #![name_errors]
        one => try_later(1).await?,
        two if later(true).await => later(2).await,
        three: [two] if let Some(two) = two => try_later(two + 1).await?,
        four: [mut one] => { later(()).await; *one += 3; *one },
        => (three, four)
    };
    assert_eq!(allocations(limited), (Ok((Some(3), 4)), 0));

    let settled = auto! {
        #![settle]
        #![limit(2)]
        north_1 => later(Sum(1)).await,
        south_1 => Err::<u32, _>(later(7).await)?,
        north_2: [mut north_1] => { later(()).await; north_1.0 += 1 },
        south_2: [south_1] => later(*south_1).await,
        north_3: [move north_1, north_2 as _, south_1 as _] => later(north_1).await,
        => (north_3.ok(), south_1.err(), south_2.is_skipped())
    };
    assert_eq!(allocations(settled), ((None, Some(7), true), 0));
}

/// Like `later`, but keeps a clone of the waker.
async fn much_later<T>(value: T) -> T {
    let mut waker: Option<Waker> = None;
    poll_fn(|cx| match waker.replace(cx.waker().clone()) {
        None => {
            cx.waker().wake_by_ref();
            Poll::Pending
        }
        Some(_) => Poll::Ready(()),
    })
    .await;
    value
}

#[test]
fn eight_parallel_tasks_allocate_wakers_once() {
    let that_wake_themselves = auto! {
        a => later(1).await,
        b => later(2).await,
        c => later(3).await,
        d => later(4).await,
        e => try_later(5).await?,
        f => later(6).await,
        g => later(7).await,
        h => later(8).await,
        => a + b + c + d + e + f + g + h
    };
    assert_eq!(allocations(that_wake_themselves), (Ok(36), 0));

    let that_are_woken = auto! {
        a => much_later(1).await,
        b => later(2).await,
        c => much_later(3).await,
        d => much_later(4).await,
        e => much_later(5).await,
        f => much_later(6).await,
        g => much_later(7).await,
        h => much_later(8).await,
        => a + b + c + d + e + f + g + h
    };
    assert_eq!(allocations(that_are_woken), (36, 1));

    let seven = auto! {
        a => much_later(1).await,
        b => much_later(2).await,
        c => much_later(3).await,
        d => much_later(4).await,
        e => much_later(5).await,
        f => much_later(6).await,
        g => much_later(7).await,
        => a + b + c + d + e + f + g
    };
    assert_eq!(allocations(seven), (28, 0));
}

#[test]
fn the_items_of_a_for_task_allocate_once() {
    for count in [1, 2, 64, 2_000] {
        let plain = auto! { items for item in 0..count => later(item).await, => items.len() };
        // And once for the `Vec` of their values.
        assert_eq!(allocations(plain), (count, 2), "{count}");
        let fallible =
            auto! { items for item in 0..count => try_later(item).await?, => items.len() };
        assert_eq!(allocations(fallible), (Ok(count), 2), "{count}");
        let without_values = auto! { items for _ in 0..count => later(()).await, => items.len() };
        assert_eq!(allocations(without_values), (count, 1), "{count}");
    }
}

#[test]
fn cloned_wakers_allocate_nothing_more() {
    let graph = auto! {
        items for _ in 0..2_000 => {
            poll_fn(|cx| {
                let _ = [cx.waker().clone(), cx.waker().clone()];
                Poll::Ready(())
            })
            .await;
            later(()).await;
        },
        => items.len()
    };
    assert_eq!(allocations(graph), (2_000, 1));
}

#[test]
fn no_items_allocate_nothing() {
    let none = auto! {
        list => Vec::<String>::new(),
        items: [list] for item in list => later(item.clone()).await,
        #[limit(3)]
        more for item in 0..0 => try_later(item).await?,
        => (items.len(), more.len())
    };
    assert_eq!(allocations(none), (Ok((0, 0)), 0));
}

#[test]
fn limited_items_allocate_once_a_task() {
    let graph = auto! {
        #![limit(3)]
        left for _ in 0..100 => later(()).await,
        right for _ in 0..100 => later(()).await,
        other => later(()).await,
        => (left.len(), right.len(), other)
    };
    assert_eq!(allocations(graph), ((100, 100, ()), 2));
}

#[test]
fn blocks_of_every_plan_allocate_nothing() {
    let page = concurrent!({
        let user = try_later(1).await?;
        let posts = try_later(user + 1).await?;
        let comments = try_later(user + 2).await? + 1;
        Ok::<_, String>([user, posts, comments])
    });
    assert_eq!(allocations(page), (Ok([1, 2, 4]), 0));
    let woven = concurrent!({
        let user = try_later(1).await?;
        let settings = try_later(2).await?;
        let posts = try_later(user + 1).await?;
        let theme = try_later(settings + 1).await?;
        Ok::<_, String>([posts, theme])
    });
    assert_eq!(allocations(woven), (Ok([2, 3]), 0));
    let crossing = concurrent!({
        let a = try_later(1).await?;
        let b = try_later(2).await?;
        let c = later(a + 1).await;
        let d = later(b + 1).await;
        let e = try_later(c + d).await?;
        let f = later(d + 1).await;
        Ok::<_, String>([e, f])
    });
    assert_eq!(allocations(crossing), (Ok([5, 4]), 0));
    let staged = concurrent!({
        let a = later(1).await;
        let b = later(2).await;
        let c = later(a + 1).await;
        let d = later(a + b).await;
        [c, d]
    });
    assert_eq!(allocations(staged), ([2, 3], 0));
}
