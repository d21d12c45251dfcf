//! A batch and its options.

use std::convert::Infallible;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use super::call::KeyEntry;
use super::loader::{BoxedLoader, Loader, LoaderOutput, boxed};
use super::options::BatchOptions;
use super::state::BatchState;
use crate::sync::{Mutex, lock};

/// Gathers loads of single keys into calls of a loader for many. See the [module](super).
///
/// The loader's type is a parameter, so the loader may borrow and need not be `Send`. Where you have to write the type,
/// as in a struct, use [`Batch::boxed`], which returns a `Batch<K, V, E>`. To share a batch between tasks, put it in an
/// `Arc`.
pub struct Batch<K, V, E = Infallible, L = BoxedLoader<K, V, E>>
where
    L: Loader<K, V, E>,
{
    pub(super) loader: L,
    pub(super) options: BatchOptions,
    pub(super) state: Mutex<BatchState<K, V, E, L::Future>>,
}

impl<K, V, E, L> Batch<K, V, E, L>
where
    L: Loader<K, V, E>,
{
    /// A batch whose `loader` maps keys to values. It returns a `HashMap` or `BTreeMap` by key, a `Vec` in the order of
    /// the keys, or a `Result` of one of these.
    ///
    /// The type of the batch contains the loader's. To pass it to a function that is not generic, use [`Batch::boxed`].
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use conjoin_adapters::{Batch, BatchError};
    ///
    /// # futures::executor::block_on(async {
    /// let squares = Batch::new(async |keys: Vec<u64>| keys.iter().map(|key| key * key).collect::<Vec<_>>());
    /// assert_eq!(squares.load(7).await, Ok(49));
    ///
    /// let even = Batch::new(async |keys: Vec<u64>| -> HashMap<u64, u64> {
    ///     keys.into_iter().filter(|key| key % 2 == 0).map(|key| (key, key / 2)).collect()
    /// });
    /// assert_eq!(even.load_many([4, 5]).await, [Ok(2), Err(BatchError::Missing)]);
    /// # });
    /// ```
    pub fn new(loader: L) -> Self {
        Batch {
            loader,
            options: BatchOptions {
                max: usize::MAX,
                window: None,
                is_cached: true,
            },
            state: Mutex::new(BatchState::default()),
        }
    }
}

impl<K, V, E> Batch<K, V, E> {
    /// A batch whose type does not name its loader, for structs and functions that are not generic.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use conjoin_adapters::Batch;
    ///
    /// struct Loaders {
    ///     lengths: Batch<String, usize>,
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let most = Arc::new(3);
    /// let lengths = Batch::boxed(move |words: Vec<String>| {
    ///     let most = Arc::clone(&most);
    ///     async move { words.iter().map(|word| word.len().min(*most)).collect::<Vec<_>>() }
    /// });
    /// let loaders = Loaders { lengths };
    /// assert_eq!(loaders.lengths.load("conjoin".to_owned()).await, Ok(3));
    /// # });
    /// ```
    pub fn boxed<F, A>(loader: impl Fn(Vec<K>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = A> + Send + 'static,
        A: LoaderOutput<K, Value = V, Error = E> + 'static,
        K: Clone + Send + 'static,
        V: 'static,
        E: 'static,
    {
        Batch::new(boxed(loader))
    }
}

impl<K, V, E, L> Batch<K, V, E, L>
where
    L: Loader<K, V, E>,
{
    /// Calls the loader with at most `max` keys. More keys are split into several calls, which run concurrently.
    ///
    /// # Panics
    ///
    /// When `max` is 0.
    #[must_use = "this returns the batch"]
    #[track_caller]
    pub fn max(mut self, max: usize) -> Self {
        assert!(max > 0, "`max` of a batch is 0; help: use at least 1");
        self.options.max = max;
        self
    }

    /// Gathers keys for this time after the first one, or until there are [`max`](Self::max), instead of by rounds of
    /// polls: across the tasks of a runtime, and across requests.
    ///
    /// Loads then panic when they are polled outside of a tokio runtime with a timer.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::Duration;
    /// use conjoin_adapters::Batch;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let squares = Batch::boxed(async |numbers: Vec<u32>| {
    ///     assert_eq!(numbers, [3, 5]);
    ///     numbers.iter().map(|number| number * number).collect::<Vec<_>>()
    /// });
    /// let squares = Arc::new(squares.window(Duration::from_millis(2)));
    ///
    /// let request = |number| {
    ///     let squares = Arc::clone(&squares);
    ///     tokio::spawn(async move { squares.load(number).await })
    /// };
    /// let (three, five) = (request(3), request(5));
    /// assert_eq!((three.await.unwrap(), five.await.unwrap()), (Ok(9), Ok(25)));
    /// # }
    /// ```
    #[must_use = "this returns the batch"]
    pub fn window(mut self, window: Duration) -> Self {
        self.options.window = Some(window);
        self
    }

    /// Remembers no value: a load after a call requests the key again. Equal keys in one call are still requested once.
    #[must_use = "this returns the batch"]
    pub fn uncached(mut self) -> Self {
        self.options.is_cached = false;
        self
    }
}

impl<K, V, E, L> Batch<K, V, E, L>
where
    K: Hash + Eq + Clone,
    V: Clone,
    E: Clone,
    L: Loader<K, V, E>,
{
    /// Adds a value that is known already, for example from another query. It does nothing if the key was requested, or
    /// if the batch is [`uncached`](Self::uncached). To replace a value, [`clear`](Self::clear) it first.
    pub fn prime(&self, key: K, value: V) -> &Self {
        if self.options.is_cached {
            let entry = Arc::new(KeyEntry::with(key, value));
            let unused = lock(&self.state).prime(entry);
            drop(unused);
        }
        self
    }

    /// Forgets a key: the next load requests it. Loads that wait for it still get their value.
    pub fn clear(&self, key: &K) -> &Self {
        let cleared = lock(&self.state).clear(key);
        drop(cleared);
        self
    }

    /// Forgets all keys, as [`clear`](Self::clear) does.
    pub fn clear_all(&self) -> &Self {
        let cleared = lock(&self.state).clear_all();
        drop(cleared);
        self
    }
}

impl<K, V, E, L> fmt::Debug for Batch<K, V, E, L>
where
    L: Loader<K, V, E>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (known, gathered) = lock(&self.state).counts();
        f.debug_struct("Batch")
            .field("options", &self.options)
            .field("known", &known)
            .field("gathered", &gathered)
            .finish_non_exhaustive()
    }
}
