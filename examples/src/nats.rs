//! What takes a build with NATS.

use conjoin_adapters::{BoxError, Bus};

/// What programs say without it.
pub const NO_NATS: &str = "this was built without NATS; build it with `--features nats`";

/// A bus over a NATS server.
///
/// # Errors
///
/// When it cannot be reached, or this was built without NATS.
#[cfg_attr(not(feature = "nats"), allow(clippy::unused_async))]
pub async fn bus_over_nats(url: &str) -> Result<Bus, BoxError> {
    #[cfg(feature = "nats")]
    return Ok(Bus::nats(url).await?);
    #[cfg(not(feature = "nats"))]
    Err(format!("{url}: {NO_NATS}").into())
}
