//! Requests and their answers, through each engine.
//!
//! `conformance` holds what is the same whichever engine it is, `requests` what is asked for; each engine has a file of
//! its own for what only it can do, or get wrong.

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
