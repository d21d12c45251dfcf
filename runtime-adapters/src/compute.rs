//! Runs computing or blocking code on other threads.
//!
//! A body that computes or blocks holds up all tasks of its graph, and everything else on its thread. These functions
//! move such a body to another thread, and their futures bring back its value.
//!
//! | | for | where | how many at a time |
//! | --- | --- | --- | --- |
//! | [`cpu`] | computing | the threads of [rayon](https://docs.rs/rayon) | as many as there are cores |
//! | [`blocking`] | blocking calls: files, locks, a database driver | the runtime's threads for this | 512 by default |
//! | [`spawn`] | a future that runs concurrently with its graph | the runtime's worker threads | any number |
//!
//! More computing threads than cores make each computation slower, and as few waiting threads leave cores idle. So
//! there are two pools. Work that finds no free thread waits in the pool's queue.
//!
//! ```
//! use conjoin::auto;
//! use conjoin_adapters::{ComputeError, blocking, cpu};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ComputeError> {
//! let line = auto! {
//!     // All three run in parallel, on other threads.
//!     manifest => blocking(|| std::fs::read_to_string("Cargo.toml")).await?,
//!     sum => cpu(|| (1..=1_000_000_u64).sum::<u64>()).await?,
//!     product => cpu(|| (1..=20_u64).product::<u64>()).await?,
//!     => format!("{} bytes, {sum}, {product}", manifest.map_or(0, |text| text.len())),
//! }.await?;
//! # assert!(line.ends_with(" bytes, 500000500000, 2432902008176640000"));
//! # Ok(()) }
//! ```
//!
//! # When it starts
//!
//! At the call, not at the first poll, as with [`tokio::task::spawn_blocking`] and [`rayon::spawn`]: two futures
//! created in sequence and awaited later run concurrently. In an `auto!` body, which starts once its dependencies
//! complete, this makes no difference.
//!
//! # How it ends
//!
//! With the value, or with a [`ComputeError`]. A panic becomes the error [`Panicked`](ComputeError::Panicked), after
//! the panic hook has reported it, and the thread continues. [`Cancelled`](ComputeError::Cancelled) means that the work
//! will never run, for example because the runtime shuts down. The future always completes, unless the work itself does
//! not.
//!
//! Dropping a future cancels:
//!
//! - A closure that has not started never runs. It stays in the queue, with its captures, until a thread takes it out
//!   and drops it.
//! - A running closure cannot be stopped. Its value is dropped on its thread, and the panic hook reports a panic in
//!   that drop. To notice the cancellation in the closure, see [below](#a-closure-that-can-be-stopped).
//! - A [spawned](spawn) future is dropped at its next `await`.
//!
//! To wait until nothing runs any more, await `cancel` ([`CpuTask::cancel`], [`SpawnedTask::cancel`]).
//!
//! # A closure that can be stopped
//!
//! The closure needs a flag that changes when the task's body is dropped. The standard library has one:
//!
//! ```
//! use std::sync::{Arc, Weak};
//!
//! use conjoin_adapters::{ComputeError, cpu};
//!
//! /// `None` if the caller gave up. Other threads may check the token, too.
//! fn search(is_wanted: &Weak<()>) -> Option<u64> {
//!     (1..).take_while(|_| is_wanted.strong_count() > 0).find(|n| n * n % 1_000_003 == 4_356)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ComputeError> {
//! let search = async {
//!     let wanted = Arc::new(());
//!     let token = Arc::downgrade(&wanted);
//!     // `wanted` is dropped with this block: at its end, or when the block is cancelled.
//!     cpu(move || search(&token)).await
//! };
//! assert_eq!(search.await?, Some(66));
//! # Ok(()) }
//! ```
//!
//! # Tracing
//!
//! With the feature `tracing` the work runs in the span that was current at the call.

mod cpu;
mod error;
mod spawned;

pub use cpu::{CpuTask, cpu, cpu_on};
pub use error::ComputeError;
pub use spawned::{SpawnedTask, blocking, spawn};
