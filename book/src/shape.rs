//! Four queries in the shape of an N, the smallest graph that neither layers nor nesting can put together without a
//! loss: `user`, `config`, `posts` of the user, and `view` of user and config.
//!
//! By layers it takes 6 seconds, nested 5; the longest path takes 4.

use std::time::Duration;

use tokio::time::sleep;

/// Why a query fails.
pub type Error = String;

/// Takes one second.
///
/// # Errors
///
/// None.
pub async fn user() -> Result<u32, Error> {
    sleep(Duration::from_secs(1)).await;
    Ok(7)
}

/// Takes three seconds.
///
/// # Errors
///
/// None.
pub async fn config() -> Result<u32, Error> {
    sleep(Duration::from_secs(3)).await;
    Ok(100)
}

/// Takes three seconds.
///
/// # Errors
///
/// None.
pub async fn posts(user: &u32) -> Result<u32, Error> {
    sleep(Duration::from_secs(3)).await;
    Ok(user + 1)
}

/// Takes one second.
///
/// # Errors
///
/// None.
pub async fn view(user: &u32, config: &u32) -> Result<u32, Error> {
    sleep(Duration::from_secs(1)).await;
    Ok(user + config)
}
