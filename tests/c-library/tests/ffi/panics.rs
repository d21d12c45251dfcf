//! None of these unwinds into C, which would abort the process.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::task::{Context, Wake, Waker};

use conjoin_adapters::CallbackError;
use conjoin_adapters::ffi::{self, OnPanic, UserData};
use conjoin_adapters_c_library::{Pool, Refused, call_now, call_wide};

use crate::{Counted, wait};

type Answer<T> = (Option<Result<T, &'static str>>, i32);

#[test]
fn a_panic_rejects_with_its_message() {
    let pool = Pool::new(1);
    let (call, future) = ffi::once(|status: i32, _: f64, _: UserData| -> Result<(), Refused> {
        panic!("status {status}")
    });
    pool.call(1, call).unwrap();
    assert_eq!(
        wait(future),
        Err(CallbackError::Panicked("status 0".to_owned()))
    );
}

#[test]
fn a_panic_of_a_keyed_closure_rejects() {
    let pool = Pool::new(1);
    let (call, future) =
        ffi::keyed(|_: i32, _: f64, _: UserData| -> Result<(), Refused> { panic!("no") });
    pool.call_keyed(1, 2, call).unwrap();
    assert_eq!(wait(future), Err(CallbackError::Panicked("no".to_owned())));
}

#[test]
fn panic_in_one_call_leaves_the_others_running() {
    let pool = Pool::new(1);
    let calls = Arc::new(AtomicI32::new(0));
    let counting = Arc::clone(&calls);
    let (call, future) = ffi::with_destroy(move |_: UserData, value: i32| -> Answer<()> {
        counting.fetch_add(1, Ordering::SeqCst);
        assert_ne!(value, 1, "not this one");
        (None, 0)
    });
    pool.each(4, 4, call);
    let Err(CallbackError::Panicked(message)) = wait(future) else {
        panic!("it panicked")
    };
    assert!(message.contains("not this one"), "{message}");
    drop(pool);
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

#[test]
fn c_gets_the_fallback_for_a_panic() {
    let (returned, future) =
        call_wide(|_, _, _, _: UserData, _, _, _| -> (Result<(), ()>, i32) { panic!("no") });
    assert_eq!(returned, 0);
    assert_eq!(wait(future), Err(CallbackError::Panicked("no".to_owned())));
}

#[test]
fn panic_resumes_with_its_payload_at_the_await() {
    let pool = Pool::new(1);
    let (call, future) =
        ffi::once(|_: i32, _: f64, _: UserData| -> Result<(), Refused> { panic_any(17_u8) });
    pool.call(1, call.on_panic(OnPanic::Resume)).unwrap();
    let payload = catch_unwind(AssertUnwindSafe(|| wait(future))).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&17_u8));
}

#[test]
fn unawaited_panic_is_dropped() {
    for on_panic in [OnPanic::Reject, OnPanic::Resume] {
        let counted = Counted::new();
        let thrown = counted.clone();
        let (call, future) = ffi::once(move |_: i32, _: f64, _: UserData| -> Result<(), Refused> {
            panic_any(thrown)
        });
        drop(future);
        call_now(1, call.on_panic(on_panic));
        assert_eq!(counted.count(), 1);
    }
}

/// Panics when it is dropped, and again with that panic's payload.
struct Bomb(u8);

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0 > 0 && !std::thread::panicking() {
            panic_any(Bomb(self.0 - 1));
        }
    }
}

#[test]
fn panicking_payload_drop_is_harmless() {
    let (call, future) =
        ffi::once(|_: i32, _: f64, _: UserData| -> Result<(), Refused> { panic_any(Bomb(3)) });
    call_now(1, call);
    assert!(matches!(wait(future), Err(CallbackError::Panicked(_))));
}

#[test]
fn a_closure_that_panics_when_it_is_dropped_rejects() {
    let pool = Pool::new(1);
    let bomb = Bomb(1);
    let (call, future) = ffi::with_destroy(move |_: UserData, _: i32| -> Answer<()> {
        let _ = &bomb;
        (None, 0)
    });
    pool.each(1, 1, call);
    assert!(matches!(wait(future), Err(CallbackError::Panicked(_))));
}

#[test]
fn panicking_drop_of_unclaimed_value_is_harmless() {
    let (call, future) = ffi::once(|_: i32, _: f64, _: UserData| Ok::<_, ()>(Bomb(1)));
    drop(future);
    call_now(1, call);
}

#[test]
fn panic_in_unclaimed_hook_is_harmless() {
    let (call, future) = ffi::once(|_: i32, _: f64, _: UserData| Ok::<_, ()>(1));
    drop(future);
    call_now(1, call.unclaimed(|_| panic!("no")));
}

struct PanickingWaker;

impl Wake for PanickingWaker {
    fn wake(self: Arc<Self>) {
        panic!("the waker panics");
    }
}

#[test]
fn panicking_waker_is_harmless() {
    let (call, mut future) = ffi::once(|_: i32, _: f64, _: UserData| Ok::<_, ()>(1));
    let waker = Waker::from(Arc::new(PanickingWaker));
    assert!(
        std::pin::Pin::new(&mut future)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    call_now(1, call);
    assert_eq!(wait(future), Ok(1));
}

#[test]
fn a_panic_aborts_by_choice() {
    const CHILD: &str = "CONJOIN_TEST_ABORTS";
    if env::var_os(CHILD).is_some() {
        let (call, _future) =
            ffi::once(|_: i32, _: f64, _: UserData| -> Result<(), Refused> { panic!("no") });
        call_now(1, call.on_panic(OnPanic::Abort));
        return;
    }
    let mut child = Command::new(env::current_exe().unwrap());
    child
        .args(["--exact", "panics::a_panic_aborts_by_choice", "--nocapture"])
        .env(CHILD, "1");
    let output = child.output().unwrap();
    assert!(!output.status.success());
    // A test that fails ends with a code; an abort is a signal, and a sanitizer may put a code of its own in its place.
    assert_ne!(output.status.code(), Some(101), "{output:?}");
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("panicked at"),
        "{output:?}"
    );
}
