//! Tests for every engine: each runs in one process and over a NATS server.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use conjoin_adapters::bus::{Bus, BusBuilder, BusError, MAX_ROOM, Subscription};
use futures::stream::FusedStream;
use futures::{FutureExt, StreamExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A time beyond what any step takes: a test that gets here has failed.
pub(crate) const HANGING: Duration = Duration::from_secs(60);

/// The engine of a bus.
pub(crate) trait Engine {
    async fn bus_of(&self, builder: BusBuilder) -> Bus;

    async fn bus(&self) -> Bus {
        self.bus_of(Bus::builder()).await
    }
}

/// A module with the tests below.
macro_rules! conformance {
    ($engine:expr) => {
        conformance! { $engine,
            all_in_a_room_receive_events_in_order
            what_is_emitted_right_after_joining_is_received
            what_was_emitted_before_joining_is_not_received
            an_event_to_an_empty_room_is_fine
            any_string_is_a_room_of_its_own
            a_name_that_is_too_long_is_an_error
            a_slow_receiver_is_told_how_many_it_has_missed
            receivers_that_never_look_hold_up_nobody
            event_of_another_shape_ends_no_stream
            each_joins_for_the_type_it_reads
            an_event_that_is_too_large_is_an_error
            an_event_that_is_no_json_is_an_error
            the_last_to_leave_takes_the_room_away
            a_hundred_thousand_joins_leave_nothing
            rooms_that_are_joined_anew_receive
            a_wait_that_is_given_up_loses_nothing
            closing_ends_streams_after_what_was_emitted
            a_closed_bus_says_so
            dropping_the_last_clone_ends_streams
            the_order_of_each_emitter_is_kept_among_many
            ready_is_over_in_time
        }
    };
    ($engine:expr, $($name:ident)*) => {
        mod conforms {
            use super::*;
            $(
                #[tokio::test]
                async fn $name() {
                    conformance::within_limits(conformance::$name(&$engine)).await;
                }
            )*
            mod on_threads {
                use super::*;
                $(
                    #[tokio::test(flavor = "multi_thread", worker_threads = 3)]
                    async fn $name() {
                        conformance::within_limits(conformance::$name(&$engine)).await;
                    }
                )*
            }
        }
    };
}
pub(crate) use conformance;

pub(crate) async fn within_limits<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(HANGING, future).await.expect("an end")
}

/// The next item. Panics at the end.
pub(crate) async fn next<E: DeserializeOwned>(stream: &mut Subscription<E>) -> Result<E, BusError> {
    within_limits(stream.next()).await.expect("an item")
}

async fn emit(bus: &Bus, room: &str, events: std::ops::Range<u32>) {
    for event in events {
        bus.emit(room, &event).await.unwrap();
    }
}

pub(crate) async fn expect(stream: &mut Subscription<u32>, events: std::ops::Range<u32>) {
    for event in events {
        assert_eq!(next(stream).await, Ok(event));
    }
}

pub(crate) async fn all_in_a_room_receive_events_in_order(engine: &impl Engine) {
    let bus = engine.bus().await;
    let (mut one, mut two, mut other) = (bus.join("a"), bus.clone().join("a"), bus.join("b"));
    assert_eq!(one.room(), "a");
    emit(&bus, "a", 0..50).await;
    emit(&bus.clone(), "a", 50..100).await;
    expect(&mut one, 0..100).await;
    expect(&mut two, 0..100).await;
    emit(&bus, "b", 7..8).await;
    expect(&mut other, 7..8).await;
}

pub(crate) async fn what_is_emitted_right_after_joining_is_received(engine: &impl Engine) {
    let bus = engine.bus().await;
    for round in 0..200 {
        let mut stream = bus.join("a");
        emit(&bus, "a", round..round + 1).await;
        expect(&mut stream, round..round + 1).await;
    }
}

