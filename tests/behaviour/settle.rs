//! `#![settle]`: everything that can run runs to its end, and each field says how its task ended.

mod exhaustive;
mod outcomes;
mod ownership;
mod results;
