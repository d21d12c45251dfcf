//! Tests the bus over a NATS server.
#![cfg(not(loom))]

mod conformance;
mod connection;
mod leaks;
#[path = "../nats_server/mod.rs"]
mod nats_server;
mod processes;
mod refused;
mod wire;

use conformance::{Engine, conformance};
use conjoin_adapters::bus::{Bus, BusBuilder};
use nats_server::NatsServer;

struct Nats {
    server: NatsServer,
}

impl Nats {
    fn start() -> Self {
        Nats {
            server: NatsServer::start(),
        }
    }
}

impl Engine for Nats {
    async fn bus_of(&self, builder: BusBuilder) -> Bus {
        builder.nats(&self.server.url()).await.unwrap()
    }
}

conformance!(Nats::start());
