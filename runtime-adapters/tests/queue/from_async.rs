//! The tests of async's `queue`; the table is in `main.rs`.

use std::panic::catch_unwind;
use std::sync::{Arc, OnceLock};

use conjoin_adapters::queue::QueueEvent::{Drained, Empty, Error, Saturated, Unsaturated};
use conjoin_adapters::queue::{Queue, QueueError, WeakQueue};
use futures::{FutureExt, StreamExt};

use super::{Gate, Log, message, milliseconds, noting, received, settle, soon};

/// The delays of async's tests: workers end in another order than they begin.
const DELAYS: [u64; 4] = [50, 10, 180, 10];

fn delaying(
    log: &Log,
) -> impl Fn(u32) -> futures::future::BoxFuture<'static, Result<(), u32>> + Send + Sync + 'static {
    let log = log.clone();
    move |item| {
        let log = log.clone();
        async move {
            milliseconds(DELAYS[item as usize - 1]).await;
            log.push(item);
            Err(item)
        }
        .boxed()
    }
}

#[tokio::test(start_paused = true)]
async fn items_end_as_their_workers_do_and_start_in_order() {
    let log = Log::new();
    let queue = Queue::new(2, delaying(&log));
    let ended = Log::new();
    let handles: Vec<_> = (1..=4)
        .map(|item| {
            let pushed = queue.push(item);
            let (queue, ended) = (queue.clone(), ended.clone());
            tokio::spawn(async move {
                assert_eq!(pushed.await, Err(QueueError::Failed(item)));
                ended.push((item, queue.len()));
            })
        })
        .collect();
    assert_eq!(
        (queue.len(), queue.running(), queue.concurrency()),
        (4, 0, 2)
    );
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [2, 1, 4, 3]);
    assert_eq!(
        (queue.len(), queue.running(), queue.concurrency()),
        (0, 0, 2)
    );
    for handle in handles {
        soon(handle).await.unwrap();
    }
    // The next item has started when the waiting task runs.
    assert_eq!(ended.entries(), [(2, 1), (1, 0), (4, 0), (3, 0)]);
}

#[tokio::test(start_paused = true)]
async fn without_a_concurrency_there_is_one_worker() {
    let log = Log::new();
    let queue = Queue::builder(delaying(&log)).build();
    assert_eq!(queue.concurrency(), 1);
    let all = queue.push_all(1..=4);
    assert_eq!(queue.len(), 4);
    soon(all).await;
    assert_eq!(log.entries(), [1, 2, 3, 4]);
}