pub(crate) async fn what_was_emitted_before_joining_is_not_received(engine: &impl Engine) {
    let bus = engine.bus().await;
    emit(&bus, "a", 0..10).await;
    let mut first = bus.join("a");
    emit(&bus, "a", 10..20).await;
    expect(&mut first, 10..20).await;
    let mut second = bus.join("a");
    emit(&bus, "a", 20..21).await;
    expect(&mut first, 20..21).await;
    expect(&mut second, 20..21).await;
}

pub(crate) async fn an_event_to_an_empty_room_is_fine(engine: &impl Engine) {
    let bus = engine.bus().await;
    assert!(matches!(bus.emit("nobody", &1).await, Ok(None | Some(0))));
    bus.flush().await.unwrap();
    assert_eq!(bus.rooms(), 0);
}

pub(crate) async fn any_string_is_a_room_of_its_own(engine: &impl Engine) {
    let bus = engine.bus().await;
    let long = "é".repeat(MAX_ROOM / 2);
    let names = [
        "",
        " ",
        "a",
        "A",
        "a.b",
        "a.*",
        "*",
        ">",
        "a.>",
        ".",
        "..",
        "a.",
        "$SYS",
        "_INBOX.x",
        "%",
        "%41",
        "a b",
        "a\tb",
        "a\r\nPUB x 0\r\n",
        "\0",
        "é",
        "🍲",
        "/tables/7?x=1#y",
        "\u{202e}",
        long.as_str(),
    ];
    let mut streams: Vec<Subscription<u32>> = names.iter().map(|name| bus.join(name)).collect();
    for (number, name) in (0..).zip(names) {
        bus.emit(name, &number).await.unwrap();
    }
    for ((number, name), stream) in (0..).zip(names).zip(&mut streams) {
        assert_eq!(next(stream).await, Ok(number), "{name:?}");
    }
    // Nothing arrived twice, or in another room: this comes next.
    for (name, stream) in names.iter().zip(&mut streams) {
        bus.emit(name, &1_000).await.unwrap();
        assert_eq!(next(stream).await, Ok(1_000), "{name:?}");
    }
}

pub(crate) async fn a_name_that_is_too_long_is_an_error(engine: &impl Engine) {
    let bus = engine.bus().await;
    let name = "x".repeat(MAX_ROOM + 1);
    let error = BusError::RoomTooLong {
        length: MAX_ROOM + 1,
    };
    assert_eq!(bus.emit(&name, &1).await, Err(error.clone()));
    let mut stream = bus.join::<u32>(&name);
    assert_eq!(stream.ready().await, Err(error.clone()));
    assert!(!stream.is_terminated());
    assert_eq!(stream.next().await, Some(Err(error)));
    assert!(stream.is_terminated());
    assert_eq!(stream.next().await, None);
    drop(stream);
    // The bus still works.
    let mut stream = bus.join("a");
    emit(&bus, "a", 0..1).await;
    expect(&mut stream, 0..1).await;
}

pub(crate) async fn a_slow_receiver_is_told_how_many_it_has_missed(engine: &impl Engine) {
    let bus = engine.bus_of(Bus::builder().capacity(4)).await;
    let (mut fast, mut slow) = (bus.join("a"), bus.join("a"));
    for event in 0..10 {
        emit(&bus, "a", event..event + 1).await;
        expect(&mut fast, event..event + 1).await;
    }
    assert_eq!(next(&mut slow).await, Err(BusError::Lagged(6)));
    expect(&mut slow, 6..10).await;
    emit(&bus, "a", 10..11).await;
    expect(&mut slow, 10..11).await;
}

pub(crate) async fn receivers_that_never_look_hold_up_nobody(engine: &impl Engine) {
    let bus = engine.bus_of(Bus::builder().capacity(2)).await;
    let sleeping: Vec<Subscription<u32>> = (0..10).map(|_| bus.join("a")).collect();
    emit(&bus, "a", 0..10_000).await;
    bus.flush().await.unwrap();
    drop(sleeping);
}

pub(crate) async fn event_of_another_shape_ends_no_stream(engine: &impl Engine) {
    let bus = engine.bus().await;
    let mut stream = bus.join("a");
    emit(&bus, "a", 0..1).await;
    bus.emit("a", "soup").await.unwrap();
    emit(&bus, "a", 1..2).await;
    expect(&mut stream, 0..1).await;
    let error = next(&mut stream).await.unwrap_err();
    assert!(
        matches!(&error, BusError::Decode(reason) if reason.contains("soup")),
        "{error}"
    );
    expect(&mut stream, 1..2).await;
}

