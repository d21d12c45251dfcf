//! The tests of what blocks do that need no generated code, for a `conjoin` with the feature `tracing`; and functions with
//! `#[instrument]`.
#![deny(warnings, clippy::pedantic, clippy::nursery)]
#![allow(
    clippy::future_not_send,
    clippy::many_single_char_names,
    clippy::similar_names,
    reason = "they are about the functions around the blocks, and their short names"
)]

mod exits;
mod places;
mod real;
mod schedule;
mod shapes;
mod values;

use conjoin::concurrent;
use tracing::instrument;

#[instrument]
async fn sum(first: u32, second: u32) -> Result<u32, String> {
    concurrent!({
        let a = std::future::ready(Ok::<_, String>(first)).await?;
        let b = std::future::ready(Ok::<_, String>(second)).await?;
        Ok(a + b)
    })
    .await
}

#[tokio::test]
async fn instrumented_functions_may_use_it() {
    assert_eq!(sum(1, 2).await, Ok(3));
}
