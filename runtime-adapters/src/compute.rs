//! Work that other threads do, as futures.
//!
//! All tasks of an `auto!` graph, and everything else that is polled on the same thread, wait for a body that does not
//! give way: one that computes, or calls something that blocks. These functions move such a body to another thread, and
//! their futures bring back its value.
//!
//! | | for | where | how many at a time |
//! | --- | --- | --- | --- |
//! | [`cpu`] | what computes | the threads of [rayon](https://docs.rs/rayon) | as many as there are cores |
//! | [`blocking`] | what waits: for files, locks, a database driver | the runtime's threads for this | 512 by default |
//! | [`spawn`] | a future, beside the task that polls the graph | the runtime's worker threads | any number |
//!
//! Computing on more threads than there are cores makes each computation slower, and waiting on as few lets the cores
//! be idle: this is why there are two pools. What does not fit into a pool waits in its queue.
//!
//! ```
//! use conjoin::auto;
//! use conjoin_adapters::{ComputeError, blocking, cpu};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ComputeError> {
//! let line = auto! {
//!     // The three run side by side, on other threads than this one.
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
//! At the call, not at the first poll, as with [`tokio::task::spawn_blocking`] and [`rayon::spawn`]: two futures that
//! are made one after the other and awaited later run side by side. In a body of `auto!`, which starts when its
//! dependencies are there, the difference cannot be seen.
//!
//! # How it ends
//!
//! With the value, or with a [`ComputeError`]. A panic is the error [`Panicked`](ComputeError::Panicked) and does no
//! harm to the thread; the panic hook has reported it before. [`Cancelled`](ComputeError::Cancelled) says that it will
//! never run, because the runtime shuts down, for example. Nothing is pending for ever, unless the work itself is.
//!
//! Dropping a future says that nobody waits any more:
//!
//! - A closure that has not started never runs. It stays in the queue, with what it has captured, until a thread comes
//!   to it and drops it.
//! - A closure that runs cannot be stopped. Its value is dropped on its thread, and a panic in that is reported by the
//!   panic hook alone. To see that nobody waits, see [below](#a-closure-that-can-be-stopped).
//! - A future that was [spawned](spawn) is dropped at its next `await`.
//!
//! To be sure that nothing runs any more, call `cancel` ([`CpuTask::cancel`], [`SpawnedTask::cancel`]) and await that.
//!
//! # A closure that can be stopped
//!
//! It needs something to look at that changes when the body of the task is dropped. The standard library has that:
//!
//! ```
//! use std::sync::{Arc, Weak};
//!
//! use conjoin_adapters::{ComputeError, cpu};
//!
//! /// `None` if nobody waited for the end. Other threads may look at the token as well.
//! fn search(is_wanted: &Weak<()>) -> Option<u64> {
//!     (1..).take_while(|_| is_wanted.strong_count() > 0).find(|n| n * n % 1_000_003 == 4_356)
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), ComputeError> {
//! let search = async {
//!     let wanted = Arc::new(());
//!     let token = Arc::downgrade(&wanted);
//!     // `wanted` is dropped with this block: at its end, or when nobody polls it to its end.
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