pub(crate) async fn each_joins_for_the_type_it_reads(engine: &impl Engine) {
    #[derive(Serialize)]
    struct Served<'a> {
        dish: &'a str,
        price: u32,
    }
    #[derive(Deserialize, Debug, PartialEq)]
    struct Dish {
        dish: String,
    }
    let bus = engine.bus().await;
    let (mut dishes, mut values) = (bus.join("a"), bus.join("a"));
    let mut texts = bus.join("a");
    bus.emit(
        "a",
        &Served {
            dish: "soup",
            price: 5,
        },
    )
    .await
    .unwrap();
    assert_eq!(
        next(&mut dishes).await,
        Ok(Dish {
            dish: "soup".into()
        })
    );
    assert_eq!(
        next::<Value>(&mut values).await,
        Ok(json!({"dish": "soup", "price": 5}))
    );
    assert_eq!(
        next::<BTreeMap<String, Value>>(&mut texts)
            .await
            .unwrap()
            .len(),
        2
    );
}

pub(crate) async fn an_event_that_is_too_large_is_an_error(engine: &impl Engine) {
    let bus = engine.bus_of(Bus::builder().max_event(10)).await;
    let mut stream = bus.join::<String>("a");
    assert_eq!(
        bus.emit("a", "123456789").await,
        Err(BusError::TooLarge { limit: 10 })
    );
    bus.emit("a", "12345678").await.unwrap();
    assert_eq!(next(&mut stream).await.unwrap(), "12345678");
    // Even without receivers, and for any type of events.
    assert_eq!(
        bus.emit("nobody", &vec![0; 100]).await,
        Err(BusError::TooLarge { limit: 10 })
    );
    let bus = engine.bus().await;
    let larger = "x".repeat(1024 * 1024 - 1);
    assert_eq!(
        bus.emit("a", &larger).await,
        Err(BusError::TooLarge { limit: 1024 * 1024 })
    );
    let mut stream = bus.join::<String>("a");
    bus.emit("a", &larger[1..]).await.unwrap();
    assert_eq!(next(&mut stream).await.unwrap(), larger[1..]);
}

pub(crate) async fn an_event_that_is_no_json_is_an_error(engine: &impl Engine) {
    let bus = engine.bus().await;
    let error = bus
        .emit("nobody", &HashMap::from([((1, 2), 3)]))
        .await
        .unwrap_err();
    assert!(
        matches!(&error, BusError::Encode(reason) if reason.contains("key")),
        "{error}"
    );
}

pub(crate) async fn the_last_to_leave_takes_the_room_away(engine: &impl Engine) {
    let bus = engine.bus().await;
    let (one, mut two) = (bus.join::<u32>("a"), bus.join("a"));
    let other = bus.join::<u32>("b");
    assert_eq!(bus.rooms(), 2);
    drop(one);
    assert_eq!(bus.rooms(), 2);
    emit(&bus, "a", 0..1).await;
    expect(&mut two, 0..1).await;
    drop(two);
    assert_eq!(bus.rooms(), 1);
    drop(other);
    assert_eq!(bus.rooms(), 0);
}

pub(crate) async fn a_hundred_thousand_joins_leave_nothing(engine: &impl Engine) {
    let bus = engine.bus().await;
    for number in 0..100_000 {
        let stream = bus.join::<u32>(&format!("room {}", number % 1_000));
        if number % 100 == 0 {
            // So that some have started.
            tokio::task::yield_now().await;
        }
        drop(stream);
    }
    assert_eq!(bus.rooms(), 0);
    let mut stream = bus.join("a");
    emit(&bus, "a", 0..1).await;
    expect(&mut stream, 0..1).await;
}

