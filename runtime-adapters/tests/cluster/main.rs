//! Clusters of real processes: this test binary, told to run [`program::program`] alone.
//!
//! Nothing here measures time. What the supervisor sees of its workers it writes line by line, and tests wait for lines.
//! Where something takes time, a time limit only keeps a failure from hanging.
#![cfg(all(unix, not(loom)))]

mod clients;
mod ends;
mod program;
mod refused;
mod replaced;
mod service;
