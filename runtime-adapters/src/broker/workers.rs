//! Workers: child processes that run this same program, and answer its requests.
//!
//! | part | on | |
//! | --- | --- | --- |
//! | [`frame`], [`partial_body`], [`handshake`], [`frame_source`] | both sides | what is said over the socket |
//! | [`pool`] | parent | which worker a call goes to |
//! | [`supervise`], [`heartbeat`] | parent | a worker's process: started, attended, started again |
//! | [`connection`] | parent | the calls that a worker has |
//! | [`serve`] | worker | the handlers that run |

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