pub(crate) async fn rooms_that_are_joined_anew_receive(engine: &impl Engine) {
    let bus = engine.bus().await;
    for round in 0..500 {
        let left = bus.join::<u32>("a");
        if round % 2 == 0 {
            left.ready().await.unwrap();
        }
        drop(left);
        let mut stream = bus.join("a");
        emit(&bus, "a", round..round + 1).await;
        expect(&mut stream, round..round + 1).await;
    }
}

pub(crate) async fn a_wait_that_is_given_up_loses_nothing(engine: &impl Engine) {
    let bus = engine.bus().await;
    let mut stream = bus.join("a");
    assert_eq!(stream.next().now_or_never(), None);
    emit(&bus, "a", 0..2).await;
    expect(&mut stream, 0..1).await;
    drop(stream.next());
    expect(&mut stream, 1..2).await;
}

pub(crate) async fn closing_ends_streams_after_what_was_emitted(engine: &impl Engine) {
    let bus = engine.bus().await;
    let (mut one, mut two) = (bus.join("a"), bus.join("b"));
    let mut waiting = bus.join::<u32>("c");
    let waiting = tokio::spawn(async move { waiting.next().await });
    emit(&bus, "a", 0..100).await;
    emit(&bus, "b", 0..1).await;
    assert_eq!(bus.clone().close().await, Ok(()));
    expect(&mut one, 0..100).await;
    assert_eq!(within_limits(one.next()).await, None);
    assert!(one.is_terminated());
    expect(&mut two, 0..1).await;
    assert_eq!(within_limits(two.next()).await, None);
    assert_eq!(within_limits(waiting).await.unwrap(), None);
}

pub(crate) async fn a_closed_bus_says_so(engine: &impl Engine) {
    let bus = engine.bus().await;
    let before = bus.join::<u32>("a");
    bus.close().await.unwrap();
    assert_eq!(bus.emit("a", &1).await, Err(BusError::Closed));
    assert_eq!(bus.flush().await, Err(BusError::Closed));
    assert_eq!(bus.clone().close().await, Err(BusError::Closed));
    let mut stream = bus.join::<u32>("a");
    assert_eq!(stream.ready().await, Err(BusError::Closed));
    assert_eq!(stream.next().await, Some(Err(BusError::Closed)));
    assert_eq!(stream.next().await, None);
    drop(before);
    assert_eq!(bus.rooms(), 0);
    assert!(format!("{bus:?}").contains("is_closed: true"), "{bus:?}");
}

pub(crate) async fn dropping_the_last_clone_ends_streams(engine: &impl Engine) {
    let bus = engine.bus().await;
    let clone = bus.clone();
    let mut stream = bus.join("a");
    emit(&bus, "a", 0..1).await;
    drop(bus);
    emit(&clone, "a", 1..2).await;
    drop(clone);
    expect(&mut stream, 0..2).await;
    assert_eq!(within_limits(stream.next()).await, None);
}

pub(crate) async fn the_order_of_each_emitter_is_kept_among_many(engine: &impl Engine) {
    let bus = engine.bus_of(Bus::builder().capacity(1_024)).await;
    let mut streams = [bus.join::<(usize, u32)>("a"), bus.join("a")];
    let emitters = (0..8).map(|emitter| {
        let bus = bus.clone();
        tokio::spawn(async move {
            for event in 0..100 {
                bus.emit("a", &(emitter, event)).await.unwrap();
            }
        })
    });
    for emitter in emitters.collect::<Vec<_>>() {
        within_limits(emitter).await.unwrap();
    }
    for stream in &mut streams {
        let mut last = [None; 8];
        for _ in 0..800 {
            let (emitter, event) = next(stream).await.unwrap();
            assert_eq!(event, last[emitter].map_or(0, |last: u32| last + 1));
            last[emitter] = Some(event);
        }
    }
}

pub(crate) async fn ready_is_over_in_time(engine: &impl Engine) {
    let bus = engine.bus().await;
    let stream = bus.join::<u32>("a");
    within_limits(stream.ready()).await.unwrap();
    assert_eq!(
        format!("{stream:?}"),
        r#"Subscription { room: "a", has_ended: false, .. }"#
    );
}
