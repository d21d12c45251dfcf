//! Instructions for a load of a single key, gathered into one call of a loader: `count.sh batch --features batch`.
//!
//! `hand` is a hand-written batch for one place: it yields once, for one thread, and does not handle drops, errors and
//! missing keys. `dataloader` is the crate of that name, which yields ten times.

#![allow(missing_docs)]

use std::cell::RefCell;
use std::collections::HashMap;
use std::hint::black_box;
use std::task::{Context, Poll, Waker};

use conjoin_adapters::Batch;
use counted::{Counts, looped, yield_once};
use dataloader::BatchFn;

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
        yield_once().await;
        let mut state = self.state.borrow_mut();
        let (keys, values) = &mut *state;
        if !keys.is_empty() {
            values.extend(query(&std::mem::take(keys)));
        }
        values[&key]
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

const WAYS: [&str; 4] = ["direct", "hand", "batch", "dataloader"];

fn load(way: &str, loads: u32) -> u64 {
    match way {
        // The keys are known beforehand: one query, and the same futures.
        "direct" => {
            let values = query(&(0..loads).collect::<Vec<_>>());
            run((0..loads).map(|key| {
                let values = &values;
                async move { values[&key] }
            }))
        }
        "hand" => {
            let hand = Hand::default();
            run((0..loads).map(|key| hand.load(key)))
        }
        "batch" => {
            let batch = Batch::new(async |keys: Vec<u32>| query(&keys));
            run((0..loads).map(|key| {
                let load = batch.load(key);
                async move { load.await.expect("it is there") }
            }))
        }
        _ => {
            let loader = dataloader::cached::Loader::new(Query).with_max_batch_size(usize::MAX);
            run((0..loads).map(|key| {
                let loader = loader.clone();
                async move { loader.load(key).await }
            }))
        }
    }
}

fn main() {
    let mut counts = Counts::default();
    let sizes = [1, 10, 100, 1000];
    for loads in sizes {
        for way in WAYS {
            let run = move || assert_eq!(load(way, loads), u64::from(loads * (loads - 1) / 2));
            counts.add((loads, way), looped(run));
        }
    }
    let counts = counts.count();
    println!("| loads | {} |", WAYS.join(" | "));
    println!("| --: |{}", " --: |".repeat(WAYS.len()));
    for loads in sizes {
        let of_load = |way| format!("{:.0}", counts[&(loads, way)] / f64::from(loads));
        println!("| {loads} | {} |", WAYS.map(of_load).join(" | "));
    }
}
