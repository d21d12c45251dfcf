use conjoin_adapters::CallbackError;
use conjoin_adapters::ffi::{self, UserData};
use conjoin_adapters_c_library::{Pool, Refused};

use crate::{Counted, wait};

#[test]
fn the_first_of_several_calls_counts() {
    let pool = Pool::new(1);
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::keyed(
        move |_: i32, value: f64, _: UserData| -> Result<(f64, usize), Refused> {
            // Moved out: the closure cannot be called again.
            let captured = captured;
            Ok((value, captured.count()))
        },
    );
    pool.call_keyed(2, 3, call).unwrap();
    assert_eq!(wait(future), Ok((3.0, 2)));
    drop(pool);
    assert_eq!(counted.count(), 1);
}

#[test]
fn a_call_after_the_future_is_gone_does_nothing() {
    let pool = Pool::new(1);
    pool.hold(true);
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::keyed(move |_: i32, _: f64, _: UserData| -> Result<(), Refused> {
        unreachable!("there is nothing to call any more: {captured:?}")
    });
    pool.call_keyed(2, 2, call).unwrap();
    drop(future);
    assert_eq!(
        counted.count(),
        1,
        "the closure does not wait for the library"
    );
    pool.hold(false);
}

#[test]
fn a_library_that_never_calls_leaves_nothing_behind() {
    let pool = Pool::new(1);
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::keyed(
        move |_: i32, _: f64, _: UserData| -> Result<usize, Refused> { Ok(captured.count()) },
    );
    pool.call_keyed(2, 0, call).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let outcome =
        runtime.block_on(async { future.deadline(std::time::Duration::from_secs(5)).await });
    assert_eq!(outcome, Err(CallbackError::TimedOut));
    assert_eq!(counted.count(), 1);
}

#[test]
fn key_of_a_dropped_future_is_dead() {
    let pool = Pool::new(1);
    let counted = Counted::new();
    let captured = counted.clone();
    let (call, future) = ffi::keyed(
        move |_: i32, _: f64, _: UserData| -> Result<usize, Refused> { Ok(captured.count()) },
    );
    drop(future);
    pool.call_keyed(2, 1, call).unwrap();
    assert_eq!(counted.count(), 1);
}

#[test]
fn a_refused_callback_rejects() {
    let pool = Pool::new(1);
    let (call, future) =
        ffi::keyed(|_: i32, value: f64, _: UserData| -> Result<f64, Refused> { Ok(value) });
    assert_eq!(pool.call_keyed(0, 1, call), None);
    assert_eq!(wait(future), Err(CallbackError::Rejected(Refused(-22))));
}

#[test]
fn a_handle_that_is_dropped_fails_the_future() {
    let (call, future) =
        ffi::keyed(|_: i32, value: f64, _: UserData| -> Result<f64, Refused> { Ok(value) });
    drop(call);
    assert_eq!(wait(future), Err(CallbackError::Dropped));
}

#[test]
fn a_cancellation_does_not_wait_for_the_library() {
    let pool = Pool::new(1);
    pool.hold(true);
    let (call, future) =
        ffi::keyed(|_: i32, value: f64, _: UserData| -> Result<f64, Refused> { Ok(value) });
    pool.call_keyed(1, 1, call).unwrap();
    wait(future.cancel());
    pool.hold(false);
}
