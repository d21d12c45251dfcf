//! Records the runs within one future.

use tracing::Instrument;

use super::scope::RecordScope;
use super::store::RunStore;
use crate::sync::{Arc, lock};
use crate::waterfall::model::run::Run;

/// Ends the scope, even if the future is dropped.
struct ScopeGuard {
    store: Arc<RunStore>,
    scope: Arc<RecordScope>,
}

impl Drop for ScopeGuard {
    fn drop(&mut self) {
        self.store.close_scope(&self.scope);
    }
}

pub(in crate::waterfall) async fn record<F: Future>(
    store: Arc<RunStore>,
    future: F,
) -> (F::Output, Vec<Arc<Run>>) {
    let open = ScopeGuard {
        scope: store.open_scope(),
        store,
    };
    // The span carries the scope to all spans within, on whatever thread.
    let span = tracing::info_span!(target: "conjoin", "recorded", recording = open.scope.id);
    let output = future.instrument(span).await;
    // A driver's thread may keep a span of a failed graph a moment longer than the future.
    open.store.finish_ended(&open.scope);
    let runs = std::mem::take(&mut *lock(&open.scope.runs));
    (output, runs.into())
}
