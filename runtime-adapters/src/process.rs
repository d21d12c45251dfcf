//! Child processes that run this same program: what the cluster and the broker's worker pool have in common.
//!
//! | part | in | |
//! | --- | --- | --- |
//! | [`Program`] | parent | what is executed, and how; [`spawn`](Program::spawn) starts a worker |
//! | [`Child`] | parent | a worker that runs: its end, signals, the bounded stop; dropping it kills |
//! | [`RestartSchedule`] | parent | how long to wait before the next start, and when to give up |
//! | [`WorkerRole::inherit`] | child | whether this process is a worker, and its end of the socket |
//!
//! No worker outlives its parent, however that ends:
//!
//! - A [`Child`] that is dropped kills its worker, with the whole process group.
//! - When the parent is killed, Linux sends the worker `SIGKILL`, which also reaches one that is stopped or hangs.
//!   There and on other systems a thread of the worker watches the socket, and kills the worker's group when nobody
//!   holds the other end.
//!
//! Both are set up by [`WorkerRole::inherit`], so that a worker that has not come so far is on its own.

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
pub(crate) use role::{BROKER, CLUSTER};
pub use state::WorkerState;

#[cfg(unix)]
#[allow(
    unused_imports,
    reason = "each of its two users leaves something to the other"
)]
pub(crate) use {
    child::Child, exit::Exit, inherited::InheritedSocket, output::OutputMode, program::Program,
};

/// An error for where this is not possible at all.
#[cfg(not(unix))]
pub(crate) fn unsupported() -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::Unsupported,
        "worker processes need Unix sockets and signals",
    )
}
