//! What worker processes are for.

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
pub(super) const ROLES: [&WorkerRole; 2] = [CLUSTER, BROKER];
