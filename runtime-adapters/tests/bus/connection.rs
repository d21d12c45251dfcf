//! Tests a server that is down, comes back, hangs, or never existed.

use std::net::TcpListener;

use conjoin_adapters::bus::{Bus, BusError};
use futures::StreamExt;

use super::conformance::{expect, next, within_limits};
use super::nats_server::NatsServer;

async fn connect(server: &NatsServer) -> Bus {
    Bus::nats(&server.url()).await.unwrap()
}

#[tokio::test]
async fn streams_report_a_lost_server_and_resume() {
    let mut server = NatsServer::start();
    let (bus, other) = (connect(&server).await, connect(&server).await);
    let mut stream = bus.join("a");
    stream.ready().await.unwrap();
    let mut others = other.join("a");
    for round in 0..3 {
        other.emit("a", &round).await.unwrap();
        expect(&mut stream, round..round + 1).await;
        expect(&mut others, round..round + 1).await;

        server.kill();
        assert_eq!(next(&mut stream).await, Err(BusError::Disconnected));
        assert_eq!(next(&mut others).await, Err(BusError::Disconnected));
        // Everything else fails at once, with its reason.
        assert_eq!(bus.emit("a", &7).await, Err(BusError::Disconnected));
        assert_eq!(bus.flush().await, Err(BusError::Disconnected));
        assert_eq!(stream.ready().await, Err(BusError::Disconnected));

        server.restart();
        assert_eq!(next(&mut others).await, Err(BusError::Interrupted));
        // From here on it receives again, whatever is emitted after this item.
        assert_eq!(next(&mut stream).await, Err(BusError::Interrupted));
    }
    other.emit("a", &3).await.unwrap();
    expect(&mut stream, 3..4).await;
}

#[tokio::test]
async fn room_joined_while_disconnected_receives_later() {
    let mut server = NatsServer::start();
    let bus = connect(&server).await;
    let mut before = bus.join::<u32>("a");
    server.kill();
    assert_eq!(next(&mut before).await, Err(BusError::Disconnected));
    let (mut same, mut new) = (bus.join("a"), bus.join("b"));
    let left = bus.join::<u32>("c");
    assert_eq!(next(&mut same).await, Err(BusError::Disconnected));
    assert_eq!(next(&mut new).await, Err(BusError::Disconnected));
    drop(left);
    server.restart();
    assert_eq!(next(&mut same).await, Err(BusError::Interrupted));
    assert_eq!(next(&mut new).await, Err(BusError::Interrupted));
    assert_eq!(next(&mut before).await, Err(BusError::Interrupted));
    let other = connect(&server).await;
    for room in ["a", "b"] {
        other.emit(room, &1).await.unwrap();
    }
    expect(&mut same, 1..2).await;
    expect(&mut new, 1..2).await;
    expect(&mut before, 1..2).await;
    assert_eq!(bus.rooms(), 2);
}

#[tokio::test]
async fn a_flush_says_once_that_events_may_be_lost() {
    let mut server = NatsServer::start();
    let bus = connect(&server).await;
    let mut stream = bus.join::<u32>("a");
    bus.emit("b", &1).await.unwrap();
    server.restart();
    assert_eq!(next(&mut stream).await, Err(BusError::Disconnected));
    assert_eq!(next(&mut stream).await, Err(BusError::Interrupted));
    assert_eq!(bus.flush().await, Err(BusError::Interrupted));
    assert_eq!(bus.flush().await, Ok(()));
    // Nothing that could be lost was emitted meanwhile.
    server.restart();
    assert_eq!(next(&mut stream).await, Err(BusError::Disconnected));
    assert_eq!(next(&mut stream).await, Err(BusError::Interrupted));
    assert_eq!(bus.flush().await, Ok(()));
}

