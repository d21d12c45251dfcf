//! Tests handlers over a NATS server.

mod durable;
mod full;
mod kills;
mod limits;
mod lives;
mod load;
mod once;
mod refused;
mod wire;
mod worker;

use std::time::Duration;

use async_nats::{Client, Subscriber};
use conjoin_adapters::broker::{Broker, Handlers, Nats};
use futures::StreamExt;

use crate::conformance;
use crate::nats_server::NatsServer;
use crate::requests::handlers;

/// A time beyond what any step takes: a test that gets here has failed.
const HANGING: Duration = Duration::from_secs(60);

/// Fails instead of hanging.
async fn ends<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(HANGING, future)
        .await
        .expect("it does not hang")
}

/// The messages to a subject, from now on.
async fn subscribe(client: &Client, subject: &str) -> Subscriber {
    let mut messages = client
        .subscribe(subject.to_owned())
        .await
        .expect("a subscription");
    // When it comes back, the server has the subscription: `flush` only writes it.
    client
        .publish(subject.to_owned(), "known?".into())
        .await
        .expect("a server");
    ends(messages.next()).await.expect("a message");
    messages
}

async fn broker(server: &NatsServer, handlers: Handlers) -> Broker {
    Broker::nats(server.url(), handlers)
        .await
        .expect("a server")
}

/// A broker that soon considers workers dead.
fn impatient(server: &NatsServer) -> Nats {
    Nats::new(server.url()).ack_wait(Duration::from_millis(400))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_conforms_with_handlers_of_its_own() {
    let server = NatsServer::start_with_jetstream();
    ends(conformance::check(broker(&server, handlers()).await)).await;
}

#[test]
fn values_come_back_over_nats() {
    let server = NatsServer::start();
    let runtime = crate::values::runtime();
    let broker = runtime.block_on(broker(&server, handlers()));
    crate::values::check(&runtime, &broker, 500);
}

#[tokio::test]
async fn it_conforms_with_handlers_of_another_broker() {
    let server = NatsServer::start_with_jetstream();
    let worker = broker(&server, handlers()).await;
    ends(conformance::check(broker(&server, Handlers::new()).await)).await;
    drop(worker);
}
