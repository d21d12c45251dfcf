//! What `explain!` says of graphs. How it is drawn as SVG is tested in the crate itself, behind its feature.

mod blocks;
mod data;
mod items;
mod pictures;
mod plans;
mod text;
