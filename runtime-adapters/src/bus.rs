//! Events for everyone who has joined a room, from this process or another one.

mod builder;
mod error;
#[cfg(feature = "nats")]
mod feed;
mod handle;
mod hub;
mod json;
#[cfg(feature = "nats")]
mod nats;
mod room;
mod subscription;

pub use builder::BusBuilder;
pub use error::BusError;
pub use handle::Bus;
pub use room::MAX_ROOM;
pub use subscription::Subscription;
