//! Say which asynchronous task needs which. [`auto!`] compiles the graph to one future that starts every task at the earliest
//! moment its dependencies allow.
//!
//! ```
//! use conjoin::auto;
//!
//! # futures::executor::block_on(async {
//! let page = auto! {
//!     user => fetch("user").await?,
//!     posts:    [user] => fetch(user).await?,
//!     comments: [user] => fetch(user).await?,
//! }.await?;
//!
//! assert_eq!(page.comments, "user!!");
//! # Ok::<_, Error>(()) }).unwrap();
//!
//! # #[derive(Debug)] struct Error;
//! async fn fetch(what: &str) -> Result<String, Error> {
//!     Ok(format!("{what}!"))
//! }
//! ```
//!
//! [`concurrent!`] finds the graph in plain Rust: the lines of a block that do not need each other run concurrently.
//!
//! The page of [`auto!`] is the reference of the language: its rules, its compile errors, cancellation and panics, and the
//! code it expands to. [`explain!`] takes the same graph and shows it, instead of running it. The repository has a book, with
//! a tutorial and a cookbook.
//!
//! The crate depends only on its macro. Features: `serde` makes [`Settled`] serializable, `tracing` makes graphs and tasks
//! spans ([Tracing](auto!#tracing)), and `svg` lets what [`explain!`] returns draw itself.
//!
//! Without the default feature `std`, the crate is `no_std`. `alloc` alone leaves everything but the feature `tracing`; it
//! needs 64-bit atomics. Without `alloc`, there are no `for` tasks, [`explain!`] returns no text, and a wake polls every
//! running task of its part, however many there are.
//!
//! The expansion spawns nothing and contains no `unsafe` code, so crates with `#![forbid(unsafe_code)]` can use it. It allocates
//! in two cases only: for the items of a `for` task, and when eight or more tasks run concurrently and one of them clones its
//! waker.

#![cfg_attr(not(any(feature = "std", test, loom)), no_std)]
#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg(hide(rust_analyzer))))]

#[cfg(feature = "alloc")]
extern crate alloc;

#[doc(hidden)]
pub mod __private;
mod around;
mod auto;
mod concurrent;
pub mod explain;
mod settled;
mod slot;
mod task_error;
#[cfg_attr(not(feature = "alloc"), path = "wake/without_alloc.rs")]
mod wake;

// What messages name.
#[doc(hidden)]
pub use __private::warnings as nothing_runs_concurrently;
#[doc(hidden)]
pub use __private::{
    Absent, Awaited, Branch, Decides, Failed, Fallible, FallibleConverted, FallibleNamed,
    FallibleSettled, IsReference, LineOutcome, MayBeReferenced, Outcome, SameError, SameKind,
    UnusedDependency, UnusedTakenDependency, auto as __auto, concurrent as __concurrent,
    explain as __explain,
};
pub use around::Around;
pub use settled::{Never, NotDone, Settled};
pub use task_error::TaskError;
