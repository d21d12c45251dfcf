//! Draws runs.

pub(super) mod chrome;
pub(super) mod html;
mod rows;
mod svg;
pub(super) mod terminal;
mod text;
