//! The bus over a NATS server.
//!
//! A room is a subject, and each room that is joined in this process is one subscription: a task moves what comes to
//! the room's receivers in the [`Hub`]. It drops the oldest where a receiver is slow, and counts; the client's own
//! buffer, which drops the newest and does not say whose, never fills up while that task runs.

mod connect;
mod forwarder;
mod subject;
mod subscribe;
pub(super) mod transport;
mod watch;
