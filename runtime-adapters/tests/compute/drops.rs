//! Tests futures that are dropped, at every stage.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Weak};
use std::time::SystemTime;
use std::{env, hint, thread};

use conjoin::auto;
use conjoin_adapters::compute::cpu_on;
use conjoin_adapters::{ComputeError, blocking, cpu, spawn};
use futures::future::LocalBoxFuture;

use crate::{Gate, HANGING, Tell, ended, finish, narrow_pool, narrow_runtime, poll};

/// Drops the future of a queued closure, after it has been polled or before.
fn drop_queued<F: Future + Unpin>(call: impl Fn(Box<dyn FnOnce() + Send>) -> F, is_polled: bool) {
    let (gate, pass) = Gate::new();
    let held = call(Box::new(pass));
    gate.reached();
    let (tell, dropped) = Tell::new();
    let mut queued = call(Box::new(move || {
        // It would report this as well, but later.
        tell.0.send(thread::current().id()).unwrap();
        drop(tell);
    }));
    if is_polled {
        assert!(poll(&mut queued).is_pending());
    }
    drop(queued);
    // The queue keeps it until a thread gets to it.
    assert!(dropped.try_recv().is_err());
    gate.open();
    finish(held);
    finish(call(Box::new(|| ())));
    assert_eq!(dropped.try_iter().count(), 1);
}

#[test]
fn a_closure_that_has_not_started_never_runs() {
    let (runtime, pool) = (narrow_runtime(), narrow_pool());
    let _entered = runtime.enter();
    for is_polled in [false, true] {
        drop_queued(|closure| cpu_on(|job| pool.spawn(job), closure), is_polled);
        drop_queued(blocking, is_polled);
    }
}

/// Drops the future of a running closure.
fn drop_running<F: Future + Unpin>(
    call: impl Fn(Box<dyn FnOnce() -> Tell + Send>) -> F,
    is_polled: bool,
) {
    let (gate, pass) = Gate::new();
    let (tell, dropped) = Tell::new();
    let mut running = call(Box::new(move || {
        pass();
        tell
    }));
    let there = gate.reached();
    if is_polled {
        assert!(poll(&mut running).is_pending());
    }
    drop(running);
    assert!(dropped.try_recv().is_err());
    gate.open();
    assert_eq!(dropped.recv_timeout(HANGING), Ok(there));
}

#[test]
fn running_closure_finishes_and_drops_its_value() {
    let (runtime, pool) = (narrow_runtime(), narrow_pool());
    let _entered = runtime.enter();
    for is_polled in [false, true] {
        drop_running(|closure| cpu_on(|job| pool.spawn(job), closure), is_polled);
        drop_running(blocking, is_polled);
    }
}

#[test]
fn untaken_value_is_dropped_with_its_future() {
    let (runtime, pool) = (narrow_runtime(), narrow_pool());
    let _entered = runtime.enter();
    let (tell, dropped) = Tell::new();
    let future = cpu_on(|job| pool.spawn(job), || tell);
    // When the second one has ended, the value of the first has arrived.
    finish(cpu_on(|job| pool.spawn(job), || ())).unwrap();
    assert!(dropped.try_recv().is_err());
    drop(future);
    assert_eq!(dropped.try_recv(), Ok(thread::current().id()));

    let (tell, dropped) = Tell::new();
    let future = blocking(|| tell);
    finish(blocking(|| ())).unwrap();
    assert!(dropped.try_recv().is_err());
    drop(future);
    assert_eq!(dropped.try_recv(), Ok(thread::current().id()));
}

#[test]
fn a_spawned_future_is_dropped_where_it_waits() {
    let runtime = narrow_runtime();
    let _entered = runtime.enter();
    let (gate, pass) = Gate::new();
    let (tell, dropped) = Tell::new();
    let mut spawned = spawn(async move {
        pass();
        std::future::pending::<()>().await;
        drop(tell);
    });
    let there = gate.reached();
    assert!(poll(&mut spawned).is_pending());
    drop(spawned);
    // It computes, so it must yield first.
    assert!(dropped.try_recv().is_err());
    gate.open();
    assert_eq!(dropped.recv_timeout(HANGING), Ok(there));
}

