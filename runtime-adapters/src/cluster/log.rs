//! Logs the supervisor's messages about its workers.

use std::fmt::Arguments;

#[cfg_attr(not(feature = "tracing"), expect(unused_variables))]
pub(super) fn info(worker: usize, text: Arguments<'_>) {
    #[cfg(feature = "tracing")]
    tracing::info!(target: "conjoin_adapters::cluster", worker, "{text}");
}

#[cfg_attr(not(feature = "tracing"), expect(unused_variables))]
pub(super) fn warn(worker: usize, text: Arguments<'_>) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "conjoin_adapters::cluster", worker, "{text}");
}
