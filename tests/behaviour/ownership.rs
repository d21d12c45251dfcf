//! `[move x]` and `[mut x]`: values that are handed over and changed, in parts of every shape.

#![allow(
    clippy::similar_names,
    reason = "a task is called after what it does with another's value"
)]

mod drops;
mod exhaustive;
mod patterns;
mod send;
mod shapes;
mod values;
