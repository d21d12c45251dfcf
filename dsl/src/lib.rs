//! Declared task graphs as one joined future.
pub use conjoin_macros as __macros;
