//! `#![settle]`: everything that can run completes, and each field tells how its task ended.

mod exhaustive;
mod outcomes;
mod ownership;
mod results;
