//! Tests runtimes and pools that have ended, or never existed.

use std::any::Any;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use conjoin_adapters::compute::cpu_on;
use conjoin_adapters::{ComputeError, blocking, cpu, spawn};

use crate::{Gate, finish, narrow_pool, narrow_runtime};

#[test]
fn all_ends_when_the_runtime_shuts_down() {
    let runtime = narrow_runtime();
    let entered = runtime.enter();
    let (gate, pass) = Gate::new();
    let running = blocking(|| {
        pass();
        1
    });
    gate.reached();
    let (queued, spawned) = (blocking(|| 2), spawn(pending::<u32>()));
    drop(entered);
    // It does not wait for the running closure.
    runtime.shutdown_background();
    assert_eq!(finish(spawned), Err(ComputeError::Cancelled));
    gate.open();
    assert_eq!(finish(running), Ok(1));
    // tokio decides which of the two it is.
    let queued = finish(queued);
    assert!(
        queued == Ok(2) || queued == Err(ComputeError::Cancelled),
        "{queued:?}"
    );
}

#[test]
fn work_after_shutdown_is_cancelled() {
    let runtime = narrow_runtime();
    let handle = runtime.handle().clone();
    drop(runtime);
    let _entered = handle.enter();
    assert_eq!(finish(blocking(|| 1)), Err(ComputeError::Cancelled));
    assert_eq!(finish(spawn(async { 1 })), Err(ComputeError::Cancelled));
    assert_eq!(finish(cpu(|| 1)), Ok(1));
}

#[test]
fn call_without_runtime_panics_at_the_caller() {
    fn text(payload: Box<dyn Any + Send>) -> String {
        *payload.downcast::<String>().expect("a text")
    }
    // The hook is global: panics of other tests arrive as well.
    let (sender, places) = std::sync::mpsc::channel();
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        sender
            .send(
                info.location()
                    .map(|place| (place.file().to_owned(), place.line())),
            )
            .ok();
        default(info);
    }));
    let line = line!() + 1;
    let unwind = catch_unwind(|| drop(blocking(|| 1)));
    assert!(text(unwind.expect_err("it panics")).contains("runtime"));
    let unwind = catch_unwind(|| drop(spawn(async { 1 })));
    assert!(text(unwind.expect_err("it panics")).contains("runtime"));
    let places: Vec<_> = places.try_iter().flatten().collect();
    for line in [line, line + 2] {
        assert!(
            places
                .iter()
                .any(|place| *place == (file!().to_owned(), line)),
            "{line} in {places:?}"
        );
    }
}

#[test]
fn a_job_that_is_dropped_is_cancelled() {
    assert_eq!(finish(cpu_on(drop, || 1)), Err(ComputeError::Cancelled));
}

#[test]
fn a_panic_of_the_function_that_takes_the_job_goes_on() {
    let held = Arc::new(());
    let inner = Arc::clone(&held);
    let call = || drop(cpu_on(|_job| panic!("no pool"), move || drop(inner)));
    let payload = catch_unwind(AssertUnwindSafe(call)).expect_err("the panic is resumed");
    assert_eq!(payload.downcast_ref(), Some(&"no pool"));
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_pool_that_is_dropped_ends_what_it_has() {
    let pool = narrow_pool();
    let (gate, pass) = Gate::new();
    let running = cpu_on(|job| pool.spawn(job), pass);
    gate.reached();
    let queued = cpu_on(|job| pool.spawn(job), || 2);
    drop(pool);
    gate.open();
    assert_eq!(finish(running), Ok(()));
    assert_eq!(finish(queued), Ok(2));
}
