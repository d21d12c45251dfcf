//! A key, and what is known of its value.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::BatchError;
use super::call::LoaderCall;

pub(super) struct KeyEntry<K, V, E, F> {
    pub(super) key: K,
    /// The loads that wait for it.
    pub(super) loads: LoadCount,
    /// The call that asks for it, once there is one.
    pub(super) call: OnceLock<Arc<LoaderCall<K, V, E, F>>>,
    /// What came of it.
    pub(super) outcome: OnceLock<Result<V, BatchError<E>>>,
}

impl<K, V, E, F> KeyEntry<K, V, E, F> {
    pub(super) fn new(key: K) -> Self {
        KeyEntry {
            key,
            loads: LoadCount::default(),
            call: OnceLock::new(),
            outcome: OnceLock::new(),
        }
    }

    /// One whose value is known.
    pub(super) fn with(key: K, value: V) -> Self {
        let entry = KeyEntry::new(key);
        let _ = entry.outcome.set(Ok(value));
        entry
    }
}

/// A number of loads, which changes under the lock of the batch.
#[derive(Debug, Default)]
pub(super) struct LoadCount(AtomicUsize);

impl LoadCount {
    pub(super) fn new(loads: usize) -> Self {
        LoadCount(AtomicUsize::new(loads))
    }

    pub(super) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether it was the last.
    pub(super) fn remove(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) == 1
    }
}

/// An entry that is found by its key.
pub(super) struct EntryByKey<K, V, E, F>(pub(super) Arc<KeyEntry<K, V, E, F>>);

impl<K: Hash, V, E, F> Hash for EntryByKey<K, V, E, F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl<K: PartialEq, V, E, F> PartialEq for EntryByKey<K, V, E, F> {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl<K: Eq, V, E, F> Eq for EntryByKey<K, V, E, F> {}

impl<K, V, E, F> Borrow<K> for EntryByKey<K, V, E, F> {
    fn borrow(&self) -> &K {
        &self.0.key
    }
}
