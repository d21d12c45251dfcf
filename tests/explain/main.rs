//! The output of `explain!`. The crate itself tests the SVG pictures, behind its feature.

mod blocks;
mod data;
mod items;
mod pictures;
mod plans;
mod text;
