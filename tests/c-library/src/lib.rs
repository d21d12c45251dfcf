//! C libraries that call back, behind functions that return futures: what a user of [`conjoin_adapters::ffi`] writes.
//! The tests and examples of this package need no `unsafe`.
#![allow(unsafe_code)]
#![warn(clippy::undocumented_unsafe_blocks)]

pub mod exports;
mod pool;
mod racer;
#[cfg(c_ares_is_installed)]
pub mod resolver;

pub use pool::{
    DoneParameters, EachParameters, FilledParameters, Forgotten, Pool, Refused, call_now, call_wide,
};
pub use racer::{Parameters, Racer};
