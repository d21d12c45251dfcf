//! What needs a build with NATS.

use conjoin_adapters::{BoxError, Bus};

/// The error of programs that were built without NATS.
pub const NO_NATS: &str = "this program was built without NATS; build it with `--features nats`";

/// Connects a bus to a NATS server.
///
/// # Errors
///
/// If the server cannot be reached, or the program was built without NATS.
#[cfg_attr(not(feature = "nats"), allow(clippy::unused_async))]
pub async fn bus_over_nats(url: &str) -> Result<Bus, BoxError> {
    #[cfg(feature = "nats")]
    return Ok(Bus::nats(url).await?);
    #[cfg(not(feature = "nats"))]
    Err(format!("{url}: {NO_NATS}").into())
}
