//! Searches for lost wakes at random: promises settle while other threads inspect, await, abandon, derive and drop
//! them. It runs for `CONJOIN_STRESS_SECONDS`, 2 by default; `CONJOIN_SEED` repeats the random choices, but not the
//! timing of threads.

use std::env;
use std::hash::{BuildHasher, RandomState};
use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use conjoin_adapters::CallbackError::Dropped;
use conjoin_adapters::promise::{Promise, State};

use crate::poll_once;
use crate::threads::wait;

type Number = Promise<usize, &'static str>;

/// Xorshift.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// What a thread does to a promise that others wait for.
fn look(how: u64, promise: &Number) {
    match how {
        0 => assert!(!matches!(promise.state(), State::Rejected(error) if error != Dropped)),
        1 => drop(poll_once(promise)),
        2 => drop(poll_once(promise.then(|n| n))),
        3 => drop(promise.tap(|_| ()).clone()),
        _ => drop(promise.run_on(|driver| driver)),
    }
}

#[test]
fn every_wait_ends_whatever_others_do_to_it() {
    let number = |name| {
        let value = env::var(name).ok()?;
        Some(value.parse().expect("a number"))
    };
    let seconds = number("CONJOIN_STRESS_SECONDS").unwrap_or(2);
    let seed = number("CONJOIN_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("CONJOIN_SEED={seed}");
    let mut random = Random(seed | 1);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut rounds = 0;
    while rounds < 10 || Instant::now() < end {
        round(&mut random);
        rounds += 1;
    }
    println!("{rounds} rounds");
}

fn round(random: &mut Random) {
    let (root, resolver) = Number::deferred();
    let watched = match random.below(3) {
        0 => root.clone(),
        1 => root.then(|n| n),
        _ => root.and_then(async |n| Ok(n)),
    };
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let last = watched.finally(move || {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let driver = (random.below(2) == 0).then(|| root.run_on(|driver| driver));
    let is_dropped = random.below(4) == 0;
    let expected = if is_dropped { Err(Dropped) } else { Ok(1) };
    let is_over = AtomicBool::new(false);
    thread::scope(|threads| {
        for _ in 0..random.below(3) {
            // A second driver does nothing. Dropping the first one would reject.
            let how = random.below(if driver.is_some() { 5 } else { 4 });
            let (watched, is_over) = (watched.clone(), &is_over);
            threads.spawn(move || {
                // If handlers are added faster than they are called, they are never all called.
                let mut looks = 0;
                while !is_over.load(Ordering::Relaxed) && looks < 1_000 {
                    look(how, &watched);
                    looks += 1;
                }
            });
        }
        for promise in [watched.clone(), last.clone()] {
            let expected = expected.clone();
            threads.spawn(move || assert_eq!(wait(promise), expected));
        }
        if let Some(driver) = driver {
            threads.spawn(|| wait(driver));
        }
        for _ in 0..random.below(20_000) {
            spin_loop();
        }
        if is_dropped {
            drop(resolver);
        } else {
            resolver.resolve(1).unwrap();
        }
        assert_eq!(wait(&last), expected);
        is_over.store(true, Ordering::Relaxed);
        drop((root, watched, last));
    });
    assert_eq!(calls.load(Ordering::Relaxed), 1);
}