#[tokio::test]
async fn a_spawned_future_that_was_never_polled_never_is() {
    let (tell, dropped) = Tell::new();
    drop(spawn(async move {
        tell.0.send(thread::current().id()).unwrap();
    }));
    ended(spawn(async {})).await.unwrap();
    assert_eq!(dropped.try_iter().count(), 1);
}

#[test]
fn an_error_in_a_graph_gives_up_what_waits_beside_it() {
    let pool = narrow_pool();
    let (gate, pass) = Gate::new();
    let held = cpu_on(|job| pool.spawn(job), pass);
    gate.reached();
    let (tell, ran) = Tell::new();
    let graph = auto! {
        _queued => cpu_on(|job| pool.spawn(job), move || tell.0.send(thread::current().id())).await.map_err(drop)?,
        _failing => Err::<(), ()>(())?,
    };
    assert!(finish(graph).is_err());
    gate.open();
    finish(held).unwrap();
    finish(cpu_on(|job| pool.spawn(job), || ())).unwrap();
    // Dropped, but not run.
    assert_eq!(ran.try_iter().count(), 1);
}

#[test]
fn a_closure_that_runs_can_see_that_nobody_waits() {
    let (gate, pass) = Gate::new();
    let (tell, ended) = Tell::new();
    let mut body = Box::pin(async move {
        let wanted = Arc::new(());
        let token: Weak<()> = Arc::downgrade(&wanted);
        let seen = cpu(move || {
            pass();
            while token.strong_count() > 0 {
                thread::yield_now();
            }
            drop(tell);
        });
        seen.await
    });
    assert!(poll(&mut body).is_pending());
    gate.reached();
    gate.open();
    // The closure runs on while something waits for it.
    assert!(poll(&mut body).is_pending());
    assert!(ended.try_recv().is_err());
    drop(body);
    assert!(ended.recv_timeout(HANGING).is_ok());
}

#[test]
fn values_are_dropped_once() {
    // Not dropped while something holds it.
    let (tell, dropped) = Tell::new();
    let kept: Result<Tell, ComputeError> = finish(cpu(|| tell));
    assert!(dropped.try_recv().is_err());
    drop(kept);
    assert_eq!(dropped.try_iter().count(), 1);
    assert_eq!(
        dropped.recv_timeout(HANGING),
        Err(RecvTimeoutError::Disconnected)
    );
}

/// `CONJOIN_SEED` repeats the random choices, but not the timing of threads.
#[test]
fn future_dropped_at_any_time_leaks_nothing() {
    const COUNT: u64 = 20_000;
    let seed = env::var("CONJOIN_SEED").map_or_else(
        |_| {
            SystemTime::UNIX_EPOCH
                .elapsed()
                .map_or(1, |time| time.subsec_nanos().into())
        },
        |seed| seed.parse().expect("CONJOIN_SEED is a number"),
    );
    println!("CONJOIN_SEED={seed}");
    let mut state: u64 = seed | 1;
    let mut random = |limit: u64| {
        // Marsaglia's xorshift64.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % limit
    };
    let runtime = narrow_runtime();
    let _entered = runtime.enter();
    let (sender, dropped) = channel();
    let mut kept = Vec::new();
    for number in 0..COUNT {
        let tell = Tell(sender.clone());
        let mut future: LocalBoxFuture<Result<(u64, Tell), ComputeError>> = match random(3) {
            0 => Box::pin(cpu(move || (number, tell))),
            1 => Box::pin(blocking(move || (number, tell))),
            _ => Box::pin(spawn(async move {
                tokio::task::yield_now().await;
                (number, tell)
            })),
        };
        if random(2) == 0 && poll(&mut future).is_ready() {
            continue;
        }
        (0..random(300)).for_each(|_| hint::spin_loop());
        if random(4) == 0 {
            kept.push((number, future));
        }
    }
    for (number, future) in kept {
        assert_eq!(finish(future).map(|(number, _)| number), Ok(number));
    }
    drop(sender);
    let mut count = 0;
    while dropped
        .recv_timeout(HANGING)
        .map_err(|error| assert_eq!(error, RecvTimeoutError::Disconnected))
        .is_ok()
    {
        count += 1;
    }
    assert_eq!(count, COUNT);
}
