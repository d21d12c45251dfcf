//! One call of the loader.

use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use super::driven::Driven;
use super::entry::{Count, Entry};
use super::{Answer, BatchError};
use crate::panic::{forget, message};
use crate::sync::{Mutex, lock};

pub(super) struct Call<K, V, E, F> {
    pub(super) driven: Driven<F>,
    /// The loads that wait for it.
    pub(super) loads: Count,
    /// What it asks for, in this order, until its end.
    entries: Mutex<Entries<K, V, E, F>>,
}

pub(super) type Entries<K, V, E, F> = Vec<Arc<Entry<K, V, E, F>>>;

/// What a call brought: for each entry its outcome.
pub(super) struct Outcomes<K, V, E, F> {
    pub(super) entries: Entries<K, V, E, F>,
    of_each: Vec<Result<V, BatchError<E>>>,
    /// Whether there is no answer that may be remembered.
    pub(super) has_failed: bool,
}

impl<K, V, E, F> Call<K, V, E, F> {
    pub(super) fn new(entries: Entries<K, V, E, F>) -> Self {
        Call {
            driven: Driven::new(),
            loads: Count::new(entries.iter().map(|entry| entry.loads.get()).sum()),
            entries: Mutex::new(entries),
        }
    }

    /// What it asked for. It is over: it and its entries no longer keep each other.
    pub(super) fn end(&self) -> Entries<K, V, E, F> {
        mem::take(&mut lock(&self.entries))
    }
}

impl<K: Clone, V, E, F> Call<K, V, E, F> {
    /// For the loader.
    pub(super) fn keys(&self) -> Vec<K> {
        let entries = lock(&self.entries).clone();
        entries.iter().map(|entry| entry.key.clone()).collect()
    }
}

impl<K, V, E: Clone, F> Call<K, V, E, F> {
    /// What becomes of the loader's answer, or of its panic.
    pub(super) fn outcomes<A>(&self, answer: thread::Result<A>) -> Outcomes<K, V, E, F>
    where
        A: Answer<K, Value = V, Error = E>,
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
        Outcomes {
            entries,
            of_each,
            has_failed,
        }
    }
}

impl<K, V, E, F> Outcomes<K, V, E, F> {
    /// Tells those that ask from now on.
    pub(super) fn publish(self) {
        for (entry, outcome) in self.entries.iter().zip(self.of_each) {
            // Nobody else ends a call.
            let _ = entry.outcome.set(outcome);
        }
    }
}
