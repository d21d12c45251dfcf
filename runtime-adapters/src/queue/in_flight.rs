//! What is worked on, for those who ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a queue of any items can say, where only one of items that can be cloned and shared does.
pub(super) trait InFlight<T>: Send + Sync {
    fn begin(&self, number: u64, item: &T);
    fn end(&self, number: u64);
    fn items(&self) -> Vec<Arc<T>>;
}

/// Clones of the items that are worked on, in the order of their start. No item is cloned or dropped under the lock.
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
