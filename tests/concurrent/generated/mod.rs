//! Random blocks. Each must behave like the `async` block, and start each line at the earliest moment that the rules
//! allow.
//!
//! `CONJOIN_SEED=7 cargo test -p conjoin-tests --test concurrent` tries others.

#[allow(
    dead_code,
    clippy::missing_const_for_fn,
    clippy::redundant_pub_crate,
    clippy::use_self,
    reason = "the build script draws more"
)]
#[path = "../../graphs/generate/random.rs"]
mod random;
mod world;

#[allow(
    warnings,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    reason = "no one wrote or reads it"
)]
mod blocks {
    use super::world::{Item, Line, Noisy, Pair, check, count_of, eat, look};

    include!(concat!(env!("OUT_DIR"), "/blocks.rs"));
}
