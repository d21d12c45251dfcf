//! Tests the blog service from outside: the real program, over HTTP on loopback.
//!
//! No test measures time. The order of the service's log lines shows what runs concurrently and what waits. Time limits
//! only keep a failed test from hanging.
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
