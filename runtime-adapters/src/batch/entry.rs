//! A key, and what is known of its value.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::BatchError;
use super::call::Call;

pub(super) struct Entry<K, V, E, F> {
    pub(super) key: K,
    /// The loads that wait for it.
    pub(super) loads: Count,
    /// The call that asks for it, once there is one.
    pub(super) call: OnceLock<Arc<Call<K, V, E, F>>>,
    /// What came of it.
    pub(super) outcome: OnceLock<Result<V, BatchError<E>>>,
}

impl<K, V, E, F> Entry<K, V, E, F> {
    pub(super) fn new(key: K) -> Self {
        Entry {
            key,
            loads: Count::default(),
            call: OnceLock::new(),
            outcome: OnceLock::new(),
        }
    }

    /// One whose value is known.
    pub(super) fn with(key: K, value: V) -> Self {
        let entry = Entry::new(key);
        let _ = entry.outcome.set(Ok(value));
        entry
    }
}

/// A number of loads, which changes under the lock of the batch.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicUsize);

impl Count {
    pub(super) fn new(loads: usize) -> Self {
        Count(AtomicUsize::new(loads))
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
pub(super) struct Known<K, V, E, F>(pub(super) Arc<Entry<K, V, E, F>>);

impl<K: Hash, V, E, F> Hash for Known<K, V, E, F> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

impl<K: PartialEq, V, E, F> PartialEq for Known<K, V, E, F> {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl<K: Eq, V, E, F> Eq for Known<K, V, E, F> {}

impl<K, V, E, F> Borrow<K> for Known<K, V, E, F> {
    fn borrow(&self) -> &K {
        &self.0.key
    }
}
