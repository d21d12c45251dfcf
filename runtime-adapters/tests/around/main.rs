//! The objects for `#![around(object)]`, as graphs use them.
#![cfg(not(loom))]

mod fakes;
mod metrics;
mod permits;
mod timeouts;
