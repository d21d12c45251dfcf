//! Objects for `#![around(object)]` of [`auto!`](https://docs.rs/conjoin/latest/conjoin/macro.auto.html): code that
//! runs around every task of a graph.
//!
//! | object | what it does |
//! | --- | --- |
//! | [`Timeouts`] | a task that takes too long fails |
//! | [`Metrics`] | OpenTelemetry histograms of durations, and counters of running tasks |
//! | [`Permits`] | limits how many tasks run at once, in all graphs that share the object |
//! | [`Fakes`] | replaces tasks by name, in tests |
//! | `(a, b)` | both: `b` within `a` |
//!
//! ```
//! use std::time::Duration;
//!
//! use conjoin::auto;
//! use conjoin_adapters::around::{Elapsed, Permits, Timeouts};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! # async fn fetch(what: &str) -> Result<String, Elapsed> {
//! #     if what == "comments" { std::future::pending().await }
//! #     Ok(what.to_owned())
//! # }
//! let (timeouts, permits) = (Timeouts::new(Duration::from_millis(10)), Permits::shared(2));
//! let page = auto! {
//!     #![around((&permits, &timeouts))] // The clock starts once there is a permit.
//!     user => fetch("user").await?,
//!     comments => fetch("comments").await?,
//! };
//! assert!(page.await.is_err());
//! # }
//! ```
//!
//! You can write your own: any type with a method `task` works. See [`Around`].

mod fakes;
mod metrics;
mod permits;
mod timeouts;

pub use conjoin::Around;
pub use fakes::Fakes;
pub use metrics::Metrics;
pub use permits::Permits;
pub use timeouts::{Timeouts, TimesOut};
pub use tokio::time::error::Elapsed;
