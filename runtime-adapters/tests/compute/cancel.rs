//! Tests cancelling, and waiting until nothing runs any more.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use conjoin_adapters::compute::{CpuTask, SpawnedTask, cpu_on};
use conjoin_adapters::{blocking, spawn};

use crate::{Gate, finish, narrow_pool, narrow_runtime, poll};

/// Cancels a running closure, and one that waits for the same thread.
fn cancel_both<F, C>(call: impl Fn(Box<dyn FnOnce() + Send>) -> F, cancel: impl Fn(F) -> C)
where
    C: Future<Output = ()>,
{
    let (gate, pass) = Gate::new();
    let (held, kept) = (Arc::new(()), Arc::new(()));
    let (in_running, in_queued) = (Arc::clone(&held), Arc::clone(&kept));
    let running = call(Box::new(move || {
        pass();
        drop(in_running);
    }));
    gate.reached();
    let queued = call(Box::new(move || {
        // Its thread can be seen afterwards.
        std::mem::forget(in_queued);
    }));
    let (mut running, mut queued) = (Box::pin(cancel(running)), Box::pin(cancel(queued)));
    assert!(poll(&mut running).is_pending());
    assert!(poll(&mut queued).is_pending());
    gate.open();
    finish(running);
    assert_eq!(Arc::strong_count(&held), 1);
    finish(queued);
    assert_eq!(Arc::strong_count(&kept), 1);
}

#[test]
fn cancel_waits_for_the_closure_to_end() {
    let pool = narrow_pool();
    cancel_both(
        |closure| cpu_on(|job| pool.spawn(job), closure),
        CpuTask::cancel,
    );
    let runtime = narrow_runtime();
    let _entered = runtime.enter();
    cancel_both(blocking, SpawnedTask::cancel);
}

#[test]
fn cancel_waits_for_the_value_to_be_dropped() {
    struct Value<F: FnOnce()>(Option<F>);

    impl<F: FnOnce()> Drop for Value<F> {
        fn drop(&mut self) {
            self.0.take().into_iter().for_each(|pass| pass());
        }
    }

    let pool = narrow_pool();
    let ((ending, pass), (dropping, pass_drop)) = (Gate::new(), Gate::new());
    let computing = cpu_on(
        |job| pool.spawn(job),
        move || {
            pass();
            Value(Some(pass_drop))
        },
    );
    ending.reached();
    let mut cancelled = Box::pin(computing.cancel());
    assert!(poll(&mut cancelled).is_pending());
    ending.open();
    dropping.reached();
    assert!(poll(&mut cancelled).is_pending());
    dropping.open();
    finish(cancelled);
}

#[test]
fn cancel_waits_for_the_future_to_be_dropped() {
    let runtime = narrow_runtime();
    let _entered = runtime.enter();
    let (gate, pass) = Gate::new();
    let held = Arc::new(());
    let inner = Arc::clone(&held);
    let spawned = spawn(async move {
        pass();
        std::future::pending::<()>().await;
        drop(inner);
    });
    gate.reached();
    let mut cancelled = Box::pin(spawned.cancel());
    assert!(poll(&mut cancelled).is_pending());
    assert_eq!(Arc::strong_count(&held), 2);
    gate.open();
    finish(cancelled);
    assert_eq!(Arc::strong_count(&held), 1);
}

/// The count at the time when the waker was called.
struct Counted {
    held: Arc<()>,
    count: Mutex<Option<usize>>,
}

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        *self.count.lock().expect("a count") = Some(Arc::strong_count(&self.held));
    }
}

type Job = Box<dyn FnOnce() + Send>;

/// Polls the future that `wait` makes from a job's future, then does something to the job.
fn when_told<C: Future + ?Sized>(
    wait: impl FnOnce(CpuTask<()>) -> Pin<Box<C>>,
    and_then: impl FnOnce(Job),
) -> Option<usize> {
    let counted = Arc::new(Counted {
        held: Arc::new(()),
        count: Mutex::new(None),
    });
    let (inner, mut job) = (Arc::clone(&counted.held), None);
    let mut waiting = wait(cpu_on(|given| job = Some(given), move || drop(inner)));
    let waker = Waker::from(Arc::clone(&counted));
    assert!(
        waiting
            .as_mut()
            .poll(&mut Context::from_waker(&waker))
            .is_pending()
    );
    assert_eq!(Arc::strong_count(&counted.held), 2);
    and_then(job.expect("it is given at once"));
    *counted.count.lock().expect("a count")
}

#[test]
fn future_wakes_after_the_closure_is_dropped() {
    // It has ended, was dropped, or one of these was in vain: nothing of the closure remains.
    assert_eq!(when_told(Box::pin, |job| job()), Some(1));
    assert_eq!(when_told(Box::pin, drop), Some(1));
    assert_eq!(
        when_told(|future| Box::pin(future.cancel()), |job| job()),
        Some(1)
    );
    assert_eq!(when_told(|future| Box::pin(future.cancel()), drop), Some(1));
}
