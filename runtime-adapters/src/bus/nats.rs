//! A bus over a NATS server.
//!
//! A room is a subject, and each room that this process has joined is one subscription: a task forwards its messages to
//! the room's receivers in the [`Hub`]. For a slow receiver, the hub drops the oldest events and counts them. The
//! client's own buffer would drop the newest, without naming the room, but it never fills up while that task runs.

mod connect;
mod forwarder;
mod subject;
mod subscribe;
pub(super) mod transport;
mod watch;
