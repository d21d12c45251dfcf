//! The model of an ended run. It does not depend on recording and drawing.

pub(super) mod critical_path;
mod nanos;
pub(super) mod run;
