//! What happens to workers, for whoever runs the program.

use std::time::Duration;

#[cfg_attr(not(feature = "tracing"), allow(unused_variables))]
pub(super) fn ready(worker: usize, pid: u32) {
    #[cfg(feature = "tracing")]
    tracing::debug!(worker, pid, "a worker is ready");
}

#[cfg_attr(not(feature = "tracing"), allow(unused_variables))]
pub(super) fn ended(worker: usize, reason: &str, wait: Duration) {
    #[cfg(feature = "tracing")]
    tracing::warn!(
        worker,
        reason,
        ?wait,
        "a worker has ended, and is started again"
    );
}

#[cfg_attr(not(feature = "tracing"), allow(unused_variables))]
pub(super) fn failed(worker: usize, reason: &str) {
    #[cfg(feature = "tracing")]
    tracing::error!(
        worker,
        reason,
        "a worker has failed, and is not started again"
    );
}
