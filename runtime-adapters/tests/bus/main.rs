//! Tests the bus in one process. `conformance` holds what applies to a server too, `nats.rs` what applies only there.
#![cfg(not(loom))]

mod conformance;
mod threads;

use std::marker::PhantomData;
use std::rc::Rc;

use conformance::{Engine, conformance, next};
use conjoin_adapters::bus::{Bus, BusBuilder, BusError};
use futures::executor::block_on;
use futures::{FutureExt, StreamExt};
use tokio::task::{unconstrained, yield_now};

struct InProcess;

impl Engine for InProcess {
    async fn bus_of(&self, builder: BusBuilder) -> Bus {
        builder.in_process()
    }
}

conformance!(InProcess);

#[test]
fn emitting_says_how_many_are_in_the_room() {
    let bus = Bus::default();
    block_on(async {
        assert_eq!(bus.emit("a", &1).await, Ok(Some(0)));
        let one = bus.join::<u32>("a");
        let two = bus.join::<String>("a");
        assert_eq!(bus.emit("a", &1).await, Ok(Some(2)));
        drop(one);
        assert_eq!(bus.emit("a", &1).await, Ok(Some(1)));
        drop(two);
        assert_eq!(bus.emit("a", &1).await, Ok(Some(0)));
    });
}

#[test]
fn it_needs_no_runtime() {
    let bus = Bus::in_process();
    let mut stream = bus.join::<u32>("a");
    block_on(async {
        stream.ready().await.unwrap();
        bus.emit("a", &1).await.unwrap();
        assert_eq!(stream.next().await, Some(Ok(1)));
        bus.close().await.unwrap();
        assert_eq!(stream.next().await, None);
    });
}

#[tokio::test]
async fn single_polls_stop_at_the_budget() {
    let bus = Bus::builder().capacity(1_000).in_process();
    let mut stream = bus.join::<u32>("a");
    for event in 0..500 {
        bus.emit("a", &event).await.unwrap();
    }
    yield_now().await;
    let mut expected = 0..500;
    while let Some(item) = stream.next().now_or_never() {
        assert_eq!(item, expected.next().map(Ok));
    }
    assert!(!expected.is_empty(), "the budget ends before the events");
    // Nothing is lost.
    while let Some(item) = unconstrained(stream.next()).now_or_never() {
        assert_eq!(item, expected.next().map(Ok));
    }
    assert!(expected.is_empty());
}

#[test]
fn two_buses_are_two() {
    let (one, two) = (Bus::in_process(), Bus::in_process());
    let stream = one.join::<u32>("a");
    assert_eq!(block_on(two.emit("a", &1)), Ok(Some(0)));
    drop(stream);
}

#[test]
fn futures_and_streams_go_from_thread_to_thread() {
    fn is_send<T: Send>(_: &T) {}
    let bus = Bus::in_process();
    is_send(&bus.emit("a", &1));
    is_send(&bus.close());
    // Any type will do: it is decoded where the stream is polled.
    let stream = bus.join::<PhantomData<Rc<u8>>>("a");
    is_send(&stream.ready());
    is_send(&stream);
}

#[tokio::test]
async fn a_capacity_is_at_least_what_was_asked_for() {
    let bus = Bus::builder().capacity(3).in_process();
    let mut stream = bus.join("a");
    for event in 0..3 {
        bus.emit("a", &event).await.unwrap();
    }
    conformance::expect(&mut stream, 0..3).await;
    for event in 0..100 {
        bus.emit("a", &event).await.unwrap();
    }
    assert_eq!(next(&mut stream).await, Err(BusError::Lagged(96)));
}

#[test]
#[should_panic(expected = "the capacity of a bus is 0; help: use at least 1")]
fn a_capacity_of_0_is_a_mistake() {
    drop(Bus::builder().capacity(0));
}

#[test]
fn debug_says_what_it_is() {
    let bus = Bus::in_process();
    let _stream = bus.join::<u32>("a");
    assert_eq!(
        format!("{bus:?}"),
        r#"Bus { engine: "in process", rooms: 1, is_closed: false, .. }"#
    );
}

#[test]
fn errors_say_what_happened() {
    assert_eq!(
        BusError::TooLarge { limit: 10 }.to_string(),
        "the event is larger than 10 bytes"
    );
    assert_eq!(
        BusError::RoomTooLong { length: 2_000 }.to_string(),
        "the room's name has 2000 bytes; help: use at most 1024"
    );
    assert_eq!(
        BusError::Lagged(1).to_string(),
        "an event was missed: the receiver is too slow"
    );
    assert_eq!(
        BusError::Lagged(7).to_string(),
        "7 events were missed: the receiver is too slow"
    );
}
