//! Loads of single keys, gathered into one call of a loader, for an instruction counter: `batch.sh` runs it under callgrind.
//!
//! `hand` is a hand-written batch for one place: it yields once, for one thread, and does not handle drops, errors and
//! missing keys. `dataloader` is the crate of that name, which yields ten times.

#![allow(missing_docs)]

use std::cell::RefCell;
use std::collections::HashMap;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use conjoin_adapters::Batch;
use dataloader::BatchFn;

const RUNS: u32 = 100;

/// The query.
#[inline(never)]
fn query(keys: &[u32]) -> HashMap<u32, u64> {
    keys.iter()
        .map(|&key| (key, black_box(u64::from(key))))
        .collect()
}

struct Query;

impl BatchFn<u32, u64> for Query {
    async fn load(&mut self, keys: &[u32]) -> HashMap<u32, u64> {
        query(keys)
    }
}

#[derive(Default)]
struct Hand {
    state: RefCell<(Vec<u32>, HashMap<u32, u64>)>,
}

impl Hand {
    async fn load(&self, key: u32) -> u64 {
        let known = self.state.borrow().1.get(&key).copied();
        if let Some(value) = known {
            return value;
        }
        self.state.borrow_mut().0.push(key);
        Yield(false).await;
        let mut state = self.state.borrow_mut();
        let (keys, values) = &mut *state;
        if !keys.is_empty() {
            values.extend(query(&std::mem::take(keys)));
        }
        values[&key]
    }
}

struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls all futures in each round.
fn run<F: Future<Output = u64>>(futures: impl Iterator<Item = F>) -> u64 {
    let mut futures: Vec<_> = futures.map(|future| Some(Box::pin(future))).collect();
    let mut cx = Context::from_waker(Waker::noop());
    let mut sum = 0;
    while futures.iter().any(Option::is_some) {
        for future in &mut futures {
            if let Some(running) = future
                && let Poll::Ready(value) = running.as_mut().poll(&mut cx)
            {
                sum += value;
                *future = None;
            }
        }
    }
    sum
}

/// `batch none|direct|hand|batch|dataloader LOADS` loads this many keys at once.
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let loads: u32 = arguments
        .get(2)
        .map_or(0, |loads| loads.parse().expect("a number"));
    let runs = |code: &dyn Fn() -> u64| {
        for _ in 0..RUNS {
            assert_eq!(code(), u64::from(loads * loads.saturating_sub(1) / 2));
        }
    };
    match arguments.get(1).map(String::as_str) {
        // As if the keys were known in advance: one query, and the same futures.
        Some("direct") => runs(&|| {
            let values = query(&(0..loads).collect::<Vec<_>>());
            run((0..loads).map(|key| {
                let values = &values;
                async move { values[&key] }
            }))
        }),
        Some("hand") => runs(&|| {
            let hand = Hand::default();
            run((0..loads).map(|key| hand.load(key)))
        }),
        Some("batch") => runs(&|| {
            let batch = Batch::new(async |keys: Vec<u32>| query(&keys));
            run((0..loads).map(|key| {
                let load = batch.load(key);
                async move { load.await.expect("it is there") }
            }))
        }),
        Some("dataloader") => runs(&|| {
            let loader = dataloader::cached::Loader::new(Query).with_max_batch_size(usize::MAX);
            run((0..loads).map(|key| {
                let loader = loader.clone();
                async move { loader.load(key).await }
            }))
        }),
        _ => _ = pin!(async {}),
    }
}
