//! What the test binaries in the folders beside this one share.

mod flag;
mod log;

pub use flag::{Flag, poll};
pub use log::{Log, Running, Times, sorted};
