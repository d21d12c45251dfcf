//! What the benchmarks share: they drive futures, count instructions, compare times, and measure rustc.

pub mod compile;
mod drive;
mod instructions;
mod nanoseconds;

pub use drive::{Event, run, run_with_events, yield_once};
pub use instructions::{Case, Counts, Kind, looped};
pub use nanoseconds::{Comparison, compare};
