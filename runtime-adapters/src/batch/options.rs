//! What a batch is set up with.

use std::time::Duration;

#[derive(Clone, Copy, Debug)]
pub(super) struct BatchOptions {
    pub(super) max: usize,
    pub(super) window: Option<Duration>,
    pub(super) is_cached: bool,
}
