//! Tests queues through their public interface.
//!
//! # What async's tests assert
//!
//! `test/queue.js`, test by test, with the test here that asserts the same. A repeated name stands for what that test
//! adds.
//!
//! | async | here |
//! | --- | --- |
//! | basics | `from_async::items_end_as_their_workers_do_and_start_in_order` |
//! | default concurrency | `from_async::without_a_concurrency_there_is_one_worker` |
//! | zero concurrency | `from_async::control::a_concurrency_of_0_is_refused` |
//! | error propagation | `from_async::an_error_goes_to_its_own_handle` |
//! | pushAsync | `from_async::each_push_has_a_handle` |
//! | unshiftAsync | `from_async::a_push_to_the_front_has_a_handle_and_is_first` |
//! | global error handler | `from_async::events::all_errors_go_to_the_hook_and_are_events` |
//! | changing concurrency | `from_async::control::a_changed_concurrency_takes_effect_at_once` |
//! | push without callback | `from_async::items_without_a_handle_are_worked_on` |
//! | push with non-function | cannot be written: there are no callbacks |
//! | push with arrays | `from_async::an_array_is_one_item` |
//! | unshift | `from_async::the_last_one_at_the_front_is_first` |
//! | too many callbacks | cannot be written: a worker returns once |
//! | bulk task | `from_async::items_pushed_together_have_their_outcomes_in_order` |
//! | idle | `from_async::events::queue_without_jobs_is_idle` |
//! | pause | `from_async::control::while_it_is_paused_nothing_is_started` |
//! | pause in worker with concurrency | `from_async::control::a_worker_may_pause_its_queue` |
//! | start paused | `from_async::control::it_may_start_paused` |
//! | kill | `from_async::control::nothing_is_started_or_drained_after_a_kill` |
//! | events | `from_async::events::events_come_in_order` |
//! | empty | `from_async::events::to_push_nothing_to_an_idle_queue_drains_it` |
//! | empty and not `idle()` | `from_async::events::it_is_empty_before_it_is_idle` |
//! | saturated | `from_async::events::events_come_in_order` |
//! | started | no such property: `len`, `running` and `is_idle` say more |
//! | `saturated`: called if tasks length is concurrency | `from_async::events::events_come_in_order`, when it begins |
//! | `unsaturated` (2): default and changed `buffer` | no such property: a worker is free, or none is |
//! | `unsaturated`: called if tasks length is less than … | `from_async::events::events_come_in_order`, when it begins |
//! | `workersList` (2) | `from_async::events::in_flight_items_are_listed` |
//! | remove | `from_async::control::removed_items_do_not_start` |
//! | should be iterable | `from_async::control::remove_can_inspect_waiting_items` |
//! | should error when re-assigning event methods | cannot be written: methods are not assigned to |
//!
//! `test/priorityQueue.js`:
//!
//! | async | here |
//! | --- | --- |
//! | priorityQueue | `priority::the_lowest_is_first_and_equals_are_in_order` |
//! | concurrency | `priority::several_workers_take_the_lowest_in_turn` |
//! | pushAsync | `priority::each_push_has_a_handle` |
//! | pause in worker with concurrency | `priority::a_worker_may_pause_its_queue` |
//! | kill | `priority::nothing_is_started_after_a_kill` |
//! | `workersList` (2) | `priority::in_flight_items_are_listed` |
//! | `saturated`, `unsaturated` (4) | `priority::events_come_in_order`, without a buffer |
//! | should call the drain callback if receives an empty push | `priority::to_push_nothing_drains_only_an_idle_queue` |
//! | should not call the drain callback if receives empty push and tasks are still pending | the same |
//! | should be iterable | `priority::remove_can_inspect_waiting_items` |
//! | should error when calling unshift, unshiftAsync | does not compile: there is no `push_front` |
//! | should error when the callback is called more than once | cannot be written: a worker returns once |
//!
//! Known faults of async that these tests would detect: promises that are pending for ever after `kill` or `remove`
//! (`ending`), `drain()` that never resolves on an idle queue (`ending`), a worker that throws and blocks the queue
//! (`panics`), a raised concurrency that starts nothing (`from_async`), no backpressure (`capacity`).
#![cfg(not(loom))]

mod capacity;
mod ending;
mod from_async;
mod handles;
mod model;
mod panics;
mod priority;
mod reentrancy;
mod removal;
mod self_wait;
mod self_wait_beside;
mod self_wait_threads;
#[cfg(feature = "tracing")]
mod span;
mod threads;

use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use conjoin_adapters::queue::{Queue, QueueError, QueueEvent, QueueEvents};
use futures::{FutureExt, StreamExt};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

type Outcome<T = u32> = Result<T, QueueError<&'static str>>;

/// A way to end a queue.
type End = fn(&Queue<u32, u32, &'static str>);

/// A generous limit, which ends at once on a paused clock if nothing else can run.
async fn soon<F: IntoFuture>(future: F) -> F::Output {
    timeout(Duration::from_secs(120), future.into_future())
        .await
        .expect("it ends")
}

/// Lets all tasks run as far as they can, on a paused clock.
async fn settle() {
    sleep(Duration::from_millis(1)).await;
}

fn milliseconds(time: u64) -> tokio::time::Sleep {
    sleep(Duration::from_millis(time))
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    let literal = panic.downcast_ref::<&str>().copied();
    literal
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .expect("a message")
}

/// A log of events, in order.
struct Log<T = u32>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Log<T> {
    fn clone(&self) -> Self {
        Log(Arc::clone(&self.0))
    }
}

impl<T: Clone> Log<T> {
    fn new() -> Self {
        Log(Arc::default())
    }

    fn push(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    fn entries(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }
}

/// A worker that records its items, and is ready at once.
fn noting(
    log: &Log,
) -> impl Fn(u32) -> std::future::Ready<Result<u32, &'static str>> + Send + Sync + 'static {
    let log = log.clone();
    move |item| {
        log.push(item);
        std::future::ready(Ok(item))
    }
}

/// A gate where workers wait for the test.
#[derive(Clone)]
struct Gate(Arc<Semaphore>);

impl Gate {
    fn new() -> Self {
        Gate(Arc::new(Semaphore::new(0)))
    }

    fn let_pass(&self, items: usize) {
        self.0.add_permits(items);
    }

    /// A worker that records an item when it starts, and ends when the gate lets it pass.
    fn worker(
        &self,
        log: &Log,
    ) -> impl Fn(u32) -> futures::future::BoxFuture<'static, Result<u32, &'static str>>
    + Send
    + Sync
    + 'static {
        let (gate, log) = (self.clone(), log.clone());
        move |item| {
            log.push(item);
            let gate = gate.clone();
            async move {
                gate.0.acquire().await.unwrap().forget();
                Ok(item)
            }
            .boxed()
        }
    }

    fn queue(&self, concurrency: usize) -> (Queue<u32, u32, &'static str>, Log) {
        let log = Log::new();
        (Queue::new(concurrency, self.worker(&log)), log)
    }
}

/// Receives the available events.
fn received(events: &mut QueueEvents) -> Vec<QueueEvent> {
    std::iter::from_fn(|| events.next().now_or_never().flatten()).collect()
}
