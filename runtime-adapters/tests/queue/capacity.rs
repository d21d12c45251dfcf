//! Tests backpressure: what a full queue does with a further item.

use std::panic::catch_unwind;

use conjoin_adapters::queue::{PushError, Queue, QueueError};
use futures::FutureExt;

use super::{End, Gate, Log, Outcome, message, noting, settle, soon};

#[tokio::test(start_paused = true)]
async fn a_full_queue_takes_nothing_and_says_so() {
    let log = Log::new();
    let queue = Queue::builder(noting(&log)).capacity(2).paused().build();
    let taken = [queue.push(1), queue.push(2)];
    // A future that was not polled has no place.
    let refused = queue.push(3);
    assert_eq!(soon(queue.push_front(4)).await, Err(QueueError::Full));
    assert_eq!(queue.try_push(5).unwrap_err(), PushError::Full(5));
    assert_eq!(soon(queue.push_all([6])).await, [Err(QueueError::Full)]);
    assert_eq!(queue.len(), 2);
    queue.resume();
    soon(queue.drained()).await;
    assert_eq!(soon(refused).await, Err(QueueError::Full));
    assert_eq!(soon(futures::future::join_all(taken)).await, [Ok(1), Ok(2)]);
    assert_eq!(log.entries(), [1, 2]);
    // There is room again.
    assert_eq!(
        soon(queue.push_all([7, 8, 9])).await,
        [Ok(7), Ok(8), Err(QueueError::Full)]
    );
}

#[tokio::test(start_paused = true)]
async fn a_producer_goes_on_as_fast_as_the_workers() {
    let gate = Gate::new();
    let log = Log::new();
    let queue = Queue::builder(gate.worker(&log))
        .concurrency(2)
        .capacity(3)
        .build();
    let sent = Log::new();
    let producer = {
        let (queue, sent) = (queue.clone(), sent.clone());
        tokio::spawn(async move {
            let mut handles = Vec::new();
            for item in 0..20 {
                handles.push(queue.send(item).await.unwrap());
                sent.push(item);
            }
            handles
        })
    };
    for ended in 0..=15 {
        settle().await;
        assert_eq!(
            (sent.entries().len(), log.entries().len(), queue.len()),
            (5 + ended, 2 + ended, 3)
        );
        gate.let_pass(1);
    }
    gate.let_pass(4);
    let outcomes = futures::future::join_all(soon(producer).await.unwrap());
    assert_eq!(
        soon(outcomes).await,
        (0..20).map(Ok).collect::<Vec<Outcome>>()
    );
}

#[tokio::test(start_paused = true)]
async fn waiting_senders_get_room_in_order() {
    let log = Log::new();
    let queue = Queue::builder(noting(&log)).capacity(1).paused().build();
    drop(queue.push(0));
    let mut sending: Vec<_> = (1..=3).map(|item| Box::pin(queue.send(item))).collect();
    for send in &mut sending {
        assert!(send.now_or_never().is_none());
    }
    // A dropped push did not push, and its place goes to the next one.
    drop(sending.remove(0));
    assert_eq!(queue.remove(|_| true), [0]);
    assert_eq!(
        queue.try_push(4).unwrap_err(),
        PushError::Full(4),
        "the room belongs to those who wait"
    );
    queue.resume();
    for (handle, item) in soon(futures::future::join_all(sending))
        .await
        .into_iter()
        .zip(2..)
    {
        assert_eq!(soon(handle.unwrap()).await, Ok(item));
    }
    assert_eq!(log.entries(), [2, 3]);
}

#[tokio::test(start_paused = true)]
async fn ended_queue_returns_items_of_senders() {
    let ends: [End; 2] = [|queue| queue.kill(), |queue| drop(queue.close())];
    for end in ends {
        let queue = Queue::builder(noting(&Log::new()))
            .capacity(1)
            .paused()
            .build();
        drop(queue.push(0));
        let mut send = Box::pin(queue.send(1));
        assert!((&mut send).now_or_never().is_none());
        end(&queue);
        assert_eq!(soon(send).await.unwrap_err(), PushError::Closed(1));
        assert_eq!(queue.try_push(2).unwrap_err(), PushError::Closed(2));
        assert_eq!(soon(queue.push(3)).await, Err(QueueError::Closed));
        assert!(queue.is_closed());
    }
}

#[tokio::test(start_paused = true)]
async fn removed_and_refused_items_free_their_room() {
    let queue = Queue::builder(noting(&Log::new()))
        .capacity(3)
        .paused()
        .build();
    for _ in 0..5 {
        drop(queue.push_all([1, 2, 3]));
        assert!(queue.try_push(4).unwrap_err().is_full());
        assert_eq!(queue.remove(|item| *item > 1), [2, 3]);
        drop(queue.push_all([5, 6]));
        assert!(queue.try_push(4).unwrap_err().is_full());
        assert_eq!(queue.remove(|_| true), [1, 5, 6]);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_capacity_there_always_is_room() {
    let queue = Queue::builder(noting(&Log::new())).paused().build();
    let handles: Vec<_> = (0..10_000)
        .map(|item| queue.send(item).now_or_never().unwrap().unwrap())
        .collect();
    queue.resume();
    assert!(
        soon(futures::future::join_all(handles))
            .await
            .into_iter()
            .all(|outcome| outcome.is_ok())
    );
}

#[test]
fn capacity_of_zero_panics() {
    let builder = || Queue::builder(async |(): ()| Ok::<_, ()>(()));
    let panic = catch_unwind(|| builder().capacity(0).build()).unwrap_err();
    assert_eq!(
        message(&*panic),
        "the capacity of a queue is 0; help: use at least 1"
    );
    assert_eq!(
        builder()
            .capacity(usize::MAX)
            .concurrency(usize::MAX)
            .build()
            .len(),
        0
    );
}
