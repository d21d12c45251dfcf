//! Tests what the server denies: it reports refusals asynchronously, and each must reach the operation that it
//! concerns.

use std::time::Duration;

use conjoin_adapters::broker::{Broker, BrokerError, Handlers, Nats, StartError};

use super::ends;
use crate::nats_server::NatsServer;
use crate::requests::{Echo, handlers};

/// A server whose one user has these permissions.
fn server(permissions: &str) -> NatsServer {
    NatsServer::start_with(&format!(
        "jetstream: {{ store_dir: jetstream }}
        authorization: {{ users: [ {{ user: me, password: secret, permissions: {{ {permissions} }} }} ] }}"
    ))
}

fn nats(server: &NatsServer) -> Nats {
    Nats::new(server.url().replace("//", "//me:secret@"))
}

fn echo() -> Echo {
    Echo { text: "x".into() }
}

async fn refused_start(nats: Nats) -> String {
    match ends(nats.start(handlers())).await {
        Err(StartError::Unavailable(why)) => why,
        other => panic!("{other:?}"),
    }
}

fn refused(answer: &Result<String, BrokerError<String>>, of: &str) {
    assert!(
        matches!(answer, Err(BrokerError::Unavailable(why)) if why.contains("Violation") && why.contains(of)),
        "{answer:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn denied_request_subject_fails_the_start() {
    let server =
        server(r#"publish: ">", subscribe: { allow: [">"], deny: ["conjoin.call.echo"] }"#);
    let why = refused_start(nats(&server)).await;
    assert!(
        why.contains(r#"Subscription to "conjoin.call.echo""#),
        "{why}"
    );
    // A broker that only calls needs no such permission.
    assert!(ends(nats(&server).start(Handlers::new())).await.is_ok());
}

#[tokio::test]
async fn denied_inbox_fails_the_start() {
    for denied in [
        r#"publish: ">", subscribe: { allow: [">"], deny: ["_INBOX.>"] }"#,
        r#"subscribe: ">", publish: { allow: [">"], deny: ["_INBOX.>"] }"#,
    ] {
        let server = server(denied);
        let why = refused_start(nats(&server)).await;
        assert!(why.contains("Violation") && why.contains("_INBOX"), "{why}");
    }
}

#[tokio::test]
async fn too_few_subscriptions_fail_the_start() {
    let server = NatsServer::start_with("max_subscriptions: 3");
    let why = refused_start(Nats::new(server.url())).await;
    assert!(
        why.to_lowercase().contains("maximum subscriptions"),
        "{why}"
    );
}

#[tokio::test]
async fn denied_request_fails_its_call() {
    let server = server(
        r#"subscribe: ">", publish: { allow: [">"], deny: ["conjoin.call.echo", "conjoin.durable.echo"] }"#,
    );
    let broker = ends(nats(&server).start(handlers()))
        .await
        .expect("a server");
    for _ in 0..2 {
        let call = broker.call(&echo()).deadline(Duration::MAX);
        refused(&ends(call).await, "conjoin.call.echo");
        let call = broker.call_durable(&echo()).deadline(Duration::MAX);
        refused(&ends(call).await, "conjoin.durable.echo");
    }
    let other = crate::requests::Pid {};
    assert!(ends(broker.call(&other)).await.is_ok());
    assert!(ends(broker.call_durable(&other)).await.is_ok());
}

#[tokio::test]
async fn denied_answers_fail_durable_calls() {
    let server = server(r#"publish: ">", subscribe: { allow: [">"], deny: ["conjoin.answer.>"] }"#);
    let broker = ends(nats(&server).start(handlers()))
        .await
        .expect("a server");
    let call = broker
        .call_durable(&crate::requests::Hang {})
        .deadline(Duration::MAX);
    let answer = ends(call).await.map(|()| String::new());
    refused(&answer, "conjoin.answer.");
}

#[tokio::test]
async fn denied_jetstream_fails_start_and_durable_calls() {
    let server = server(r#"subscribe: ">", publish: { allow: [">"], deny: ["$JS.API.>"] }"#);
    let why = refused_start(nats(&server)).await;
    assert!(why.contains("$JS.API."), "{why}");
    let caller = ends(nats(&server).start(Handlers::new()))
        .await
        .expect("a server");
    let call = caller.call_durable(&echo()).deadline(Duration::MAX);
    refused(&ends(call).await, "$JS.API.");
    let worker = nats(&server).durable(false).start(handlers());
    let _worker = ends(worker).await.expect("a server");
    assert_eq!(ends(caller.call(&echo())).await, Ok("x".into()));
}

#[tokio::test]
async fn further_subscription_fails_its_durable_call() {
    let server =
        NatsServer::start_with("max_subscriptions: 2\njetstream: { store_dir: jetstream }");
    // One subscription is the broker's inbox, the other that of the client for requests to JetStream.
    let broker = Broker::nats(server.url(), Handlers::new())
        .await
        .expect("a server");
    let call = broker.call_durable(&echo()).deadline(Duration::MAX);
    let answer = ends(call).await;
    assert!(
        matches!(&answer, Err(BrokerError::Unavailable(why)) if why.to_lowercase().contains("maximum subscriptions")),
        "{answer:?}"
    );
}

#[tokio::test]
async fn id_beyond_the_longest_line_is_too_large() {
    let server =
        NatsServer::start_with("max_control_line: 512\njetstream: { store_dir: jetstream }");
    let broker = Broker::nats(server.url(), handlers())
        .await
        .expect("a server");
    let long = broker.call_durable(&echo()).message_id("i".repeat(900));
    assert_eq!(
        ends(long.deadline(Duration::MAX)).await,
        Err(BrokerError::TooLarge)
    );
    assert_eq!(ends(broker.call_durable(&echo())).await, Ok("x".into()));
}
