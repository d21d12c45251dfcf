//! Tests the values, and the threads that they come from.

use std::fmt::Debug;
use std::sync::mpsc::channel;
use std::sync::{Arc, Barrier};
use std::thread;

use conjoin::auto;
use conjoin_adapters::compute::{CpuTask, SpawnedTask, cpu_on};
use conjoin_adapters::{ComputeError, blocking, cpu, spawn};
use futures::future::join_all;

use crate::{HANGING, ended, finish, narrow_pool, narrow_runtime};

#[tokio::test]
async fn closures_run_on_other_threads_than_the_callers() {
    let here = thread::current().id();
    let blocking = ended(blocking(|| thread::current().id())).await.unwrap();
    let cpu = ended(cpu(|| thread::current().id())).await.unwrap();
    assert_ne!(blocking, here);
    assert!(rayon::broadcast(|_| thread::current().id()).contains(&cpu));
    assert!(!rayon::broadcast(|_| thread::current().id()).contains(&blocking));
}

#[test]
fn a_spawned_future_runs_on_a_thread_of_the_runtime() {
    let runtime = narrow_runtime();
    let (here, there) = runtime.block_on(async {
        let there = ended(spawn(async {
            tokio::task::yield_now().await;
            thread::current().id()
        }));
        (thread::current().id(), there.await.unwrap())
    });
    assert_ne!(here, there);
}

#[test]
fn all_start_at_the_call() {
    let runtime = narrow_runtime();
    let (sender, started) = channel();
    let _entered = runtime.enter();
    let (one, two, three) = (sender.clone(), sender.clone(), sender);
    // They are never polled.
    let _blocking = blocking(move || one.send(1).unwrap());
    assert_eq!(started.recv_timeout(HANGING), Ok(1));
    let _cpu = cpu(move || two.send(2).unwrap());
    assert_eq!(started.recv_timeout(HANGING), Ok(2));
    let _spawned = spawn(async move { three.send(3).unwrap() });
    assert_eq!(started.recv_timeout(HANGING), Ok(3));
}

#[test]
fn tasks_run_concurrently_and_keep_their_order() {
    let runtime = narrow_runtime();
    let meet = Arc::new(Barrier::new(3));
    let (at_blocking, at_cpu, at_spawned) = (Arc::clone(&meet), Arc::clone(&meet), meet);
    // The first waits for the second, and the second for the third: they end in reverse order.
    let ((two, is_two), (three, is_three)) = (channel(), channel());
    let graph = auto! {
        first => blocking(move || { at_blocking.wait(); is_two.recv_timeout(HANGING).map(|n: u32| n - 1) }).await?,
        second => cpu(move || {
            at_cpu.wait();
            let n: u32 = is_three.recv_timeout(HANGING).unwrap() - 1;
            two.send(n).unwrap();
            n
        }).await?,
        third => spawn(async move { at_spawned.wait(); three.send(3_u32).unwrap(); 3_u32 }).await?,
        sum: [first, second, third] => cpu({ let all = [first.unwrap(), *second, *third]; move || all }).await?,
        => sum,
    };
    assert_eq!(
        runtime.block_on(ended(graph)),
        Ok::<_, ComputeError>([1, 2, 3])
    );
}

#[test]
fn ten_thousand_at_a_time_all_bring_their_own_value() {
    const COUNT: usize = 10_000;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .unwrap();
    let all = |values: Vec<Result<usize, ComputeError>>| values.into_iter().eq((0..COUNT).map(Ok));
    runtime.block_on(async {
        assert!(all(ended(join_all(
            (0..COUNT).map(|n| blocking(move || n))
        ))
        .await));
        assert!(all(
            ended(join_all((0..COUNT).map(|n| cpu(move || n)))).await
        ));
        assert!(all(ended(join_all(
            (0..COUNT).map(|n| spawn(async move { n }))
        ))
        .await));
    });
}

#[test]
fn calls_from_elsewhere_start_in_their_order() {
    let pool = narrow_pool();
    let (sender, order) = channel();
    let calls = (0..1_000).map(|n| {
        let sender = sender.clone();
        cpu_on(|job| pool.spawn(job), move || sender.send(n).unwrap())
    });
    finish(join_all(calls.collect::<Vec<_>>()));
    assert!(order.try_iter().eq(0..1_000));
}

#[test]
fn futures_may_be_polled_without_a_runtime() {
    assert_eq!(futures::executor::block_on(cpu(|| 1)), Ok(1));
    let runtime = narrow_runtime();
    let (blocking, spawned) = {
        let _entered = runtime.enter();
        (blocking(|| 2), spawn(async { 3 }))
    };
    assert_eq!(futures::executor::block_on(blocking), Ok(2));
    assert_eq!(futures::executor::block_on(spawned), Ok(3));
}

#[test]
fn any_thread_may_run_any_job() {
    let future = cpu_on(thread::spawn, || thread::current().id());
    assert_ne!(finish(future), Ok(thread::current().id()));
    // On this thread, before there is a future.
    assert_eq!(
        finish(cpu_on(|job| job(), || thread::current().id())),
        Ok(thread::current().id())
    );
}

#[test]
fn futures_move_between_threads_and_print() {
    fn check<F: Future<Output = Result<T, ComputeError>> + Send + Unpin + Debug, T>(_: &F) {}
    // Their values need not be `Sync` or `Debug`.
    struct Value {
        _cell: std::cell::Cell<u8>,
    }
    let runtime = narrow_runtime();
    let _entered = runtime.enter();
    let cpu: CpuTask<_> = cpu(|| Value { _cell: 1.into() });
    let spawned: SpawnedTask<_> = spawn(async { Value { _cell: 1.into() } });
    check(&cpu);
    check(&spawned);
    assert!(format!("{cpu:?}").starts_with("CpuTask(CallbackFuture("));
    assert!(format!("{spawned:?}").starts_with("SpawnedTask { is_finished: "));
}

#[test]
fn errors_say_why() {
    assert_eq!(
        ComputeError::Panicked("no".into()).to_string(),
        "panicked: no"
    );
    assert_eq!(
        ComputeError::Cancelled.to_string(),
        "the runtime or pool of the work has shut down"
    );
}
