//! The roles of worker processes.

/// A role of worker processes. A worker in one role may be a parent in another.
#[derive(Debug)]
pub(crate) struct WorkerRole {
    /// The name, for people.
    pub(crate) name: &'static str,
    /// The environment variable that makes a process a worker of this role.
    pub(crate) variable: &'static str,
    /// The version of the protocol between parent and worker. They may be different builds: a program can be replaced
    /// while it runs.
    pub(crate) protocol: u32,
}

pub(crate) const CLUSTER: &WorkerRole = &WorkerRole {
    name: "cluster",
    variable: "CONJOIN_CLUSTER_WORKER",
    protocol: 2,
};
// Only covers how a worker gets its socket: the protocol on it has its own version (`broker::workers::handshake`).
pub(crate) const BROKER: &WorkerRole = &WorkerRole {
    name: "broker",
    variable: "CONJOIN_BROKER_WORKER",
    protocol: 2,
};

/// All roles. A parent removes the variables of the other roles from a worker's environment.
pub(super) const ROLES: [&WorkerRole; 2] = [CLUSTER, BROKER];
