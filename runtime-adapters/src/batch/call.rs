//! One call of the loader, and the keys that it loads. A call and its entries refer to each other.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

use super::error::BatchError;
use super::loader::LoaderOutput;
use super::shared_future::SharedFuture;
use crate::panic::{forget, message};
use crate::sync::{Mutex, lock};

pub(super) struct LoaderCall<K, V, E, F> {
    pub(super) future: SharedFuture<F>,
    /// The loads that wait for it.
    pub(super) loads: LoadCount,
    /// The keys that it loads, in this order; empty after its end.
    entries: Mutex<KeyEntries<K, V, E, F>>,
}

pub(super) type KeyEntries<K, V, E, F> = Vec<Arc<KeyEntry<K, V, E, F>>>;

/// The outcomes of a call, one for each entry.
pub(super) struct CallOutcomes<K, V, E, F> {
    pub(super) entries: KeyEntries<K, V, E, F>,
    of_each: Vec<Result<V, BatchError<E>>>,
    /// Whether the call failed as a whole, so that none of its outcomes is kept in the cache.
    pub(super) has_failed: bool,
}

impl<K, V, E, F> LoaderCall<K, V, E, F> {
    pub(super) fn new(entries: KeyEntries<K, V, E, F>) -> Self {
        LoaderCall {
            future: SharedFuture::new(),
            loads: LoadCount::new(entries.iter().map(|entry| entry.loads.get()).sum()),
            entries: Mutex::new(entries),
        }
    }

    /// Ends the call and returns its entries: from here on the two no longer keep each other alive.
    pub(super) fn end(&self) -> KeyEntries<K, V, E, F> {
        mem::take(&mut lock(&self.entries))
    }
}

impl<K: Clone, V, E, F> LoaderCall<K, V, E, F> {
    /// Clones of the keys, for the loader.
    pub(super) fn keys(&self) -> Vec<K> {
        let entries = lock(&self.entries).clone();
        entries.iter().map(|entry| entry.key.clone()).collect()
    }
}

impl<K, V, E: Clone, F> LoaderCall<K, V, E, F> {
    /// Turns the loader's answer, or its panic, into outcomes.
    pub(super) fn outcomes<A>(&self, answer: thread::Result<A>) -> CallOutcomes<K, V, E, F>
    where
        A: LoaderOutput<K, Value = V, Error = E>,
    {
        let entries = self.end();
        let outcomes = answer.and_then(|answer| {
            catch_unwind(AssertUnwindSafe(|| {
                match answer.into_values(entries.iter().map(|entry| &entry.key)) {
                    Ok(values) => {
                        let values = values.into_iter();
                        let outcome = |value: Option<V>| value.ok_or(BatchError::Missing);
                        (values.map(outcome).collect::<Vec<_>>(), false)
                    }
                    Err(error) => {
                        let failed = || Err(BatchError::Failed(error.clone()));
                        (entries.iter().map(|_| failed()).collect(), true)
                    }
                }
            }))
        });
        let (of_each, has_failed) = outcomes.unwrap_or_else(|payload| {
            let text = message(&*payload);
            forget(payload);
            let panicked = || Err(BatchError::Panicked(text.clone()));
            (entries.iter().map(|_| panicked()).collect(), true)
        });
        CallOutcomes {
            entries,
            of_each,
            has_failed,
        }
    }
}

impl<K, V, E, F> CallOutcomes<K, V, E, F> {
    /// Makes the outcomes visible to the loads.
    pub(super) fn publish(self) {
        for (entry, outcome) in self.entries.iter().zip(self.of_each) {
            // Nothing else sets it: a call ends once.
            let _ = entry.outcome.set(outcome);
        }
    }
}

/// A key, and the state of its value.
pub(super) struct KeyEntry<K, V, E, F> {
    pub(super) key: K,
    /// The loads that wait for it.
    pub(super) loads: LoadCount,
    /// The call that loads it, once there is one.
    pub(super) call: OnceLock<Arc<LoaderCall<K, V, E, F>>>,
    /// The outcome, once there is one.
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

    /// An entry with a value.
    pub(super) fn with(key: K, value: V) -> Self {
        let entry = KeyEntry::new(key);
        let _ = entry.outcome.set(Ok(value));
        entry
    }
}

/// The number of loads that wait. It changes under the batch's lock only.
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

    /// Returns whether that was the last one.
    pub(super) fn remove(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) == 1
    }
}

/// An entry that compares and hashes as its key.
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
