//! Child processes of the same program, for the cluster and the broker's workers.
//!
//! | part | in | |
//! | --- | --- | --- |
//! | [`Program`] | parent | the program to start, and its options; [`spawn`](Program::spawn) starts a worker |
//! | [`Child`] | parent | a running worker: its end, signals, a bounded stop; dropping it kills |
//! | [`RestartSchedule`] | parent | the delay before the next start, or none to give up |
//! | [`WorkerRole::inherit`] | child | whether this process is a worker, and its end of the socket |
//!
//! No worker outlives its parent, however that ends:
//!
//! - Dropping a [`Child`] kills its worker and the whole process group.
//! - When the parent is killed, Linux sends the worker `SIGKILL`, which also ends one that is stopped or hangs. On all
//!   systems, a thread of the worker watches the socket, and kills the worker's group when the other end has closed.
//!
//! [`WorkerRole::inherit`] sets up both, so a worker that has not reached it is not covered.

mod backoff;
mod role;
mod state;
#[cfg(all(test, unix))]
mod tests;

#[cfg(unix)]
mod child;
#[cfg(unix)]
mod exit;
#[cfg(unix)]
mod inherited;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod printer;
#[cfg(unix)]
mod program;
#[cfg(unix)]
mod spawner;

pub use backoff::Backoff;
#[cfg(unix)]
pub(crate) use backoff::RestartSchedule;
pub use state::WorkerState;

#[allow(unused_imports, reason = "its two users need different parts of it")]
pub(crate) use role::{BROKER, CLUSTER};
#[cfg(unix)]
#[allow(unused_imports, reason = "its two users need different parts of it")]
pub(crate) use {
    child::Child, exit::Exit, inherited::InheritedSocket, output::OutputMode, program::Program,
};

/// The error for platforms without worker processes.
#[cfg(not(unix))]
pub(crate) fn unsupported() -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::Unsupported,
        "worker processes need Unix sockets and signals",
    )
}
