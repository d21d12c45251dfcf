//! The runs within one future.

use std::collections::VecDeque;

use tracing::Instrument;

use super::run::Run;
use super::store::RunStore;
use crate::sync::{Arc, Mutex, lock};

/// Where the runs within a future are kept.
pub(super) struct RecordScope {
    pub(super) id: u64,
    runs: Mutex<VecDeque<Arc<Run>>>,
}

impl RecordScope {
    pub(super) fn new(id: u64) -> Self {
        RecordScope {
            id,
            runs: Mutex::default(),
        }
    }

    pub(super) fn push(&self, run: &Arc<Run>, limit: usize) {
        let mut runs = lock(&self.runs);
        runs.push_back(Arc::clone(run));
        let surplus = runs.len().saturating_sub(limit);
        runs.drain(..surplus);
    }
}

/// Ends the scope also when the future is dropped.
struct ScopeGuard {
    store: Arc<RunStore>,
    scope: Arc<RecordScope>,
}

impl Drop for ScopeGuard {
    fn drop(&mut self) {
        self.store.close_scope(&self.scope);
    }
}

pub(super) async fn record<F: Future>(
    store: Arc<RunStore>,
    future: F,
) -> (F::Output, Vec<Arc<Run>>) {
    let open = ScopeGuard {
        scope: store.open_scope(),
        store,
    };
    // The span carries the scope to wherever the spans within go, other threads among that.
    let span = tracing::info_span!(target: "conjoin", "recorded", recording = open.scope.id);
    let output = future.instrument(span).await;
    // A thread of a driver may keep a span of a failed graph for a moment longer than the future.
    open.store.finish_ended(&open.scope);
    let runs = std::mem::take(&mut *lock(&open.scope.runs));
    (output, runs.into())
}
