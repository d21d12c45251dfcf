//! Tests the objects for `#![around(object)]`, in graphs.
#![cfg(not(loom))]

mod fakes;
mod metrics;
mod permits;
mod timeouts;
