//! Workers: child processes that run the same program and answer its requests.
//!
//! | part | on | |
//! | --- | --- | --- |
//! | [`frame`], [`partial_body`], [`handshake`], [`frame_source`] | both sides | the protocol on the socket |
//! | [`pool`] | parent | the choice of a worker for each call |
//! | [`supervise`], [`heartbeat`] | parent | a worker's process: starts, watches and restarts it |
//! | [`connection`] | parent | the calls that were sent to a worker |
//! | [`serve`] | worker | the running handlers |

mod builder;
mod connection;
mod frame;
mod frame_source;
mod handshake;
mod heartbeat;
mod log;
mod options;
mod partial_body;
pub(super) mod pool;
mod serve;
mod supervise;
#[cfg(test)]
mod tests;

pub use builder::{Workers, is_worker};
