//! Blocks of `concurrent!`, on a paused clock.
#![deny(warnings, clippy::pedantic, clippy::nursery)]
#![allow(
    clippy::future_not_send,
    clippy::many_single_char_names,
    clippy::similar_names,
    reason = "they are about the functions around the blocks, and their short names"
)]

mod around;
mod exits;
mod generated;
mod places;
mod real;
mod schedule;
mod shapes;
mod values;
