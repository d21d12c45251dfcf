//! What the programs in `bin` share: how they drive a future, and how they count instructions.

pub mod compile;
mod drive;
mod instructions;

pub use drive::{Event, run, run_with_events, yield_once};
pub use instructions::{Case, Counts, Kind, looped};
