//! The tests of async's `queue`; the table is in `main.rs`.

mod control;
mod events;

use conjoin_adapters::queue::{Queue, QueueError};
use futures::FutureExt;

use super::{Log, milliseconds, noting, soon};

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
