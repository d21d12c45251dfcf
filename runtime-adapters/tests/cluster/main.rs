//! Tests clusters of real processes: this test binary, which runs [`program::program`] alone.
//!
//! No test measures time. The supervisor writes each change of its workers as a line, and tests wait for lines. Time
//! limits only keep a failure from hanging.
#![cfg(all(unix, not(loom)))]

mod clients;
mod ends;
mod program;
mod refused;
mod replaced;
mod service;
