//! Tests joining, leaving and emitting on several threads at once.

use std::sync::Barrier;
use std::thread;

use conjoin_adapters::bus::{Bus, BusError};
use futures::executor::block_on;
use futures::{FutureExt, StreamExt};

const THREADS: usize = 4;
const ROUNDS: u32 = 2_000;

/// The last receiver leaves while another joins: events reach the room that is joined.
#[test]
fn room_joined_during_the_last_leave_exists() {
    let bus = Bus::in_process();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (bus, start) = (&bus, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..ROUNDS {
                    let mut stream = bus.join::<(usize, u32)>("a");
                    let receivers = block_on(bus.emit("a", &(thread, round))).unwrap().unwrap();
                    assert!((1..=THREADS).contains(&receivers), "{receivers}");
                    // Its own event has arrived, unless other events exceeded the capacity of the room.
                    let mut items = std::iter::from_fn(|| stream.next().now_or_never().flatten());
                    let own = |item| {
                        item == Ok((thread, round)) || matches!(item, Err(BusError::Lagged(_)))
                    };
                    assert!(items.any(own), "round {round}");
                }
            });
        }
    });
    assert_eq!(bus.rooms(), 0);
}

/// The received and the missed events are all that were emitted.
#[test]
fn every_event_is_received_or_counted() {
    let bus = Bus::builder().capacity(16).in_process();
    let receivers: Vec<_> = (0..THREADS)
        .map(|_| {
            let mut stream = bus.join::<u64>("a");
            thread::spawn(move || {
                let mut seen = 0;
                while let Some(item) = block_on(stream.next()) {
                    match item {
                        Ok(event) => {
                            assert_eq!(event, seen);
                            seen += 1;
                        }
                        Err(BusError::Lagged(missed)) => seen += missed,
                        Err(error) => panic!("{error}"),
                    }
                }
                seen
            })
        })
        .collect();
    for event in 0..20_000_u64 {
        block_on(bus.emit("a", &event)).unwrap();
    }
    block_on(bus.close()).unwrap();
    for receiver in receivers {
        assert_eq!(receiver.join().unwrap(), 20_000);
    }
}
