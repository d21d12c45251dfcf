//! What the programs in `src/bin` share: the blog service, and how to listen and serve.

pub mod blog;
mod listen;
mod nats;
mod server;

pub use listen::listen_address;
pub use nats::{NO_NATS, bus_over_nats};
pub use server::serve;
