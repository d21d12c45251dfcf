use std::sync::mpsc;
use std::thread;

use conjoin_adapters::CallbackError;
use conjoin_adapters::ffi::{self, UserData};
use conjoin_adapters_c_library::{Pool, Refused, call_now};

use crate::{Counted, receive, wait};

fn value(status: i32, value: f64) -> Result<f64, Refused> {
    if status == 0 {
        Ok(value)
    } else {
        Err(Refused(status))
    }
}

#[test]
fn a_call_from_another_thread_settles() {
    let pool = Pool::new(2);
    let (call, future) = ffi::once(|status, number, _: UserData| {
        let here = thread::current().id();
        value(status, number).map(|number| (number, here))
    });
    pool.call(7, call).unwrap();
    let (number, there) = wait(future).unwrap();
    assert_eq!(number.to_bits(), 10.5_f64.to_bits());
    assert_ne!(there, thread::current().id());
}

#[test]
fn an_error_of_the_library_rejects() {
    let pool = Pool::new(1);
    let (call, future) = ffi::once(|status, number, _: UserData| value(status, number));
    pool.call(-3, call).unwrap();
    assert_eq!(wait(future), Err(CallbackError::Rejected(Refused(-3))));
}

#[test]
fn a_call_before_the_library_returns_settles() {
    let (call, future) = ffi::once(|status, number, _: UserData| value(status, number));
    call_now(2, call);
    assert_eq!(wait(future), Ok(3.0));
}

#[test]
fn a_refused_callback_rejects_and_frees_the_closure() {
    let pool = Pool::new(1);
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::once(move |status, number, _: UserData| {
        let _ = &captured;
        value(status, number)
    });
    assert_eq!(pool.call(0, call), None);
    assert_eq!(counted.count(), 1);
    assert_eq!(wait(future), Err(CallbackError::Rejected(Refused(-22))));
}

#[test]
fn a_handle_that_is_dropped_fails_the_future() {
    let (call, future) = ffi::once(|status: i32, number: f64, _: UserData| value(status, number));
    drop(call);
    assert_eq!(wait(future), Err(CallbackError::Dropped));
}

#[test]
fn abandoned_user_data_is_freed_and_fails_the_future() {
    let pool = Pool::new(1);
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::once(move |status, number, _: UserData| {
        let _ = &captured;
        value(status, number)
    });
    let forgotten = pool.forget(1, call);
    assert_eq!(counted.count(), 2);
    forgotten.abandon();
    assert_eq!(counted.count(), 1);
    assert_eq!(wait(future), Err(CallbackError::Dropped));
}

#[test]
fn a_library_that_never_calls_runs_into_the_deadline() {
    let pool = Pool::new(1);
    let (call, future) = ffi::once(|status, number, _: UserData| value(status, number));
    let forgotten = pool.forget(1, call);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let outcome =
        runtime.block_on(async { future.deadline(std::time::Duration::from_secs(5)).await });
    assert_eq!(outcome, Err(CallbackError::TimedOut));
    forgotten.abandon();
}

#[test]
fn result_after_a_dropped_future_is_unclaimed() {
    let pool = Pool::new(1);
    pool.hold(true);
    let (sent, received) = mpsc::channel();
    let (call, future) = ffi::once(|status, number, _: UserData| value(status, number));
    let call = call.unclaimed(move |result| sent.send(result).unwrap());
    pool.call(4, call).unwrap();
    drop(future);
    pool.hold(false);
    assert_eq!(receive(&received), Ok(6.0));
}

#[test]
fn result_before_a_dropped_future_is_unclaimed() {
    let (sent, received) = mpsc::channel();
    let (call, future) = ffi::once(|status, number, _: UserData| value(status, number));
    call_now(4, call.unclaimed(move |result| sent.send(result).unwrap()));
    assert_eq!(received.try_recv(), Err(mpsc::TryRecvError::Empty));
    drop(future);
    assert_eq!(received.try_recv(), Ok(Ok(6.0)));
}

#[test]
fn awaited_result_is_not_unclaimed() {
    let pool = Pool::new(1);
    let (sent, received) = mpsc::channel::<Result<f64, Refused>>();
    let (call, future) = ffi::once(|status, number, _: UserData| value(status, number));
    pool.call(4, call.unclaimed(move |result| sent.send(result).unwrap()))
        .unwrap();
    assert_eq!(wait(future), Ok(6.0));
    drop(pool);
    assert_eq!(received.try_recv(), Err(mpsc::TryRecvError::Disconnected));
}

#[test]
fn dropping_the_future_calls_the_hook() {
    let pool = Pool::new(1);
    pool.hold(true);
    let (sent, received) = mpsc::channel();
    let (call, future) = ffi::once(|status, number, _: UserData| value(status, number));
    pool.call(4, call.on_cancel(move || sent.send(()).unwrap()))
        .unwrap();
    assert_eq!(received.try_recv(), Err(mpsc::TryRecvError::Empty));
    drop(future);
    assert_eq!(received.try_recv(), Ok(()));
}

#[test]
fn cancellation_completes_when_the_library_calls() {
    let pool = Pool::new(1);
    pool.hold(true);
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::once(move |status, number, _: UserData| {
        let _ = &captured;
        value(status, number)
    });
    pool.call(4, call).unwrap();
    let mut cancelled = Box::pin(future.cancel());
    assert!(futures::FutureExt::now_or_never(cancelled.as_mut()).is_none());
    pool.hold(false);
    wait(cancelled);
    drop(pool);
    assert_eq!(counted.count(), 1);
}