#[tokio::test]
async fn flush_after_a_dropped_one_reports_the_loss() {
    let mut server = NatsServer::start();
    let bus = connect(&server).await;
    let mut stream = bus.join::<u32>("a");
    bus.emit("b", &1).await.unwrap();
    let mut flush = Box::pin(bus.flush());
    assert!(futures::poll!(&mut flush).is_pending());
    drop(flush);
    server.restart();
    assert_eq!(next(&mut stream).await, Err(BusError::Disconnected));
    assert_eq!(next(&mut stream).await, Err(BusError::Interrupted));
    assert_eq!(bus.flush().await, Err(BusError::Interrupted));
    assert_eq!(bus.flush().await, Ok(()));
}

#[tokio::test]
async fn close_while_disconnected_ends_streams() {
    let mut server = NatsServer::start();
    let bus = connect(&server).await;
    let mut stream = bus.join::<u32>("a");
    server.kill();
    assert_eq!(next(&mut stream).await, Err(BusError::Disconnected));
    assert_eq!(
        within_limits(bus.close()).await,
        Err(BusError::Disconnected)
    );
    assert_eq!(within_limits(stream.next()).await, None);
    assert_eq!(bus.emit("a", &1).await, Err(BusError::Closed));
}

/// It takes the five seconds of the time limit.
#[tokio::test]
async fn a_server_that_hangs_is_an_error_in_time() {
    let server = NatsServer::start();
    let bus = connect(&server).await;
    let mut stream = bus.join("a");
    stream.ready().await.unwrap();
    server.hang();
    let unconfirmed = bus.join::<u32>("b");
    let (ready, flushed) =
        within_limits(async { tokio::join!(unconfirmed.ready(), bus.flush()) }).await;
    assert_eq!(
        (ready, flushed),
        (Err(BusError::TimedOut), Err(BusError::TimedOut))
    );
    bus.emit("a", &1).await.unwrap();
    server.go_on();
    expect(&mut stream, 1..2).await;
    within_limits(unconfirmed.ready()).await.unwrap();
    bus.flush().await.unwrap();
}

#[tokio::test]
async fn no_server_is_an_error_that_says_where() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = Bus::nats(&format!("nats://me:secret@127.0.0.1:{port}"))
        .await
        .unwrap_err();
    let text = error.to_string();
    assert!(
        matches!(error, BusError::Connect(_)) && text.contains(&format!("127.0.0.1:{port}")),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_greets_is_an_error() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("nats://{}", silent.local_addr().unwrap());
    let error = Bus::nats(&url).await.unwrap_err();
    assert!(error.to_string().contains("timed out"), "{error}");
}

#[tokio::test]
async fn invalid_address_is_an_error() {
    for url in [
        "",
        "nats://",
        "nats://:4222:1",
        "nats://127.0.0.1:99999",
        "http://127.0.0.1",
    ] {
        let error = Bus::nats(url).await.unwrap_err();
        assert!(matches!(error, BusError::Connect(_)), "{url}: {error}");
    }
}

#[tokio::test]
async fn of_several_addresses_one_is_enough() {
    let server = NatsServer::start();
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let bus = Bus::nats(&format!("nats://127.0.0.1:{port}, {}", server.url()))
        .await
        .unwrap();
    bus.emit("a", &1).await.unwrap();
    bus.flush().await.unwrap();
}

#[test]
fn streams_report_the_end_of_the_runtime() {
    let server = NatsServer::start();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bus = runtime.block_on(connect(&server));
    let mut stream = bus.join::<u32>("a");
    runtime.block_on(stream.ready()).unwrap();
    drop(runtime);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        assert_eq!(next(&mut stream).await, Err(BusError::Closed));
        assert_eq!(stream.next().await, None);
        assert_eq!(
            within_limits(bus.emit("a", &1)).await,
            Err(BusError::Closed)
        );
        let mut late = bus.join::<u32>("b");
        assert_eq!(next(&mut late).await, Err(BusError::Closed));
        assert_eq!(late.next().await, None);
        assert_eq!(within_limits(bus.flush()).await, Err(BusError::Closed));
        assert_eq!(within_limits(bus.close()).await, Err(BusError::Closed));
    });
    drop(bus);
}
