//! Loads several keys.

use std::fmt;
use std::hash::Hash;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::error::BatchError;
use super::handle::Batch;
use super::load::Load;
use super::loader::Loader;

/// The future of several values. See [`Batch::load_many`](super::Batch::load_many).
#[must_use = "futures do nothing unless polled"]
pub struct LoadMany<'b, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    loads: Vec<Load<'b, K, V, E, L>>,
    outcomes: Vec<Option<Result<V, BatchError<E>>>>,
    /// How many have no outcome yet.
    missing: usize,
}

// It pins nothing.
impl<K: Hash + Eq, V, E, L: Loader<K, V, E>> Unpin for LoadMany<'_, K, V, E, L> {}

impl<'b, K, V, E, L> LoadMany<'b, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    pub(super) fn new(loads: impl Iterator<Item = Load<'b, K, V, E, L>>) -> Self {
        let loads: Vec<_> = loads.collect();
        LoadMany {
            outcomes: loads.iter().map(|_| None).collect(),
            missing: loads.len(),
            loads,
        }
    }
}

impl<K, V, E, L> Batch<K, V, E, L>
where
    K: Hash + Eq + Clone,
    V: Clone,
    E: Clone,
    L: Loader<K, V, E>,
{
    /// Loads several keys: a future of all outcomes, in the order of the keys. If one error is enough, collect them
    /// into a `Result`:
    ///
    /// ```
    /// # use conjoin_adapters::{Batch, BatchError};
    /// # futures::executor::block_on(async {
    /// let squares = Batch::new(async |keys: Vec<u64>| keys.iter().map(|key| key * key).collect::<Vec<_>>());
    /// let all: Vec<u64> = squares.load_many([1, 2, 1]).await.into_iter().collect::<Result<_, _>>()?;
    /// assert_eq!(all, [1, 4, 1]);
    /// # Ok::<_, BatchError>(()) }).unwrap();
    /// ```
    ///
    /// # Panics
    ///
    /// As [`load`](Self::load).
    pub fn load_many(&self, keys: impl IntoIterator<Item = K>) -> LoadMany<'_, K, V, E, L> {
        LoadMany::new(keys.into_iter().map(|key| self.load(key)))
    }
}

impl<K, V, E, L> Future for LoadMany<'_, K, V, E, L>
where
    K: Hash + Eq + Clone,
    V: Clone,
    E: Clone,
    L: Loader<K, V, E>,
{
    type Output = Vec<Result<V, BatchError<E>>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        for (load, outcome) in this.loads.iter_mut().zip(&mut this.outcomes) {
            if outcome.is_none() {
                if let Poll::Ready(ended) = Pin::new(load).poll(cx) {
                    *outcome = Some(ended);
                    this.missing -= 1;
                }
            }
        }
        if this.missing > 0 {
            return Poll::Pending;
        }
        let outcomes = std::mem::take(&mut this.outcomes);
        Poll::Ready(outcomes.into_iter().flatten().collect())
    }
}

impl<K, V, E, L> fmt::Debug for LoadMany<'_, K, V, E, L>
where
    K: Hash + Eq,
    L: Loader<K, V, E>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadMany")
            .field("loads", &self.loads.len())
            .field("missing", &self.missing)
            .finish()
    }
}
