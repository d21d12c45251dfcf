//! `[move x]` and `[mut x]`: taken and changed values, in parts of every shape.

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
