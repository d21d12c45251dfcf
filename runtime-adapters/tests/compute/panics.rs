//! Tests panics: in the work, in drops, and in wakers. By default rayon aborts the process at a panic that reaches it.

use std::panic::{AssertUnwindSafe, catch_unwind, panic_any};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::thread::{self, ThreadId};

use conjoin_adapters::compute::cpu_on;
use conjoin_adapters::{ComputeError, blocking, cpu, spawn};
use rayon::ThreadPool;

use crate::{Bomb, Gate, finish, narrow_pool, narrow_runtime, poll};

/// Checks that the pool's thread still exists.
fn thread_of(pool: &ThreadPool) -> ThreadId {
    finish(cpu_on(|job| pool.spawn(job), || thread::current().id())).unwrap()
}

#[test]
fn a_panic_is_an_error_with_its_message() {
    fn fail() {
        panic!("of {}", "the work");
    }
    let panicked = |message: &str| Err(ComputeError::Panicked(message.into()));
    let runtime = narrow_runtime();
    let _entered = runtime.enter();
    assert_eq!(finish(cpu(fail)), panicked("of the work"));
    assert_eq!(finish(blocking(fail)), panicked("of the work"));
    assert_eq!(finish(spawn(async { fail() })), panicked("of the work"));
    assert_eq!(
        finish(cpu(|| panic!("plain"))),
        panicked("plain").map(|()| 0)
    );
    assert_eq!(
        finish(cpu(|| panic_any(7))),
        panicked("a panic without a message").map(|()| 0)
    );
}

#[test]
fn threads_survive_panics() {
    let pool = narrow_pool();
    let before = thread_of(&pool);
    assert!(
        finish(cpu_on(|job| pool.spawn(job), || panic!("of the work")))
            .map(|()| 0)
            .is_err()
    );
    assert_eq!(thread_of(&pool), before);
}

#[test]
fn panic_payload_may_panic() {
    let (runtime, pool) = (narrow_runtime(), narrow_pool());
    let _entered = runtime.enter();
    let panicked = Err(ComputeError::Panicked("a panic without a message".into()));
    let before = thread_of(&pool);
    assert_eq!(
        finish(cpu_on(|job| pool.spawn(job), || panic_any(Bomb))),
        panicked
    );
    assert_eq!(thread_of(&pool), before);
    assert!(finish(blocking(|| panic_any(Bomb))).is_err());
}

#[test]
fn a_value_that_nobody_waits_for_may_panic() {
    let (runtime, pool) = (narrow_runtime(), narrow_pool());
    let _entered = runtime.enter();
    let before = thread_of(&pool);
    let (gate, pass) = Gate::new();
    let unclaimed = cpu_on(
        |job| pool.spawn(job),
        || {
            pass();
            Bomb
        },
    );
    gate.reached();
    drop(unclaimed);
    gate.open();
    assert_eq!(thread_of(&pool), before);

    let (gate, pass) = Gate::new();
    let unclaimed = blocking(|| {
        pass();
        Bomb
    });
    gate.reached();
    drop(unclaimed);
    gate.open();
    assert_eq!(finish(blocking(|| 1)), Ok(1));
}

#[test]
fn nested_panic_payload_may_panic() {
    struct Worse;

    impl Drop for Worse {
        fn drop(&mut self) {
            panic_any(Bomb);
        }
    }

    let pool = narrow_pool();
    let before = thread_of(&pool);
    let (gate, pass) = Gate::new();
    let unclaimed = cpu_on(
        |job| pool.spawn(job),
        || {
            pass();
            Worse
        },
    );
    gate.reached();
    drop(unclaimed);
    gate.open();
    assert_eq!(thread_of(&pool), before);
}

#[test]
fn a_value_that_is_there_panics_as_its_type_says() {
    let (runtime, pool) = (narrow_runtime(), narrow_pool());
    let _entered = runtime.enter();
    let unclaimed = cpu_on(|job| pool.spawn(job), || Bomb);
    thread_of(&pool);
    catch_unwind(AssertUnwindSafe(|| drop(unclaimed))).expect_err("the value is dropped here");

    let unclaimed = blocking(|| Bomb);
    finish(blocking(|| ())).unwrap();
    // Like tokio.
    drop(unclaimed);
}

#[test]
fn unrun_closure_may_panic_in_its_drop() {
    let (runtime, pool) = (narrow_runtime(), narrow_pool());
    let _entered = runtime.enter();
    let before = thread_of(&pool);
    let (gate, pass) = Gate::new();
    let held = cpu_on(|job| pool.spawn(job), pass);
    gate.reached();
    let bomb = Bomb;
    drop(cpu_on(|job| pool.spawn(job), || drop(bomb)));
    gate.open();
    finish(held).unwrap();
    assert_eq!(thread_of(&pool), before);

    let (gate, pass) = Gate::new();
    let held = blocking(pass);
    gate.reached();
    let bomb = Bomb;
    drop(blocking(|| drop(bomb)));
    gate.open();
    finish(held).unwrap();
    assert_eq!(finish(blocking(|| 1)), Ok(1));
}

#[test]
fn a_waker_may_panic() {
    struct Panicking;

    impl Wake for Panicking {
        fn wake(self: Arc<Self>) {
            panic!("woken");
        }
    }

    let pool = narrow_pool();
    let before = thread_of(&pool);
    let (gate, pass) = Gate::new();
    let mut future = cpu_on(|job| pool.spawn(job), pass);
    gate.reached();
    let waker = Waker::from(Arc::new(Panicking));
    assert!(
        pin!(&mut future)
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    gate.open();
    assert_eq!(thread_of(&pool), before);
    assert!(poll(&mut future).is_ready());
}
