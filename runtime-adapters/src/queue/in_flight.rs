//! Clones of the items that run, for [`in_flight`](super::JobQueue::in_flight).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Erases the bounds that only a tracked queue has.
pub(super) trait InFlight<T>: Send + Sync {
    fn begin(&self, number: u64, item: &T);
    fn end(&self, number: u64);
    fn items(&self) -> Vec<Arc<T>>;
}

/// In the order in which the jobs started. No item is cloned or dropped under the lock.
pub(super) struct InFlightItems<T>(Mutex<BTreeMap<u64, Arc<T>>>);

impl<T> InFlightItems<T> {
    pub(super) fn new() -> Self {
        InFlightItems(Mutex::new(BTreeMap::new()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone + Send + Sync> InFlight<T> for InFlightItems<T> {
    fn begin(&self, number: u64, item: &T) {
        let item = Arc::new(item.clone());
        self.lock().insert(number, item);
    }

    fn end(&self, number: u64) {
        let item = self.lock().remove(&number);
        drop(item);
    }

    fn items(&self) -> Vec<Arc<T>> {
        self.lock().values().cloned().collect()
    }
}
