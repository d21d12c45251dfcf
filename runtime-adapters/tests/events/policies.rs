//! Tests what happens to events for which there is no room.

use std::collections::VecDeque;
use std::convert::identity;
use std::env;
use std::panic::catch_unwind;
use std::thread;

use conjoin_adapters::{EmitError, Emitter, Policy, events};

use super::{POLICIES, all, join, received};

const BURST: usize = 10_000;

/// Emits all events without a receiver, and returns the rejected ones.
fn burst(emitter: &Emitter<usize>) -> Vec<usize> {
    let refused = |event| match emitter.emit(event) {
        Ok(()) => None,
        Err(EmitError::Full(event)) => Some(event),
        Err(error) => panic!("{error}"),
    };
    (0..BURST).filter_map(refused).collect()
}

#[test]
fn drop_oldest_keeps_the_newest() {
    for capacity in [1, 2, 64, BURST - 1, BURST, BURST + 1] {
        let mut stream = events(capacity, Policy::DropOldest, |emitter| burst(&emitter));
        assert!(stream.source().is_empty());
        let lost = BURST.saturating_sub(capacity);
        assert_eq!(stream.dropped(), lost as u64);
        assert_eq!(all(&mut stream), (lost..BURST).collect::<Vec<_>>());
    }
}

#[test]
fn drop_newest_keeps_the_oldest() {
    for capacity in [1, 2, 64, BURST - 1, BURST, BURST + 1] {
        let mut stream = events(capacity, Policy::DropNewest, |emitter| burst(&emitter));
        assert!(stream.source().is_empty());
        assert_eq!(stream.dropped(), BURST.saturating_sub(capacity) as u64);
        assert_eq!(
            all(&mut stream),
            (0..capacity.min(BURST)).collect::<Vec<_>>()
        );
    }
}

#[test]
fn fail_keeps_the_oldest_and_gives_the_others_back() {
    for capacity in [1, 2, 64, BURST - 1, BURST, BURST + 1] {
        let mut stream = events(capacity, Policy::Fail, |emitter| burst(&emitter));
        assert_eq!(
            *stream.source(),
            (capacity.min(BURST)..BURST).collect::<Vec<_>>()
        );
        assert_eq!(stream.dropped(), 0);
        assert_eq!(
            all(&mut stream),
            (0..capacity.min(BURST)).collect::<Vec<_>>()
        );
    }
}

#[test]
fn latest_keeps_one_whatever_the_capacity() {
    for capacity in [1, 2, 64, usize::MAX] {
        let mut stream = events(capacity, Policy::Latest, |emitter| burst(&emitter));
        assert!(stream.source().is_empty());
        assert_eq!(stream.dropped(), BURST as u64 - 1);
        assert_eq!(all(&mut stream), [BURST - 1]);
    }
}

#[test]
fn block_keeps_all() {
    for capacity in [1, 2, 64, BURST] {
        let mut stream = events(capacity, Policy::Block, |emitter| {
            Some(thread::spawn(move || burst(&emitter)))
        });
        assert_eq!(all(&mut stream), (0..BURST).collect::<Vec<_>>());
        assert_eq!(stream.dropped(), 0);
        assert!(join(stream.source_mut().take().unwrap()).is_empty());
    }
}

/// A simple model of the table in the documentation.
struct Model {
    capacity: usize,
    policy: Policy,
    waiting: VecDeque<u64>,
    dropped: u64,
}

impl Model {
    /// Whether the event is accepted.
    fn emit(&mut self, event: u64) -> bool {
        let capacity = if self.policy == Policy::Latest {
            1
        } else {
            self.capacity
        };
        if self.waiting.len() == capacity {
            match self.policy {
                Policy::DropOldest | Policy::Latest => drop(self.waiting.pop_front()),
                Policy::DropNewest => {
                    self.dropped += 1;
                    return true;
                }
                _ => return false,
            }
            self.dropped += 1;
        }
        self.waiting.push_back(event);
        true
    }
}

#[test]
fn each_policy_does_what_its_model_does() {
    let seed = env::var("CONJOIN_SEED").map_or(20_140, |seed| seed.parse().unwrap());
    println!("CONJOIN_SEED={seed}");
    let mut state: u64 = seed | 1;
    let mut random = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    for round in 0..400 {
        // `Block` would wait for itself here.
        let policy = [
            Policy::DropOldest,
            Policy::DropNewest,
            Policy::Fail,
            Policy::Latest,
        ][round % 4];
        let capacity = usize::try_from(1 + random(9)).unwrap();
        let mut stream = events(capacity, policy, identity);
        let mut clone = stream.source().clone();
        let mut model = Model {
            capacity,
            policy,
            waiting: VecDeque::new(),
            dropped: 0,
        };
        for event in 0..random(100) {
            let emitter = if random(2) == 0 {
                stream.source()
            } else {
                &clone
            };
            let result = emitter.emit(event);
            assert_eq!(
                result,
                if model.emit(event) {
                    Ok(())
                } else {
                    Err(EmitError::Full(event))
                }
            );
            match random(8) {
                0 => assert_eq!(
                    received(&mut stream),
                    model.waiting.drain(..).collect::<Vec<_>>()
                ),
                1 => clone = stream.source().clone(),
                _ => {}
            }
            assert_eq!(stream.dropped(), model.dropped);
        }
        assert_eq!(received(&mut stream), Vec::from(model.waiting));
    }
}

#[test]
fn a_capacity_of_0_is_refused_by_every_policy() {
    for policy in POLICIES {
        let panic = catch_unwind(|| events(0, policy, |emitter: Emitter<u8>| emitter)).unwrap_err();
        assert_eq!(
            panic.downcast_ref(),
            Some(&"the capacity of a stream of events is 0; help: use at least 1")
        );
    }
}

#[test]
fn a_capacity_beyond_all_memory_is_refused() {
    for policy in POLICIES
        .into_iter()
        .filter(|&policy| policy != Policy::Latest)
    {
        for capacity in [usize::MAX, usize::MAX / 2] {
            catch_unwind(|| events(capacity, policy, |emitter: Emitter<u64>| emitter)).unwrap_err();
        }
    }
}

#[test]
fn events_may_have_no_size() {
    for policy in POLICIES {
        let mut stream = events(2, policy, |emitter| emitter.emit(()));
        assert_eq!((*stream.source(), all(&mut stream)), (Ok(()), vec![()]));
    }
}
