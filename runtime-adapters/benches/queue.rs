//! Measures many items at concurrency 16, with an instruction counter: `queue.sh` runs it under callgrind. `hand` is
//! the same with `tokio::sync::Semaphore` and `tokio::task::JoinSet`.

#![allow(missing_docs)]

use std::hint::black_box;
use std::sync::Arc;

use conjoin_adapters::queue::{PriorityQueue, Queue};
use tokio::sync::Semaphore;
use tokio::task::{JoinSet, yield_now};

const CONCURRENCY: usize = 16;

/// The work on an item, at once or after other tasks have run.
async fn work(item: u64, waits: bool) -> Result<u64, ()> {
    if waits {
        yield_now().await;
    }
    black_box(Ok(item))
}

async fn hand(items: u64, waits: bool) -> u64 {
    let free = Arc::new(Semaphore::new(CONCURRENCY));
    let mut tasks = JoinSet::new();
    for item in 0..items {
        let free = Arc::clone(&free);
        tasks.spawn(async move {
            let _permit = free.acquire_owned().await.expect("it is not closed");
            work(item, waits).await
        });
    }
    let mut sum = 0;
    while let Some(result) = tasks.join_next().await {
        sum += result.expect("no panic").expect("no error");
    }
    sum
}

/// The alternative by hand: a task is spawned only when there is a permit for it.
async fn frugal(items: u64, waits: bool) -> u64 {
    let free = Arc::new(Semaphore::new(CONCURRENCY));
    let mut tasks = JoinSet::new();
    for item in 0..items {
        let permit = Arc::clone(&free)
            .acquire_owned()
            .await
            .expect("it is not closed");
        tasks.spawn(async move {
            let _permit = permit;
            work(item, waits).await
        });
    }
    let mut sum = 0;
    while let Some(result) = tasks.join_next().await {
        sum += result.expect("no panic").expect("no error");
    }
    sum
}

async fn queue(items: u64, waits: bool) -> u64 {
    let queue = Queue::new(CONCURRENCY, move |item| work(item, waits));
    queue
        .push_all(0..items)
        .await
        .into_iter()
        .map(|result| result.expect("no error"))
        .sum()
}

async fn priority(items: u64, waits: bool) -> u64 {
    let queue = PriorityQueue::new(CONCURRENCY, move |item| work(item, waits));
    queue
        .push_all(0..items, 0)
        .await
        .into_iter()
        .map(|result| result.expect("no error"))
        .sum()
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let items = arguments
        .next()
        .map_or(0, |items| items.parse().expect("a number of items"));
    let waits = arguments.next().as_deref() == Some("waits");
    let sum = match what.as_str() {
        "hand" => hand(items, waits).await,
        "frugal" => frugal(items, waits).await,
        "queue" => queue(items, waits).await,
        "priority" => priority(items, waits).await,
        // The arguments of `cargo test` and `cargo bench`.
        _ => return,
    };
    assert_eq!(sum, (0..items).sum::<u64>());
}
