//! Declared task graphs as one joined future.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod auto;
