//! Variables outside a graph that concurrent tasks change.

use std::collections::HashMap;

use conjoin::auto;

async fn tick() {}

async fn add(_: &mut Vec<u32>) {}

fn collections() {
    let (mut log, mut seen) = (Vec::new(), HashMap::new());
    let _ = auto! {
        a => { log.push(1); tick().await },
        b => { log.push(2); seen.insert(1, 2); tick().await },
        c => { seen.insert(2, 3); tick().await },
    };
}

fn certainly() {
    let (mut log, mut count) = (vec![1], 0);
    let _ = auto! {
        a => add(&mut log).await,
        b => { count += 1; add(&mut log).await },
        c: [b as _] => { count += 1; tick().await },
        d: [a as _] => tick().await,
        e: [b as _] => tick().await,
    };
}

fn one_after_the_other_behind_gates() {
    let mut count = 0;
    let _ = auto! {
        e: [c as _, d as _] => { count += 1; },
        a => { count += 1; },
        b => 2,
        c: [a as _] => 3,
        d: [b as _] => 4,
        f: [d as _] => 5,
    };
}

fn read_beside() {
    let mut log = vec![1];
    let _ = auto! {
        a => { log.push(1); tick().await },
        b => { tick().await; log.len() },
    };
}

struct Queue;

impl Queue {
    fn push(&self, _: u32) {}
}

fn whole(queue: &Queue, pair: &mut (u32, u32)) -> u32 {
    let (mut count, mut left) = (0, 1);
    let graph = auto! {
        a => { queue.push(1); pair.0 += 1; },
        b => { queue.push(1); pair.1 += 1; },
        c => { let mut count = 0; count += 1; count },
        d => { let mut left = Vec::new(); left.push(1); left.len() },
        first: [a as _, b as _, c as _, d as _] => count += 1,
        second: [first as _] => { count += 1; left -= 1; },
        => ()
    };
    futures::executor::block_on(graph);
    count + left
}

fn main() {
    let _ = whole(&Queue, &mut (1, 2));
}
