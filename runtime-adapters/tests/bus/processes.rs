//! Tests several processes, each of which runs one test of this program, with a variable for its task.

use std::env;
use std::process::{Child, Command, Stdio};

use conjoin_adapters::bus::{Bus, Subscription};
use futures::StreamExt;

use super::conformance::{expect, next, within_limits};
use super::nats_server::NatsServer;

const URL: &str = "CONJOIN_BUS_TEST_URL";
const HOLD: &str = "CONJOIN_BUS_TEST_HOLD";
const EVENTS: u32 = 1_000;

/// Starts this program with one of its tests.
fn process(test: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture"])
        .stdout(Stdio::null());
    command
}

/// Does not outlive its test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Emits and ends, if it is started for that.
#[tokio::test]
async fn the_process_that_emits() {
    let Ok(url) = env::var(URL) else { return };
    let bus = Bus::nats(&url).await.unwrap();
    for event in 0..EVENTS {
        bus.emit("table 7", &event).await.unwrap();
    }
    bus.close().await.unwrap();
}

#[tokio::test]
async fn all_processes_receive_what_another_one_emits() {
    let server = NatsServer::start();
    let mut streams: Vec<Subscription<u32>> = Vec::new();
    let mut buses = Vec::new();
    for _ in 0..3 {
        let bus = Bus::builder()
            .capacity(EVENTS as usize)
            .nats(&server.url())
            .await
            .unwrap();
        let stream = bus.join("table 7");
        stream.ready().await.unwrap();
        streams.push(stream);
        buses.push(bus);
    }
    let mut emitter = process("processes::the_process_that_emits")
        .env(URL, server.url())
        .spawn()
        .map(Process)
        .unwrap();
    for stream in &mut streams {
        expect(stream, 0..EVENTS).await;
    }
    assert!(emitter.0.wait().unwrap().success());
}

/// The right one at once, without a retry.
#[tokio::test]
async fn ready_room_receives_from_other_processes() {
    let server = NatsServer::start();
    let bus = Bus::nats(&server.url()).await.unwrap();
    let other = Bus::nats(&server.url()).await.unwrap();
    for round in 0..300 {
        let room = format!("room {round}");
        let mut stream = bus.join(&room);
        stream.ready().await.unwrap();
        other.emit(&room, &round).await.unwrap();
        expect(&mut stream, round..round + 1).await;
    }
}

#[tokio::test]
async fn dropped_bus_sends_its_events() {
    let server = NatsServer::start();
    let receiver = Bus::builder()
        .capacity(1_000)
        .nats(&server.url())
        .await
        .unwrap();
    let mut stream = receiver.join("a");
    stream.ready().await.unwrap();
    let bus = Bus::nats(&server.url()).await.unwrap();
    for event in 0..1_000 {
        bus.emit("a", &event).await.unwrap();
    }
    drop(bus);
    expect(&mut stream, 0..1_000).await;
}

#[tokio::test]
async fn an_emitter_that_is_killed_hurts_nobody() {
    let server = NatsServer::start();
    let bus = Bus::nats(&server.url()).await.unwrap();
    let mut stream = bus.join::<u32>("table 7");
    stream.ready().await.unwrap();
    let mut emitter = process("processes::the_process_that_emits")
        .env(URL, server.url())
        .spawn()
        .map(Process)
        .unwrap();
    assert!(within_limits(stream.next()).await.is_some());
    // It may have ended by now.
    let _ = emitter.0.kill();
    emitter.0.wait().unwrap();
    bus.emit("table 7", &u32::MAX).await.unwrap();
    while next(&mut stream).await != Ok(u32::MAX) {}
}

/// Starts a server and waits to be killed, if it is started for that.
#[test]
fn the_process_that_is_killed() {
    let Ok(path) = env::var(HOLD) else { return };
    let server = NatsServer::start_with_jetstream();
    std::fs::write(format!("{path}.new"), server.address().to_string()).unwrap();
    std::fs::rename(format!("{path}.new"), path).unwrap();
    loop {
        std::thread::park();
    }
}

/// Tests the helper, on which all tests with a server rely.
#[test]
fn server_ends_with_its_killed_test() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("address");
    let mut holder = process("processes::the_process_that_is_killed");
    let mut holder = holder
        .env(HOLD, &path)
        .env("TMPDIR", folder.path())
        .spawn()
        .map(Process)
        .unwrap();
    let end = std::time::Instant::now() + super::conformance::HANGING;
    let wait = |what: &str| {
        assert!(std::time::Instant::now() < end, "{what}");
        std::thread::sleep(std::time::Duration::from_millis(5));
    };
    while !path.exists() {
        wait("there is no server");
    }
    let address = std::fs::read_to_string(&path).unwrap();
    std::net::TcpStream::connect(&address).unwrap();
    holder.0.kill().unwrap();
    while std::net::TcpStream::connect(&address).is_ok() {
        wait("the server is still there");
    }
}