#[test]
fn a_concurrency_of_0_is_refused() {
    const REFUSAL: &str =
        "the concurrency of a queue is 0; help: use at least 1, and `pause` to start no more jobs";
    let panic = catch_unwind(|| Queue::new(0, async |(): ()| Ok::<_, ()>(()))).unwrap_err();
    assert_eq!(message(&*panic), REFUSAL);
    let queue = Queue::new(3, async |(): ()| Ok::<_, ()>(()));
    let panic =
        catch_unwind(std::panic::AssertUnwindSafe(|| queue.set_concurrency(0))).unwrap_err();
    assert_eq!(message(&*panic), REFUSAL);
    assert_eq!(queue.concurrency(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_error_goes_to_its_own_handle() {
    let queue = Queue::new(2, async |item: &str| {
        if item == "foo" {
            Err("fooError")
        } else {
            Ok(item)
        }
    });
    let (bar, foo) = (queue.push("bar"), queue.push("foo"));
    assert_eq!(soon(foo).await, Err(QueueError::Failed("fooError")));
    assert_eq!(soon(bar).await, Ok("bar"));
}

#[tokio::test(start_paused = true)]
async fn each_push_has_a_handle() {
    let log = Log::new();
    let queue = Queue::new(
        1,
        async |item: u32| if item == 2 { Err("fail") } else { Ok(item) },
    );
    let note = |expected: Result<u32, QueueError<_>>, pushed| {
        let log = log.clone();
        tokio::spawn(async move {
            assert_eq!(soon(pushed).await, expected);
            log.push(expected.unwrap_or(2));
        })
    };
    let mut tasks = vec![
        note(Ok(1), queue.push(1)),
        note(Err(QueueError::Failed("fail")), queue.push(2)),
    ];
    tasks.extend(
        queue
            .push_all([3, 4])
            .into_iter()
            .zip(3..)
            .map(|(pushed, item)| note(Ok(item), pushed)),
    );
    for task in tasks {
        soon(task).await.unwrap();
    }
    assert_eq!(log.entries(), [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_push_to_the_front_has_a_handle_and_is_first() {
    let log = Log::new();
    let queue = Queue::new(1, noting(&log));
    let handles: Vec<_> = [1, 2, 3].map(|item| queue.push_front(item)).into();
    for (pushed, item) in handles.into_iter().zip(1..) {
        assert_eq!(soon(pushed).await, Ok(item));
    }
    assert_eq!(log.entries(), [3, 2, 1]);
}

#[tokio::test(start_paused = true)]
async fn all_errors_go_to_the_hook_and_are_events() {
    let errors = Log::new();
    let note = errors.clone();
    let queue = Queue::builder(async |item: &str| match item {
        "foo" => Err("fooError"),
        "oh" => panic!("oh"),
        _ => Ok(()),
    })
    .concurrency(2)
    .on_error(move |error| note.push(error.clone()))
    .build();
    let mut events = queue.events();
    drop(queue.push_all(["foo", "bar", "oh"]));
    soon(queue.drained()).await;
    assert_eq!(
        errors.entries(),
        [
            QueueError::Failed("fooError"),
            QueueError::Panicked("oh".into())
        ]
    );
    settle().await;
    assert_eq!(
        received(&mut events)
            .iter()
            .filter(|event| **event == Error)
            .count(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn a_changed_concurrency_takes_effect_at_once() {
    let gate = Gate::new();
    let (queue, log) = gate.queue(1);
    let all = queue.push_all(0..50);
    settle().await;
    assert_eq!(queue.running(), 1);
    // Nothing ends meanwhile, so nothing else can start.
    queue.set_concurrency(2);
    settle().await;
    assert_eq!(queue.running(), 2);
    queue.set_concurrency(5);
    settle().await;
    assert_eq!((queue.running(), log.entries().len()), (5, 5));
    queue.set_concurrency(3);
    gate.let_pass(2);
    settle().await;
    assert_eq!(
        (queue.running(), log.entries().len()),
        (3, 5),
        "nothing is started in their place"
    );
    gate.let_pass(1);
    settle().await;
    assert_eq!((queue.running(), log.entries().len()), (3, 6));
    queue.set_concurrency(1000);
    gate.let_pass(47);
    assert_eq!(soon(all).await, (0..50).map(Ok).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn items_without_a_handle_are_worked_on() {
    let log = Log::new();
    let queue = Queue::new(2, delaying(&log));
    for item in 1..=4 {
        drop(queue.push(item));
    }
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [2, 1, 4, 3]);
}

#[tokio::test(start_paused = true)]
async fn an_array_is_one_item() {
    let queue = Queue::new(1, async |item: [u32; 3]| Ok::<_, ()>(item.len()));
    assert_eq!(
        soon(queue.push_all([[1, 2, 3], [4, 5, 6]])).await,
        [Ok(3), Ok(3)]
    );
}

#[tokio::test(start_paused = true)]
async fn the_last_one_at_the_front_is_first() {
    let log = Log::new();
    let queue = Queue::new(1, noting(&log));
    drop(queue.push(5));
    for item in [4, 3, 2, 1] {
        drop(queue.push_front(item));
    }
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [1, 2, 3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn items_pushed_together_have_their_outcomes_in_order() {
    let log = Log::new();
    let queue = Queue::new(2, delaying(&log));
    let all = queue.push_all(1..=4);
    assert_eq!(queue.len(), 4);
    assert_eq!(
        soon(all).await,
        [1, 2, 3, 4].map(|item| Err(QueueError::Failed(item)))
    );
    assert_eq!(log.entries(), [2, 1, 4, 3]);
}

#[tokio::test(start_paused = true)]
async fn queue_without_jobs_is_idle() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(1);
    assert!(queue.is_idle() && queue.is_empty());
    let pushed = queue.push(1);
    assert!(!queue.is_idle() && !queue.is_empty());
    settle().await;
    assert!(!queue.is_idle() && queue.is_empty());
    gate.let_pass(1);
    assert_eq!(soon(pushed).await, Ok(1));
    assert!(queue.is_idle());
    assert_eq!(queue.running(), 0);
}

#[tokio::test(start_paused = true)]
async fn while_it_is_paused_nothing_is_started() {
    let gate = Gate::new();
    let (queue, log) = gate.queue(2);
    let mut all = queue.push_all(1..=3).into_iter();
    settle().await;
    queue.pause();
    assert!(queue.is_paused());
    gate.let_pass(2);
    assert_eq!(soon(all.next().unwrap()).await, Ok(1));
    assert_eq!(soon(all.next().unwrap()).await, Ok(2));
    let fourth = queue.push(4);
    settle().await;
    assert_eq!(
        (log.entries(), queue.len(), queue.running()),
        (vec![1, 2], 2, 0)
    );
    gate.let_pass(2);
    queue.resume();
    assert!(!queue.is_paused());
    assert_eq!(soon(all.next().unwrap()).await, Ok(3));
    assert_eq!(soon(fourth).await, Ok(4));
    assert_eq!(log.entries(), [1, 2, 3, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_may_pause_its_queue() {
    let log = Log::new();
    let own = Arc::new(OnceLock::<WeakQueue<u32, (), &str>>::new());
    let (note, queue) = (log.clone(), Arc::clone(&own));
    let queue = Queue::new(10, move |item| {
        let (note, queue) = (note.clone(), queue.get().unwrap().upgrade().unwrap());
        async move {
            if item == 1 {
                queue.pause();
                milliseconds(50).await;
                note.push(item);
                queue.resume();
            } else {
                note.push(item);
            }
            Ok(())
        }
    });
    own.set(queue.downgrade()).unwrap();
    drop(queue.push_all(1..=5));
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [1, 2, 3, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn it_may_start_paused() {
    let log = Log::new();
    let queue = Queue::builder(noting(&log)).concurrency(2).paused().build();
    let all = queue.push_all(1..=3);
    settle().await;
    assert_eq!(
        (queue.running(), queue.len(), log.entries()),
        (0, 3, vec![])
    );
    queue.resume();
    assert_eq!(soon(all).await, [Ok(1), Ok(2), Ok(3)]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_started_or_drained_after_a_kill() {
    let log = Log::new();
    let queue = Queue::new(1, noting(&log));
    let events = queue.events();
    drop(queue.push(0));
    queue.kill();
    assert_eq!(queue.len(), 0);
    settle().await;
    assert_eq!(log.entries(), [0; 0]);
    assert_eq!(soon(events.collect::<Vec<_>>()).await, []);
    assert_eq!(soon(queue.events().collect::<Vec<_>>()).await, []);
}

#[tokio::test(start_paused = true)]
async fn events_come_in_order() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(3);
    let mut events = queue.events();
    let all = queue.push_all(0..5);
    settle().await;
    assert_eq!(received(&mut events), [Saturated]);
    gate.let_pass(1);
    settle().await;
    assert_eq!(received(&mut events), [], "another one has taken its place");
    gate.let_pass(1);
    settle().await;
    assert_eq!(received(&mut events), [Empty]);
    gate.let_pass(1);
    settle().await;
    assert_eq!(received(&mut events), [Unsaturated]);
    gate.let_pass(2);
    soon(all).await;
    settle().await;
    assert_eq!(received(&mut events), [Drained]);

    // Items wait because the concurrency was lowered.
    drop(queue.push_all([1, 2]));
    settle().await;
    assert_eq!(received(&mut events), [Empty]);
    queue.set_concurrency(1);
    assert_eq!(received(&mut events), [Saturated]);
    queue.set_concurrency(3);
    assert_eq!(received(&mut events), [Unsaturated]);
    gate.let_pass(2);
    soon(queue.close()).await;
    assert_eq!(soon(events.collect::<Vec<_>>()).await, [Drained]);
}

#[tokio::test(start_paused = true)]
async fn to_push_nothing_to_an_idle_queue_drains_it() {
    let queue = Queue::new(3, async |item: u32| Ok::<_, ()>(item));
    let mut events = queue.events();
    assert_eq!(soon(queue.push_all([])).await, []);
    assert_eq!(received(&mut events), [Drained]);
    soon(queue.drained()).await;
    drop(queue.push(1));
    assert_eq!(soon(queue.push_all([])).await, []);
    settle().await;
    assert_eq!(received(&mut events), [Empty, Drained]);
}

#[tokio::test(start_paused = true)]
async fn it_is_empty_before_it_is_idle() {
    let gate = Gate::new();
    let (queue, _) = gate.queue(1);
    let mut events = queue.events();
    drop(queue.push(1));
    assert_eq!(soon(events.next()).await, Some(Empty));
    assert!(!queue.is_idle());
    assert_eq!(queue.running(), 1);
    gate.let_pass(1);
    soon(queue.drained()).await;
    settle().await;
    assert_eq!(received(&mut events), [Saturated, Unsaturated, Drained]);
}

#[tokio::test(start_paused = true)]
async fn in_flight_items_are_listed() {
    let gate = Gate::new();
    let log = Log::new();
    let queue = Queue::builder(gate.worker(&log))
        .concurrency(2)
        .tracked()
        .build();
    let in_flight = || {
        queue
            .in_flight()
            .unwrap()
            .iter()
            .map(|item| **item)
            .collect::<Vec<u32>>()
    };
    drop(queue.push_all([7, 8, 9]));
    assert_eq!(in_flight(), [0; 0]);
    settle().await;
    assert_eq!((in_flight(), queue.running()), (vec![7, 8], 2));
    gate.let_pass(1);
    settle().await;
    assert_eq!((in_flight(), queue.running()), (vec![8, 9], 2));
    gate.let_pass(2);
    soon(queue.drained()).await;
    assert_eq!((in_flight(), queue.running()), (vec![], 0));
    assert_eq!(gate.queue(1).0.in_flight(), None, "it is not tracked");
}

#[tokio::test(start_paused = true)]
async fn removed_items_do_not_start() {
    let log = Log::new();
    let queue = Queue::new(1, noting(&log));
    drop(queue.push_all(1..=5));
    assert_eq!(queue.remove(|item| *item == 3), [3]);
    soon(queue.drained()).await;
    assert_eq!(log.entries(), [1, 2, 4, 5]);
}

#[tokio::test(start_paused = true)]
async fn remove_can_inspect_waiting_items() {
    let queue = Queue::builder(async |item: u32| Ok::<_, ()>(item))
        .paused()
        .build();
    drop(queue.push_all(1..=3));
    drop(queue.push_front(0));
    let mut waiting = Vec::new();
    let removed = queue.remove(|item| {
        waiting.push(*item);
        false
    });
    assert!(removed.is_empty());
    assert_eq!((waiting, queue.len()), (vec![0, 1, 2, 3], 4));
    queue.resume();
    soon(queue.drained()).await;
    assert!(queue.remove(|_| true).is_empty());
}
