//! Callers that shadow whatever an expansion could name, under every lint there is.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic)]

mod generics;
mod task_names;
mod user_macros;
mod values;

mod crates;
mod prelude;
