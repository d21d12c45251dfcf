//! Tests that each refusal of the server is reported at once, by the operation that it concerns.

use conjoin_adapters::bus::{Bus, BusError, Subscription};
use futures::StreamExt;

use super::conformance::{expect, next, within_limits};
use super::nats_server::NatsServer;

async fn refused(mut stream: Subscription<u32>) -> String {
    let reason = match next(&mut stream).await {
        Err(BusError::Refused(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(within_limits(stream.next()).await, None);
    reason
}

#[tokio::test]
async fn room_beyond_the_limit_is_refused() {
    // The bus itself has one subscription.
    let server = NatsServer::start_with("max_subscriptions: 3");
    let bus = Bus::nats(&server.url()).await.unwrap();
    let (mut one, two) = (bus.join("one"), bus.join::<u32>("two"));
    one.ready().await.unwrap();
    two.ready().await.unwrap();
    let reason = refused(bus.join("three")).await;
    assert!(
        reason.to_lowercase().contains("maximum subscriptions"),
        "{reason}"
    );
    // The others continue, and so do flush and close.
    bus.emit("one", &1).await.unwrap();
    expect(&mut one, 1..2).await;
    assert_eq!(within_limits(bus.flush()).await, Ok(()));
    drop(two);
    within_limits(async {
        // The server learns a little later that a room was left.
        while bus.join::<u32>("four").ready().await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(within_limits(bus.close()).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_rooms_are_refused_as_are_too_many() {
    let server = NatsServer::start_with("max_subscriptions: 11");
    let bus = Bus::nats(&server.url()).await.unwrap();
    let rooms: Vec<_> = (0..30)
        .map(|room| bus.join::<u32>(&room.to_string()))
        .collect();
    let ready = rooms.iter().map(Subscription::ready);
    let ready = within_limits(futures::future::join_all(ready)).await;
    let refused = ready.iter().filter(|ready| ready.is_err()).count();
    assert_eq!(refused, 20);
    assert_eq!(bus.rooms(), 10);
}

#[tokio::test]
async fn no_subscription_at_all_fails_the_start() {
    let server = NatsServer::start_with(
        r#"authorization: { users: [ { user: me, password: secret, permissions: {
            publish: "conjoin.bus.>", subscribe: "other.>" } } ] }"#,
    );
    let url = server.url().replace("//", "//me:secret@");
    let error = within_limits(Bus::nats(&url)).await.unwrap_err();
    assert!(
        matches!(&error, BusError::Connect(reason) if reason.contains("Violation")),
        "{error}"
    );
}

#[tokio::test]
async fn denied_event_fails_flush_close_and_next_emit() {
    let server = NatsServer::start_with(
        r#"authorization: { users: [ { user: me, password: secret, permissions: {
            subscribe: "conjoin.bus.>",
            publish: { allow: ["conjoin.bus.>"], deny: ["conjoin.bus.room.secret"] } } } ] }"#,
    );
    let url = server.url().replace("//", "//me:secret@");
    let is_refused = |result: Result<(), BusError>| matches!(result, Err(BusError::Refused(_)));
    let bus = Bus::nats(&url).await.unwrap();
    bus.emit("secret", &1).await.unwrap();
    assert!(is_refused(within_limits(bus.flush()).await));
    let emitted = bus.emit("secret", &1).await;
    assert!(is_refused(emitted.map(drop)));
    assert_eq!(bus.flush().await, Ok(()));

    let bus = Bus::nats(&url).await.unwrap();
    bus.emit("secret", &1).await.unwrap();
    assert!(is_refused(within_limits(bus.close()).await));
}

#[tokio::test]
async fn long_room_leaves_the_others_alone() {
    let server = NatsServer::start_with("max_control_line: 512");
    let bus = Bus::nats(&server.url()).await.unwrap();
    let mut short = bus.join::<u32>("short");
    short.ready().await.unwrap();
    let reason = {
        let mut long = bus.join::<u32>(&"l".repeat(600));
        loop {
            match next(&mut long).await {
                Err(BusError::Refused(reason)) => break reason,
                Err(BusError::Disconnected | BusError::Interrupted) => {}
                other => panic!("{other:?}"),
            }
        }
    };
    assert!(reason.contains("too long"), "{reason}");
    within_limits(async {
        while bus.flush().await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    // From now on, the limit is known.
    let emitted = bus.emit(&"l".repeat(600), &1).await;
    assert!(matches!(emitted, Err(BusError::Refused(_))), "{emitted:?}");
    bus.emit("short", &1).await.unwrap();
    loop {
        match next(&mut short).await {
            Ok(event) => break assert_eq!(event, 1),
            Err(BusError::Disconnected | BusError::Interrupted) => {}
            other => panic!("{other:?}"),
        }
    }
}
