//! Explores all interleavings of threads that join, leave, emit to and close a room: `RUSTFLAGS='--cfg loom'`.
//!
//! Loom models the bus's own lock; to it, an operation of tokio's channel is a single step.
#![cfg(loom)]

use conjoin_adapters::bus::{Bus, BusError};
use futures::{FutureExt, StreamExt};
use loom::thread;

fn emit(bus: &Bus) -> Result<Option<usize>, BusError> {
    bus.emit("a", &1)
        .now_or_never()
        .expect("it waits for nothing")
}

#[test]
fn joining_during_the_last_leave_receives() {
    loom::model(|| {
        let bus = Bus::in_process();
        let last = bus.join::<u32>("a");
        let leaving = thread::spawn(move || drop(last));
        let mut stream = bus.join::<u32>("a");
        assert!(matches!(emit(&bus), Ok(Some(1 | 2))));
        assert_eq!(stream.next().now_or_never(), Some(Some(Ok(1))));
        leaving.join().unwrap();
        assert_eq!(bus.rooms(), 1);
        drop(stream);
        assert_eq!(bus.rooms(), 0);
    });
}

#[test]
fn two_who_leave_at_once_leave_no_room() {
    loom::model(|| {
        let bus = Bus::in_process();
        let (one, two) = (bus.join::<u32>("a"), bus.join::<u32>("a"));
        let leaving = thread::spawn(move || drop(one));
        drop(two);
        leaving.join().unwrap();
        assert_eq!(bus.rooms(), 0);
    });
}

#[test]
fn joining_during_close_ends_the_stream() {
    loom::model(|| {
        let bus = Bus::in_process();
        let clone = bus.clone();
        let closing = thread::spawn(move || clone.close().now_or_never());
        let mut stream = bus.join::<u32>("a");
        let emitted = emit(&bus);
        assert_eq!(closing.join().unwrap(), Some(Ok(())));
        let items: Vec<_> =
            std::iter::from_fn(|| stream.next().now_or_never().expect("an end")).collect();
        match emitted {
            Ok(count) => assert_eq!((count, items), (Some(1), vec![Ok(1)])),
            Err(error) => {
                assert_eq!(error, BusError::Closed);
                assert!(items.is_empty() || items == [Err(BusError::Closed)]);
            }
        }
        assert_eq!(bus.rooms(), 0);
    });
}
