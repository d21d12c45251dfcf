//! What is known of a run that has ended. It knows nothing of how it is recorded or drawn.

pub(super) mod critical_path;
mod nanos;
pub(super) mod run;
