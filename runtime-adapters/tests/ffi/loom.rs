//! Explores all interleavings of calls, destructions and dropped futures:
//! `RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=target/loom cargo test -p conjoin-adapters --release --test ffi_loom`.
#![cfg(loom)]
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use conjoin_adapters::CallbackError;
use conjoin_adapters::ffi::{self, Export, ExportStatus, ExportTask, UserData};
use loom::thread;

/// Counts drops. Not a type of loom: the count is read after all threads have ended.
struct Token(Arc<AtomicUsize>);

impl Drop for Token {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn token() -> (Token, Arc<AtomicUsize>) {
    let drops = Arc::new(AtomicUsize::new(0));
    (Token(Arc::clone(&drops)), drops)
}

fn poll<T>(future: impl Future<Output = T>) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// The part of C.
fn call<R>(function: unsafe extern "C" fn(*mut c_void) -> R, key: usize) -> R {
    // SAFETY: The user data is a key, and there are no arguments.
    unsafe { function(std::ptr::without_provenance_mut(key)) }
}

#[test]
fn concurrent_calls_settle_and_drop_once() {
    loom::model(|| {
        let (token, drops) = token();
        let (handle, future) = ffi::with_destroy(move |_: UserData| {
            assert_eq!(
                token.0.load(Ordering::SeqCst),
                0,
                "it is not dropped while it runs"
            );
            Ok::<_, ()>(())
        });
        let (function, user_data, destroy) = handle.into_raw();
        let key = user_data.addr();
        let callers = [(); 2].map(|()| thread::spawn(move || call(function, key)));
        destroy(std::ptr::without_provenance_mut(key));
        for caller in callers {
            caller.join().unwrap();
        }
        assert!(matches!(
            poll(future),
            Poll::Ready(Ok(()) | Err(CallbackError::Dropped))
        ));
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn cancel_waits_for_destroy_and_calls() {
    // Without a bound it takes minutes. Few bugs need more than three preemptions.
    let mut bounded = loom::model::Builder::new();
    bounded.preemption_bound = Some(3);
    bounded.check(|| {
        let (token, drops) = token();
        let (handle, future) = ffi::with_destroy(move |_: UserData| {
            let _ = &token;
            Ok::<_, ()>(())
        });
        let (function, user_data, destroy) = handle.into_raw();
        let key = user_data.addr();
        let caller = thread::spawn(move || call(function, key));
        let destroyer = thread::spawn(move || destroy(std::ptr::without_provenance_mut(key)));
        loom::future::block_on(future.cancel());
        assert_eq!(drops.load(Ordering::SeqCst), 1);
        caller.join().unwrap();
        destroyer.join().unwrap();
    });
}

#[test]
fn key_called_twice_calls_at_most_once() {
    loom::model(|| {
        let (token, drops) = token();
        let (handle, future) = ffi::keyed(move |_: UserData| {
            drop(token);
            Ok::<_, ()>(())
        });
        let (function, user_data) = handle.into_raw();
        let key = user_data.addr();
        let callers = [(); 2].map(|()| thread::spawn(move || call(function, key)));
        drop(future);
        for caller in callers {
            caller.join().unwrap();
        }
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn key_of_a_dropped_future_leaks_nothing() {
    loom::model(|| {
        let (token, drops) = token();
        let (handle, future) = ffi::keyed(move |_: UserData| {
            drop(token);
            Ok::<_, ()>(())
        });
        let dropper = thread::spawn(move || drop(future));
        let _ = handle.into_raw();
        dropper.join().unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1);
    });
}

#[test]
fn an_answer_is_either_claimed_or_unclaimed() {
    loom::model(|| {
        let (unclaimed, drops) = token();
        let (handle, future) = ffi::keyed_lending((), |_: UserData| Ok::<_, ()>(5));
        let handle = handle.unclaimed(move |answer| {
            assert_eq!(answer, Ok(5));
            unclaimed.0.fetch_add(10, Ordering::SeqCst);
        });
        let (function, user_data) = handle.into_raw();
        let key = user_data.addr();
        let caller = thread::spawn(move || call(function, key));
        let is_claimed = poll(future).is_ready();
        caller.join().unwrap();
        assert_eq!(
            drops.load(Ordering::SeqCst),
            if is_claimed { 1 } else { 11 }
        );
    });
}

/// Counts the calls and their values.
struct Called(Arc<AtomicUsize>);

impl Called {
    /// As in C: the counter lives until the model ends.
    unsafe extern "C" fn done(status: ExportStatus, value: *mut u8, user: *mut c_void) {
        // SAFETY: It is the counter, and the value is there or null.
        let (count, value) = unsafe { (&*user.cast::<AtomicUsize>(), value.as_ref()) };
        assert_eq!(value.is_some(), status == ExportStatus::Done);
        let weight = match status {
            ExportStatus::Done => 1,
            ExportStatus::Cancelled => 100,
            _ => 10_000,
        };
        count.fetch_add(weight, Ordering::SeqCst);
    }

    fn export(&self, future: impl Future<Output = u8> + Send + 'static) -> (Export, ExportTask) {
        let mut spawned = None;
        let user = Arc::as_ptr(&self.0).cast_mut().cast();
        // SAFETY: The counter is there until all threads are joined, and may be used on any.
        let export =
            unsafe { ffi::export_on(|task| spawned = Some(task), future, Called::done, user) };
        (export, spawned.expect("it is spawned at once"))
    }
}

/// Pending once, without a wake: only a cancellation ends it.
fn stuck() -> impl Future<Output = u8> + Send {
    std::future::pending()
}

#[test]
fn a_cancellation_wakes_its_task_and_calls_once() {
    loom::model(|| {
        let called = Called(Arc::default());
        let (export, task) = called.export(stuck());
        let canceller = thread::spawn(move || export.cancel());
        loom::future::block_on(task);
        assert!(canceller.join().unwrap());
        assert_eq!(called.0.load(Ordering::SeqCst), 100);
    });
}

#[test]
fn cancel_says_what_is_called() {
    // Without a bound it takes minutes.
    let mut bounded = loom::model::Builder::new();
    bounded.preemption_bound = Some(2);
    bounded.check(|| {
        let called = Called(Arc::default());
        let (export, task) = called.export(async { 7 });
        let cancellers = [(); 2].map(|()| {
            thread::spawn(move || {
                let is_cancelled = export.cancel();
                export.free();
                is_cancelled
            })
        });
        loom::future::block_on(task);
        let cancelled = cancellers.map(|canceller| usize::from(canceller.join().unwrap()));
        let expected = if cancelled == [0, 0] { 1 } else { 100 };
        assert!(cancelled != [1, 1], "one is told");
        assert_eq!(called.0.load(Ordering::SeqCst), expected);
        assert!(!export.cancel());
    });
}

#[test]
fn a_dropped_task_calls_once() {
    loom::model(|| {
        let called = Called(Arc::default());
        let (export, task) = called.export(stuck());
        let canceller = thread::spawn(move || {
            let is_cancelled = export.cancel();
            export.free();
            is_cancelled
        });
        drop(task);
        let expected = if canceller.join().unwrap() {
            100
        } else {
            10_000
        };
        assert_eq!(called.0.load(Ordering::SeqCst), expected);
    });
}
