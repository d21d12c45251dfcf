//! Tests loads that are dropped, in every state.

use std::cell::Cell;
use std::future::pending;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use conjoin_adapters::batch::Batch;
use futures::FutureExt;
use futures::task::noop_waker_ref;
use tokio::sync::Semaphore;
use tokio::{join, test};

use crate::Calls;

fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(noop_waker_ref()))
}

/// A batch whose loader waits at a gate, with counters.
struct Seen {
    calls: Calls<u32>,
    gate: Semaphore,
    running: Cell<usize>,
}

struct Running<'s>(&'s Cell<usize>);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Seen {
    fn new() -> Self {
        Seen {
            calls: Calls::new(),
            gate: Semaphore::new(0),
            running: Cell::new(0),
        }
    }

    async fn load(&self, keys: Vec<u32>) -> Vec<u32> {
        self.calls.note(&keys);
        self.running.set(self.running.get() + 1);
        let _running = Running(&self.running);
        self.gate.acquire().await.unwrap().forget();
        keys
    }
}

#[test]
async fn load_dropped_before_its_first_poll_asks_nothing() {
    let seen = Seen::new();
    let batch = Batch::new(async |keys| seen.load(keys).await);
    drop(batch.load(1));
    seen.gate.add_permits(1);
    assert_eq!(batch.load(2).await, Ok(2));
    assert_eq!(seen.calls.take(), [[2]]);
}

#[test]
async fn load_dropped_while_gathered_is_not_requested() {
    let seen = Seen::new();
    let batch = Batch::new(async |keys| seen.load(keys).await);
    seen.gate.add_permits(2);
    let (mut one, mut two, mut also_two) = (batch.load(1), batch.load(2), batch.load(2));
    assert!(poll(&mut one).is_pending() && poll(&mut two).is_pending());
    assert!(poll(&mut also_two).is_pending());
    drop(one);
    drop(two);
    assert_eq!(also_two.await, Ok(2));
    assert_eq!(seen.calls.take(), [[2]]);
    // It can be loaded again.
    assert_eq!(batch.load(1).await, Ok(1));
    assert_eq!(seen.calls.take(), [[1]]);
}

#[test]
async fn key_of_a_dropped_load_can_be_primed() {
    let batch = Batch::new(async |keys: Vec<u32>| keys);
    let (mut one, mut two) = (batch.load(1), batch.load(2));
    assert!(poll(&mut one).is_pending() && poll(&mut two).is_pending());
    drop(one);
    batch.prime(1, 10);
    assert_eq!(join!(two, batch.load(1)), (Ok(2), Ok(10)));
}

#[test]
async fn batch_whose_gathered_loads_are_dropped_is_empty() {
    let batch = Batch::new(async |keys: Vec<u32>| keys);
    let mut loads: Vec<_> = (0..100).map(|key| batch.load(key)).collect();
    for load in &mut loads {
        assert!(poll(load).is_pending());
    }
    drop(loads);
    let debug = format!("{batch:?}");
    assert!(debug.contains("known: 0, gathered: 0"), "{debug}");
}

#[test]
async fn other_loads_go_on_when_the_driving_one_is_dropped() {
    let seen = Seen::new();
    let batch = Batch::new(async |keys| seen.load(keys).await);
    for driver in 0..3 {
        let keys = [10 * driver + 1, 10 * driver + 2, 10 * driver + 3];
        let mut loads: Vec<_> = keys.iter().map(|&key| Some(batch.load(key))).collect();
        while seen.running.get() == 0 {
            for load in loads.iter_mut().flatten() {
                assert!(poll(load).is_pending());
            }
        }
        loads.remove(driver as usize);
        let rest = futures::future::join_all(loads.into_iter().flatten());
        let open = async {
            tokio::task::yield_now().await;
            seen.gate.add_permits(1);
        };
        let (values, ()) = join!(rest, open);
        assert!(values.iter().all(Result::is_ok));
        assert_eq!(seen.calls.take(), [keys]);
        // The value of the dropped load has arrived, too.
        assert_eq!(
            batch.load(keys[driver as usize]).now_or_never(),
            Some(Ok(keys[driver as usize]))
        );
    }
}

#[test]
async fn call_that_nobody_awaits_is_cancelled() {
    let seen = Seen::new();
    let batch = Batch::new(async |keys| seen.load(keys).await);
    let mut loads = [batch.load(1), batch.load(2)];
    while seen.running.get() == 0 {
        for load in &mut loads {
            assert!(poll(load).is_pending());
        }
    }
    let [one, two] = loads;
    drop(one);
    assert_eq!(seen.running.get(), 1);
    drop(two);
    assert_eq!(seen.running.get(), 0, "the loader still runs");
    seen.gate.add_permits(1);
    assert_eq!(batch.load(1).await, Ok(1));
    assert_eq!(seen.calls.take(), [vec![1, 2], vec![1]]);
}

#[test]
async fn load_can_join_a_call_under_way() {
    let seen = Seen::new();
    let batch = Batch::new(async |keys| seen.load(keys).await);
    let mut one = batch.load(1);
    while seen.running.get() == 0 {
        assert!(poll(&mut one).is_pending());
    }
    let mut late = batch.load(1);
    assert!(poll(&mut late).is_pending());
    drop(one);
    assert_eq!(seen.running.get(), 1);
    seen.gate.add_permits(1);
    assert_eq!(late.await, Ok(1));
    assert_eq!(seen.calls.take(), [[1]]);
}

#[test]
async fn load_dropped_after_its_value_came_changes_nothing() {
    let seen = Seen::new();
    let batch = Batch::new(async |keys| seen.load(keys).await);
    seen.gate.add_permits(1);
    let (mut one, mut two) = (batch.load(1), batch.load(2));
    while poll(&mut one).is_pending() {
        let _ = poll(&mut two);
    }
    drop((one, two));
    assert_eq!(batch.load_many([1, 2]).await, [Ok(1), Ok(2)]);
    assert_eq!(seen.calls.take(), [[1, 2]]);
}

#[test]
async fn loader_that_never_ends_is_dropped_with_its_loads() {
    let batch = Batch::new(async |_: Vec<u32>| -> Vec<u32> { pending().await });
    let mut load = pin!(tokio::time::timeout(
        std::time::Duration::from_millis(1),
        batch.load(1)
    ));
    assert!(load.as_mut().await.is_err());
}

#[test]
async fn keys_and_values_are_dropped_once() {
    let alive = std::sync::Arc::new(());
    let batch = Batch::new(async |keys: Vec<u32>| {
        tokio::task::yield_now().await;
        keys.into_iter().map(|_| alive.clone()).collect::<Vec<_>>()
    });
    for last in 0..6 {
        let mut loads: Vec<_> = (0..20).map(|key| batch.load(key % 7)).collect();
        for _ in 0..last {
            for load in loads.iter_mut().skip(last) {
                let _ = poll(load).map(drop);
            }
            loads.pop();
            loads.retain_mut(|load| poll(load).is_pending());
        }
        drop(loads);
        batch.clear_all();
        assert_eq!(std::sync::Arc::strong_count(&alive), 1, "{last}");
    }
}
