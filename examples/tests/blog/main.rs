//! Drives the example service from outside: the real program, over real HTTP, on loopback.
//!
//! Nothing here measures time. What runs beside what, and what waits for what, is read off the order of the service's
//! own log lines; where a test waits for one, the time limit only keeps a failure from hanging.
#![cfg(unix)]

mod answers;
mod broker;
#[cfg(feature = "browser-tests")]
mod browser;
#[cfg(feature = "browser-tests")]
#[path = "../chromium/mod.rs"]
mod chromium;
mod disk;
#[cfg(feature = "nats-tests")]
#[path = "../../../runtime-adapters/tests/nats_server/mod.rs"]
mod nats_server;
mod order;
#[cfg(feature = "postgres-tests")]
mod postgres;
mod publish;
mod service;
mod site;
mod start_and_stop;
