//! What several of the runnable programs share, which are the binaries in `src/bin`.

mod nats;
mod server;

pub use nats::{NO_NATS, bus_over_nats};
pub use server::serve;
