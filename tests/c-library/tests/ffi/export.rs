//! The way out: a program in C that is called back by futures of Rust.

use std::future::{pending, ready};
use std::panic::resume_unwind;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use conjoin_adapters::ffi::{Export, ExportStatus, ExportTask};
use conjoin_adapters_c_library::exports::{
    Outcome, contended, keeping, reentrant, script, script_on,
};
use futures::executor::block_on;
use tokio::runtime::{Builder, Runtime};
use tokio::task::yield_now;

use crate::{Counted, receive};

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap()
}

const DONE: Outcome = Outcome {
    status: ExportStatus::Done,
    value: Some(1.5),
    cancelled: 0,
};

const CANCELLED: Outcome = Outcome {
    status: ExportStatus::Cancelled,
    value: None,
    cancelled: 1,
};

fn without_value(status: ExportStatus) -> Outcome {
    Outcome {
        status,
        value: None,
        cancelled: 0,
    }
}

async fn later() -> f64 {
    tokio::time::sleep(Duration::from_millis(1)).await;
    1.5
}

#[test]
fn c_waits_and_frees_in_any_order() {
    let runtime = runtime();
    let _entered = runtime.enter();
    for order in [
        "", "w", "f", "wf", "fw", "ff", "wff", "wcf", "wfc", "fc", "fcwc",
    ] {
        assert_eq!(script(later(), order), DONE, "{order}");
        assert_eq!(
            script(
                async {
                    yield_now().await;
                    1.5
                },
                order
            ),
            DONE,
            "{order}"
        );
    }
    assert_eq!(script(ready(1.5), "wcfcf"), DONE);
}

#[test]
fn c_cancels_in_any_order() {
    let runtime = runtime();
    let _entered = runtime.enter();
    for order in ["c", "cw", "cf", "cfw", "cwf", "cc", "cwc", "cfc", "cwfcf"] {
        let counted = Counted::new();
        let held = counted.clone();
        let future = async move {
            let _held = held;
            pending().await
        };
        assert_eq!(script(future, order), CANCELLED, "{order}");
        assert_eq!(counted.count(), 1, "all is free when C is called");
    }
}

/// An executor that runs on the thread of C's.
fn on_this_thread(future: impl Future<Output = f64> + Send + 'static, order: &str) -> Outcome {
    let (sender, receiver) = mpsc::channel::<ExportTask>();
    let spawn = move |task| sender.send(task).unwrap();
    let drive = || receiver.try_iter().for_each(block_on);
    script_on(spawn, drive, future, order)
}

#[test]
fn neither_cancel_nor_free_calls_back() {
    assert_eq!(on_this_thread(ready(1.5), "nfnd"), DONE);
    assert_eq!(on_this_thread(ready(1.5), "ncnfnd"), CANCELLED);
    assert_eq!(on_this_thread(pending(), "cncnfndw"), CANCELLED);
}

/// Its drop panics.
struct Loud;

impl Drop for Loud {
    fn drop(&mut self) {
        resume_unwind(Box::new("dropped"))
    }
}

#[test]
fn a_panic_is_a_status() {
    let runtime = runtime();
    let _entered = runtime.enter();
    let panicking = || async {
        yield_now().await;
        resume_unwind(Box::new("at last"))
    };
    assert_eq!(
        script(panicking(), "wcf"),
        without_value(ExportStatus::Panicked)
    );

    let loud = Loud;
    let dropping = async move {
        let _loud = loud;
        pending().await
    };
    assert_eq!(script(dropping, "c"), CANCELLED);
}

#[test]
fn a_dropped_task_is_a_status() {
    let aborted = without_value(ExportStatus::Aborted);
    assert_eq!(script_on(drop, || (), later(), "wcf"), aborted);
    // It was cancelled before.
    let (sender, receiver) = mpsc::channel();
    let spawn = move |task: ExportTask| sender.send(task).unwrap();
    let drive = || receiver.try_iter().for_each(drop);
    assert_eq!(script_on(spawn, drive, later(), "cnd"), CANCELLED);

    let runtime = runtime();
    let handle = runtime.handle().clone();
    let abort = |task| handle.spawn(task).abort();
    assert_eq!(script_on(abort, || (), pending(), "w"), aborted);

    // A runtime that shuts down while C waits, and one that has.
    let (started, is_started) = mpsc::channel();
    let waiting = {
        let handle = handle.clone();
        thread::spawn(move || {
            let _entered = handle.enter();
            let future = async move {
                started.send(()).unwrap();
                pending().await
            };
            script(future, "w")
        })
    };
    receive(&is_started);
    drop(runtime);
    assert_eq!(waiting.join().unwrap(), aborted);
    let _entered = handle.enter();
    assert_eq!(script(later(), "wcf"), aborted);
}

#[test]
fn c_cancels_and_frees_within_the_call() {
    let runtime = runtime();
    let _entered = runtime.enter();
    assert_eq!(reentrant(later()), DONE);
    assert_eq!(reentrant(ready(1.5)), DONE);
}

#[test]
fn c_cancels_and_frees_on_several_threads() {
    let runtime = runtime();
    let _entered = runtime.enter();
    for _ in 0..200 {
        assert_eq!(contended(pending()), CANCELLED);
        let outcome = contended(async {
            for _ in 0..4 {
                yield_now().await;
            }
            1.5
        });
        assert!(outcome == DONE || outcome == CANCELLED, "{outcome:?}");
    }
}

#[test]
fn c_keeps_a_value_in_a_box() {
    let runtime = runtime();
    let _entered = runtime.enter();
    assert_eq!(keeping(async { Some(Box::new(1.5)) }), DONE);
    let none = Outcome {
        value: Some(0.0),
        ..DONE
    };
    assert_eq!(keeping(async { None }), none);
}

#[test]
fn null_handles_do_nothing() {
    let null = Export::from_raw(std::ptr::null_mut());
    let number = Export::from_raw(std::ptr::without_provenance_mut(usize::MAX));
    for export in [null, number] {
        assert!(!export.cancel());
        export.free();
        assert_eq!(Export::from_raw(export.into_raw()), export);
    }
}
