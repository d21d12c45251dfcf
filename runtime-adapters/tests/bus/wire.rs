//! Tests what other clients see on the server, and what the server permits.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use conjoin_adapters::bus::{Bus, BusError};
use futures::StreamExt;

use super::conformance::{expect, next, within_limits};
use super::nats_server::NatsServer;

/// A client that writes the protocol by hand.
struct Raw(BufReader<TcpStream>);

impl Raw {
    fn connect(server: &NatsServer) -> Self {
        let mut raw = Raw(BufReader::new(
            TcpStream::connect(server.address()).unwrap(),
        ));
        assert!(raw.line().starts_with("INFO "));
        raw.write("CONNECT {\"verbose\":false}\r\n");
        raw
    }

    fn write(&mut self, text: &str) {
        self.0.get_mut().write_all(text.as_bytes()).unwrap();
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }

    /// Waits until the server has processed what was written.
    fn settle(&mut self) {
        self.write("PING\r\n");
        assert_eq!(self.line(), "PONG\r\n");
    }
}

#[tokio::test]
async fn an_event_is_json_on_a_subject_that_others_can_read() {
    let server = NatsServer::start();
    let bus = Bus::nats(&server.url()).await.unwrap();
    let mut raw = Raw::connect(&server);
    raw.write("SUB conjoin.bus.room.table%207 1\r\n");
    raw.settle();
    bus.emit("table 7", &("soup", 5)).await.unwrap();
    bus.flush().await.unwrap();
    assert_eq!(raw.line(), "MSG conjoin.bus.room.table%207 1 10\r\n");
    assert_eq!(raw.line(), "[\"soup\",5]\r\n");
}

#[tokio::test]
async fn an_event_of_anybody_is_received() {
    let server = NatsServer::start();
    let bus = Bus::nats(&server.url()).await.unwrap();
    let mut stream = bus.join::<u32>("a");
    stream.ready().await.unwrap();
    let mut raw = Raw::connect(&server);
    for payload in ["1", "", "{", "2"] {
        raw.write(&format!(
            "PUB conjoin.bus.room.a {}\r\n{payload}\r\n",
            payload.len()
        ));
    }
    expect(&mut stream, 1..2).await;
    assert!(matches!(next(&mut stream).await, Err(BusError::Decode(_))));
    assert!(matches!(next(&mut stream).await, Err(BusError::Decode(_))));
    expect(&mut stream, 2..3).await;
}

#[tokio::test]
async fn prefixes_keep_programs_apart() {
    let server = NatsServer::start();
    let one = Bus::builder()
        .prefix("one")
        .nats(&server.url())
        .await
        .unwrap();
    let two = Bus::builder()
        .prefix("two.b-2_x")
        .nats(&server.url())
        .await
        .unwrap();
    let mut stream = one.join("a");
    stream.ready().await.unwrap();
    two.emit("a", &1).await.unwrap();
    two.flush().await.unwrap();
    one.emit("a", &2).await.unwrap();
    expect(&mut stream, 2..3).await;
    for prefix in ["", ".", "a.", "a..b", "a b", "a.*", ">", &"x".repeat(201)] {
        let builder = std::panic::catch_unwind(|| Bus::builder().prefix(prefix));
        assert!(builder.is_err(), "{prefix:?}");
    }
}

#[tokio::test]
async fn the_longest_name_and_prefix_fit_the_protocol() {
    let server = NatsServer::start();
    let bus = Bus::builder()
        .prefix(&"x".repeat(200))
        .nats(&server.url())
        .await
        .unwrap();
    let room = " ".repeat(conjoin_adapters::bus::MAX_ROOM);
    let mut stream = bus.join(&room);
    bus.emit(&room, &1).await.unwrap();
    expect(&mut stream, 1..2).await;
}

#[tokio::test]
async fn the_limit_of_the_server_counts() {
    let server = NatsServer::start_with("max_payload: 100");
    let bus = Bus::nats(&server.url()).await.unwrap();
    let mut stream = bus.join::<String>("a");
    assert_eq!(
        bus.emit("a", &"x".repeat(99)).await,
        Err(BusError::TooLarge { limit: 100 })
    );
    bus.emit("a", &"x".repeat(98)).await.unwrap();
    assert_eq!(next(&mut stream).await.unwrap().len(), 98);
}

#[tokio::test]
async fn a_user_without_a_password_is_a_token() {
    let server = NatsServer::start_with("authorization: { token: secret }");
    let url = server.url();
    for wrong in [url.clone(), url.replace("//", "//wrong@")] {
        let error = Bus::nats(&wrong).await.unwrap_err();
        assert!(error.to_string().contains("authorization"), "{error}");
    }
    let bus = Bus::nats(&url.replace("//", "//secret@")).await.unwrap();
    bus.emit("a", &1).await.unwrap();
    bus.flush().await.unwrap();
}

#[tokio::test]
async fn a_room_that_the_server_refuses_says_so_and_ends() {
    let server = NatsServer::start_with(
        r#"authorization: { users: [ { user: me, password: "sec:ret@", permissions: {
            publish: "conjoin.bus.>",
            subscribe: { allow: ["conjoin.bus.>"], deny: ["conjoin.bus.room.secret"] } } } ] }"#,
    );
    let url = server.url();
    let error = Bus::nats(&url).await.unwrap_err();
    assert!(error.to_string().contains("authorization"), "{error}");
    let bus = Bus::nats(&url.replace("//", "//me:sec%3Aret%40@"))
        .await
        .unwrap();
    let (mut refused, mut allowed) = (bus.join::<u32>("secret"), bus.join("secret-not"));
    let error = next(&mut refused).await.unwrap_err();
    assert!(
        matches!(&error, BusError::Refused(reason) if reason.contains("ermission")),
        "{error}"
    );
    assert_eq!(within_limits(refused.next()).await, None);
    assert_eq!(refused.ready().await, Err(error));
    assert_eq!(bus.rooms(), 1);
    bus.emit("secret-not", &1).await.unwrap();
    expect(&mut allowed, 1..2).await;
}

#[tokio::test]
async fn flush_reports_a_refused_event() {
    let server = NatsServer::start_with(
        r#"authorization: { users: [ { user: me, password: secret, permissions: {
            subscribe: "conjoin.bus.>",
            publish: { allow: ["conjoin.bus.>"], deny: ["conjoin.bus.room.secret"] } } } ] }"#,
    );
    let bus = Bus::nats(&server.url().replace("//", "//me:secret@"))
        .await
        .unwrap();
    bus.emit("secret", &1).await.unwrap();
    let told = within_limits(async {
        loop {
            // The first one may have ended before the refusal is seen.
            if let Err(error) = bus.flush().await {
                return error;
            }
        }
    });
    let error = told.await;
    assert!(
        matches!(&error, BusError::Refused(reason) if reason.contains("secret")),
        "{error}"
    );
    bus.emit("secret-not", &1).await.unwrap();
    assert_eq!(bus.flush().await, Ok(()));
}
