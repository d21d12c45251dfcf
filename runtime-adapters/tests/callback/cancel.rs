//! Tests cancellation, on both sides.

use std::cell::RefCell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use conjoin_adapters::{
    CallbackError, CallbackFuture, LocalResolver, Resolver, from_callback, from_local_callback,
};
use futures::executor::block_on;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use crate::poll;

type Done = Resolver<u32, String>;

fn pair() -> (Done, CallbackFuture<u32, String>) {
    let kept = RefCell::new(None);
    let future = from_callback(|done: Done| *kept.borrow_mut() = Some(done));
    (kept.take().expect("it is called at once"), future)
}

/// The log of the hooks.
#[derive(Default)]
struct Log(Arc<Mutex<Vec<u32>>>);

impl Log {
    fn hook(&self, number: u32) -> impl FnOnce() + Send + 'static {
        let log = Arc::clone(&self.0);
        move || log.lock().expect("a log").push(number)
    }

    fn take(&self) -> Vec<u32> {
        self.0.lock().expect("a log").split_off(0)
    }
}

#[test]
fn dropped_future_calls_hooks_in_order() {
    let ((done, future), log) = (pair(), Log::default());
    done.on_cancel(log.hook(1));
    done.on_cancel(log.hook(2));
    assert!(!done.is_cancelled());
    drop(future);
    assert_eq!(log.take(), [1, 2]);
    assert!(done.is_cancelled());
    done.on_cancel(log.hook(3));
    assert_eq!(log.take(), [3]);
}

#[test]
fn callback_drops_hooks_uncalled() {
    let ((done, future), log) = (pair(), Log::default());
    done.on_cancel(log.hook(1));
    assert_eq!(done.resolve(1), Ok(()));
    // The hook, which held the log as well, was dropped.
    assert_eq!(Arc::strong_count(&log.0), 1);
    drop(future);
    assert!(log.take().is_empty());
}

#[test]
fn hook_may_use_another_resolver() {
    let ((first, first_future), (second, mut second_future)) = (pair(), pair());
    first.on_cancel(move || second.resolve(2).expect("it is waited for"));
    drop(first_future);
    assert_eq!(poll(&mut second_future), Poll::Ready(Ok(2)));
}

#[test]
fn hooks_of_a_thread_need_not_leave_it() {
    let log = Rc::new(RefCell::new(Vec::new()));
    let kept = RefCell::new(None);
    let future =
        from_local_callback(|done: LocalResolver<u32, String>| *kept.borrow_mut() = Some(done));
    let done = kept.take().expect("it is called at once");
    for number in [1, 2] {
        let log = Rc::clone(&log);
        done.on_cancel(move || log.borrow_mut().push(number));
    }
    drop(future);
    assert_eq!(log.take(), [1, 2]);
    assert_eq!(done.resolve(1), Err(1));

    let future =
        from_local_callback(|done: LocalResolver<u32, String>| done.callback()(Err("no".into())));
    assert_eq!(block_on(future), Err(CallbackError::Rejected("no".into())));
}

#[test]
fn a_panic_in_a_hook_unwinds_after_the_others() {
    let ((done, future), log) = (pair(), Log::default());
    done.on_cancel(log.hook(1));
    done.on_cancel(|| panic!("first"));
    done.on_cancel(|| panic!("second"));
    done.on_cancel(log.hook(2));
    let payload = catch_unwind(AssertUnwindSafe(|| drop(future))).expect_err("it unwinds");
    assert_eq!(payload.downcast_ref(), Some(&"first"));
    assert_eq!(log.take(), [1, 2]);
}

#[test]
fn first_panic_of_two_hooks_unwinds() {
    let (done, future) = pair();
    done.on_cancel(|| panic!("second"));
    let unwind = catch_unwind(AssertUnwindSafe(|| {
        let _future = future;
        panic!("first");
    }));
    assert_eq!(
        unwind.expect_err("it unwinds").downcast_ref(),
        Some(&"first")
    );
}

#[tokio::test]
async fn the_other_side_can_wait_for_the_cancellation() {
    let (mut done, future) = pair();
    let watcher = tokio::spawn(async move {
        done.cancelled().await;
        // It is cancel safe: it can be called again.
        done.cancelled().await;
        done.resolve(1)
    });
    tokio::task::yield_now().await;
    drop(future);
    assert_eq!(watcher.await.expect("it ends"), Err(1));
}

#[tokio::test]
async fn to_cancel_waits_until_the_other_side_is_through() {
    let ((done, future), log) = (pair(), Log::default());
    done.on_cancel(log.hook(1));
    let mut cancelled = Box::pin(future.cancel());
    assert!(poll(&mut cancelled).is_pending());
    assert_eq!(log.take(), [1]);
    assert!(poll(&mut cancelled).is_pending());
    assert_eq!(done.resolve(7), Err(7));
    assert!(poll(&mut cancelled).is_ready());

    let (done, future) = pair();
    let mut cancelled = Box::pin(future.cancel());
    assert!(poll(&mut cancelled).is_pending());
    drop(done);
    assert!(poll(&mut cancelled).is_ready());

    // It has settled, so there is nothing to wait for.
    let (done, future) = pair();
    assert_eq!(done.resolve(1), Ok(()));
    future.cancel().await;
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_the_wait_and_cancels() {
    let (done, future) = pair();
    let start = Instant::now();
    let outcome = future.deadline(Duration::from_millis(10)).await;
    assert_eq!(outcome, Err(CallbackError::TimedOut));
    assert_eq!(start.elapsed(), Duration::from_millis(10));
    assert!(done.is_cancelled());
    assert_eq!(done.resolve(1), Err(1));
}

#[tokio::test(start_paused = true)]
async fn a_deadline_counts_from_when_it_is_set() {
    let (done, future) = pair();
    let future = future.deadline(Duration::from_millis(10));
    sleep(Duration::from_millis(10)).await;
    let start = Instant::now();
    assert_eq!(future.await, Err(CallbackError::TimedOut));
    assert_eq!(start.elapsed(), Duration::ZERO);
    drop(done);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_beyond_all_time_is_none() {
    let (done, future) = pair();
    let future = future.deadline(Duration::MAX);
    assert_eq!(done.resolve(1), Ok(()));
    assert_eq!(future.await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_callback_that_comes_with_the_deadline_wins() {
    let (done, future) = pair();
    let future = future
        .deadline(Duration::from_millis(10))
        .lost_when(sleep(Duration::from_millis(5)));
    sleep(Duration::from_millis(10)).await;
    assert_eq!(done.resolve(1), Ok(()));
    assert_eq!(future.await, Ok(1));
}

#[tokio::test]
async fn a_source_that_is_lost_drops_its_callbacks() {
    let (done, future) = pair();
    let (gone, source) = oneshot::channel::<()>();
    let future = future
        .lost_when(async { drop(source.await) })
        .lost_when(pending());
    let waiting = tokio::spawn(future);
    tokio::task::yield_now().await;
    drop(gone);
    assert_eq!(waiting.await.expect("it ends"), Err(CallbackError::Dropped));
    assert!(done.is_cancelled());
}

#[test]
fn panicking_hook_drop_still_wakes_the_future() {
    struct Bomb;

    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    let (done, mut future) = pair();
    let bomb = Bomb;
    done.on_cancel(move || drop(bomb));
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    assert!(
        Pin::new(&mut future)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    catch_unwind(AssertUnwindSafe(|| done.resolve(1))).expect_err("the hook is dropped");
    assert!(woken.0.load(Ordering::Relaxed));
    assert_eq!(poll(&mut future), Poll::Ready(Ok(1)));
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}
