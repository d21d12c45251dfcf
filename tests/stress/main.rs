//! A randomized search for lost wakes.
//!
//! Graphs that are wide, gated, limited and nested run on several threads. Their tasks wait for events that other
//! threads bring about at odd moments; the wakers they are polled with change, and some graphs are dropped on the way.
//! A waker that is not the newest wakes nothing, as the contract of `Future::poll` allows. So one lost wake leaves a
//! graph that never completes, which is reported with the seed.
//!
//! It takes `CONJOIN_STRESS_SECONDS`, 2 if that is not set; `CONJOIN_STRESS_SEED` repeats what is drawn, though not
//! when the threads run.

mod events;
mod graphs;
#[path = "../graphs/generate/random.rs"]
mod random;
mod runners;

use std::collections::BTreeMap;
use std::env;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use events::{Bringers, LIVE_STEPS, Steps};
use random::Random;
use runners::{Graph, LIVE_WAKERS, Runners};

/// The graphs that run at a time.
const AT_ONCE: usize = 12;

/// If no graph completes for this long, one of them hangs.
const FOREVER: Duration = Duration::from_secs(60);

#[test]
fn every_graph_ends_whenever_it_is_woken() {
    let setting = |name| {
        env::var(name)
            .ok()
            .map(|value| value.parse().expect("a number"))
    };
    let seconds = setting("CONJOIN_STRESS_SECONDS").unwrap_or(2);
    let seed = setting("CONJOIN_STRESS_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("CONJOIN_STRESS_SEED={seed}");

    let mut random = Random::new(seed);
    let (bringers, (over, ended)) = (Bringers::start(&mut random), channel());
    let runners = Runners::start(over);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut running: BTreeMap<usize, Arc<Graph>> = BTreeMap::new();
    let mut count = 0;
    loop {
        while running.len() < AT_ONCE && Instant::now() < end {
            let steps = Steps::new(&bringers, &mut random);
            let (name, future) = graphs::draw(&steps, &mut random);
            running.insert(count, runners.run(count, name, future, &steps, &mut random));
            count += 1;
        }
        if running.is_empty() {
            break;
        }
        match ended.recv_timeout(FOREVER) {
            Ok(number) => drop(running.remove(&number)),
            Err(error) => panic!(
                "{error} in a run with CONJOIN_STRESS_SEED={seed}: {:#?}",
                running.values()
            ),
        }
    }
    runners.stop();
    bringers.stop();
    println!("{count} graphs have ended");
    assert!(count > 0);
    assert_eq!(
        [&LIVE_STEPS, &LIVE_WAKERS].map(|live| live.load(Ordering::SeqCst)),
        [0, 0],
        "something has leaked"
    );
}
