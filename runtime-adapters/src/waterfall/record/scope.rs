//! The runs within one recorded future.

use std::collections::VecDeque;

use crate::sync::{Arc, Mutex, lock};
use crate::waterfall::model::run::Run;

pub(super) struct RecordScope {
    pub(super) id: u64,
    pub(super) runs: Mutex<VecDeque<Arc<Run>>>,
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
