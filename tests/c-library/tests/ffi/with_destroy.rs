use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Barrier, Mutex, OnceLock, mpsc};

use conjoin_adapters::CallbackError;
use conjoin_adapters::ffi::{self, UserData};
use conjoin_adapters_c_library::Pool;

use crate::{Counted, LIMIT, receive, wait};

type Answer<T> = (Option<Result<T, &'static str>>, i32);

#[test]
fn calls_on_several_threads_run_at_once() {
    let pool = Pool::new(2);
    // Two calls meet here, which they do only if none waits for the other's end.
    let meeting = Barrier::new(2);
    let (call, future) = ffi::with_destroy(move |_: UserData, _: i32| -> Answer<()> {
        meeting.wait();
        (Some(Ok(())), 0)
    });
    pool.each(2, 2, call);
    assert_eq!(wait(future), Ok(()));
}

#[test]
fn first_answer_settles_and_others_drop() {
    let pool = Pool::new(3);
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::with_destroy(move |_: UserData, value: i32| -> Answer<Counted> {
        if value < 10 {
            (None, 0)
        } else {
            (Some(Ok(captured.clone())), 0)
        }
    });
    pool.each(100, 100, call);
    let brought = wait(future).unwrap();
    drop(pool);
    assert_eq!(brought.count(), 2);
    drop(brought);
    assert_eq!(counted.count(), 1);
}

#[test]
fn without_an_answer_the_destruction_fails_the_future() {
    let pool = Pool::new(2);
    let (call, future) = ffi::with_destroy(|_: UserData, _: i32| -> Answer<()> { (None, 0) });
    pool.each(8, 8, call);
    assert_eq!(wait(future), Err(CallbackError::Dropped));
}

#[test]
fn a_library_may_destroy_while_others_call() {
    for destroy_at in 0..24 {
        let pool = Pool::new(3);
        let counted = Counted::new();
        let captured = counted.clone();
        let calls = Arc::new(AtomicI32::new(0));
        let counting = Arc::clone(&calls);
        let (call, future) = ffi::with_destroy(move |_: UserData, _: i32| -> Answer<()> {
            let captured = captured.clone();
            counting.fetch_add(1, Ordering::SeqCst);
            assert!(
                captured.count() >= 2,
                "what a running closure has captured is there"
            );
            (None, 0)
        });
        pool.each(24, destroy_at, call);
        assert_eq!(wait(future), Err(CallbackError::Dropped));
        drop(pool);
        assert_eq!(counted.count(), 1);
        // Two of the three threads may be on their way to a call when the third destroys.
        assert!(
            calls.load(Ordering::SeqCst) >= destroy_at - 2,
            "calls in time are made"
        );
    }
}

/// Calls the destroy function of a registration that it gets to know later.
type Destroy = Arc<OnceLock<Box<dyn Fn() + Send + Sync>>>;

#[test]
fn a_callback_may_destroy_its_own_user_data() {
    let pool = Pool::new(1);
    let counted = Counted::new();
    let captured = counted.clone();
    let destroy = Destroy::default();
    let destroying = Arc::clone(&destroy);
    let calls = Arc::new(AtomicI32::new(0));
    let counting = Arc::clone(&calls);
    let (call, future) = ffi::with_destroy(move |_: UserData, _: i32| -> Answer<usize> {
        destroying.get().unwrap()();
        assert_eq!(
            counting.fetch_add(1, Ordering::SeqCst),
            0,
            "the call after it does nothing"
        );
        (Some(Ok(captured.count())), 0)
    });
    pool.hold(true);
    let destroyer = pool.each_destroyed(2, call);
    assert!(destroy.set(Box::new(destroyer)).is_ok());
    pool.hold(false);
    assert_eq!(wait(future), Ok(2), "it is there until it returns");
    drop(pool);
    assert_eq!(counted.count(), 1);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_closure_is_not_dropped_while_it_runs() {
    let pool = Pool::new(2);
    let counted = Counted::new();
    let captured = counted.clone();
    let (entered, enters) = mpsc::channel();
    let (leave, leaving) = mpsc::channel();
    let leaving = Mutex::new(leaving);
    let (call, future) = ffi::with_destroy(move |_: UserData, _: i32| -> Answer<usize> {
        entered.send(()).unwrap();
        leaving.lock().unwrap().recv_timeout(LIMIT).unwrap();
        (Some(Ok(captured.count())), 0)
    });
    let destroyer = pool.each_destroyed(1, call);
    receive(&enters);
    destroyer();
    destroyer();
    assert_eq!(counted.count(), 2);
    leave.send(()).unwrap();
    assert_eq!(wait(future), Ok(2));
    drop(pool);
    assert_eq!(counted.count(), 1);
}

#[test]
fn cancellation_completes_when_the_library_destroys() {
    let pool = Pool::new(1);
    pool.hold(true);
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::with_destroy(move |_: UserData, _: i32| -> Answer<usize> {
        (Some(Ok(captured.count())), 0)
    });
    pool.each(3, 3, call);
    let mut cancelled = Box::pin(future.cancel());
    assert!(futures::FutureExt::now_or_never(cancelled.as_mut()).is_none());
    pool.hold(false);
    wait(cancelled);
    assert_eq!(counted.count(), 1);
}

#[test]
fn a_refused_callback_rejects_and_drops_the_closure() {
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::with_destroy(move |_: UserData, _: i32| -> Answer<usize> {
        (Some(Ok(captured.count())), 0)
    });
    // The library may destroy what it refuses, or not.
    let refused = call.register(|_, user, destroy| {
        destroy(user);
        Err::<(), _>("no")
    });
    assert_eq!(refused, None);
    assert_eq!(counted.count(), 1);
    assert_eq!(wait(future), Err(CallbackError::Rejected("no")));

    let captured = counted.clone();
    let (call, future) = ffi::with_destroy(move |_: UserData, _: i32| -> Answer<usize> {
        (Some(Ok(captured.count())), 0)
    });
    assert_eq!(call.register(|_, _, _| Err::<(), _>("no")), None);
    assert_eq!(counted.count(), 1);
    assert_eq!(wait(future), Err(CallbackError::Rejected("no")));
}

#[test]
fn a_handle_that_is_dropped_fails_the_future() {
    let (call, future) = ffi::with_destroy(|_: UserData, _: i32| -> Answer<()> { (None, 0) });
    drop(call);
    assert_eq!(wait(future), Err(CallbackError::Dropped));
}
