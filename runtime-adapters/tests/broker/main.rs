//! Tests requests and their answers, with each engine.
//!
//! `conformance` holds what applies to every engine, `requests` the requests. Each engine has a file for what only it
//! can do, or get wrong.

mod conformance;
mod handlers;
mod in_process;
#[cfg(feature = "nats")]
mod nats;
#[cfg(feature = "nats")]
#[path = "../nats_server/mod.rs"]
mod nats_server;
mod requests;
mod values;
#[cfg(all(unix, feature = "workers"))]
mod workers;
