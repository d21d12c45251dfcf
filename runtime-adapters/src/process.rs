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

#[cfg(unix)]
#[allow(
    unused_imports,
    reason = "each of its two users leaves something to the other"
)]
pub(crate) use {
    child::Child, exit::Exit, inherited::InheritedSocket, output::OutputMode, program::Program,
};

/// A use of worker processes. A worker of one may be the parent of another's.
#[derive(Debug)]
pub(crate) struct WorkerRole {
    /// For people.
    pub(crate) name: &'static str,
    /// The environment variable that makes a process a worker of this role.
    pub(crate) variable: &'static str,
    /// What parent and worker have to agree on. They may be of different builds: a program can be replaced while it
    /// runs.
    pub(crate) protocol: u32,
}

pub(crate) const CLUSTER: &WorkerRole = &WorkerRole {
    name: "cluster",
    variable: "CONJOIN_CLUSTER_WORKER",
    protocol: 2,
};
// About how a worker comes to its socket alone: what is said there has a version of its own (`broker::workers::handshake`).
pub(crate) const BROKER: &WorkerRole = &WorkerRole {
    name: "broker",
    variable: "CONJOIN_BROKER_WORKER",
    protocol: 2,
};

/// Whoever spawns a worker of one of them takes the variables of the others out of its environment.
const ROLES: [&WorkerRole; 2] = [CLUSTER, BROKER];

/// An error for where this is not possible at all.
#[cfg(not(unix))]
pub(crate) fn unsupported() -> std::io::Error {
    std::io::Error::new(
        std::io::ErrorKind::Unsupported,
        "worker processes need Unix sockets and signals",
    )
}
