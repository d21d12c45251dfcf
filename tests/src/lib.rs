//! Code shared by the test binaries in the other folders.

mod flag;
mod log;

pub use flag::{Flag, poll};
pub use log::{Log, Running, Times, sorted};
