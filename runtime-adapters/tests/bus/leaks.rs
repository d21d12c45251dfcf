//! Tests what remains after all receivers have left, and what accumulates while none reads.

use std::io::{Read, Write};
use std::net::TcpStream;

use conjoin_adapters::bus::{Bus, BusError, Subscription};
use futures::StreamExt;

use super::conformance::next;
use super::nats_server::{NatsServer, free_port};

/// The number of subscriptions on the server.
fn subscriptions(port: u16) -> u64 {
    statistic(port, "subsz", "num_subscriptions")
}

/// A number of the server's own statistics.
fn statistic(port: u16, page: &str, name: &str) -> u64 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream
        .write_all(format!("GET /{page} HTTP/1.0\r\n\r\n").as_bytes())
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, json) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str::<serde_json::Value>(json).unwrap()[name]
        .as_u64()
        .unwrap()
}

#[tokio::test]
async fn leaving_a_room_ends_its_subscription() {
    let port = free_port();
    let server = NatsServer::start_with(&format!("http: \"127.0.0.1:{port}\""));
    let bus = Bus::nats(&server.url()).await.unwrap();
    let before = subscriptions(port);

    let mut streams: Vec<Subscription<u32>> =
        (0..1_000).map(|room| bus.join(&room.to_string())).collect();
    streams[999].ready().await.unwrap();
    bus.emit("0", &1).await.unwrap();
    assert_eq!(next(&mut streams[0]).await, Ok(1));
    let joined = subscriptions(port);
    assert!(
        joined >= before + 1_000,
        "{joined} subscriptions, and {before} before"
    );
    drop(streams);
    for room in 0..10_000 {
        let stream = bus.join::<u32>(&room.to_string());
        if room % 10 == 0 {
            tokio::task::yield_now().await;
        }
        drop(stream);
    }
    assert_eq!(bus.rooms(), 0);
    // The tasks end and unsubscribe at their own pace, which cannot be awaited otherwise.
    let end = tokio::time::Instant::now() + super::conformance::HANGING;
    loop {
        bus.flush().await.unwrap();
        let now = subscriptions(port);
        // The subscription of the flush itself may still exist.
        if now <= before + 1 {
            break;
        }
        assert!(
            tokio::time::Instant::now() < end,
            "{now} subscriptions, and {before} before"
        );
    }
    let tasks = tokio::runtime::Handle::current()
        .metrics()
        .num_alive_tasks();
    assert!(tasks < 10, "{tasks} tasks are left");
}

#[tokio::test]
async fn a_closed_bus_leaves_no_task_and_no_connection() {
    let port = free_port();
    let server = NatsServer::start_with(&format!("http: \"127.0.0.1:{port}\""));
    let metrics = tokio::runtime::Handle::current().metrics();
    for round in 0..10 {
        let bus = Bus::nats(&server.url()).await.unwrap();
        let stream = bus.join::<u32>("a");
        if round % 2 == 0 {
            bus.close().await.unwrap();
        }
        drop(bus);
        drop(stream);
    }
    let end = tokio::time::Instant::now() + super::conformance::HANGING;
    while metrics.num_alive_tasks() > 0 || statistic(port, "connz", "num_connections") > 0 {
        assert!(
            tokio::time::Instant::now() < end,
            "{} tasks are left",
            metrics.num_alive_tasks()
        );
        tokio::task::yield_now().await;
    }
}

/// The client reads while a receiver sleeps. Its own buffers would silently drop the newest messages.
async fn a_flood_is_counted() {
    const FLOOD: u64 = 300_000;
    let server = NatsServer::start();
    let bus = Bus::nats(&server.url()).await.unwrap();
    let mut stream = bus.join::<u64>("a");
    stream.ready().await.unwrap();
    let url = server.url();
    let emitter = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let bus = Bus::nats(&url).await.unwrap();
            for event in 0..FLOOD {
                bus.emit("a", &event).await.unwrap();
            }
            bus.close().await.unwrap();
        });
    });
    let mut seen = 0;
    while seen < FLOOD {
        match super::conformance::within_limits(stream.next())
            .await
            .unwrap()
        {
            Ok(event) => {
                assert_eq!(event, seen);
                seen += 1;
            }
            Err(BusError::Lagged(missed)) => seen += missed,
            Err(error) => panic!("{error}"),
        }
    }
    emitter.join().unwrap();
}

#[tokio::test]
async fn a_flood_is_received_or_counted() {
    a_flood_is_counted().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_is_received_or_counted_on_threads() {
    a_flood_is_counted().await;
}
