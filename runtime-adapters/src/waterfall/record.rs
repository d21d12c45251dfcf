//! Records runs from the spans of graphs and tasks.

mod fields;
pub(super) mod layer;
mod merged;
mod open_run;
mod recording;
mod scope;
pub(super) mod store;
pub(super) mod stream;
pub(super) mod within;
