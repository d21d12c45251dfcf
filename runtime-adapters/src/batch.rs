//! Loads that ask for one thing each, answered by few queries for many: the N+1 problem, solved without a timer.
//!
//! A [`Batch`] has a loader, an asynchronous function from keys to values. [`load`](Batch::load) asks for one key. The
//! loads that are polled in the same round of the same graph, `join!` or stream become one call of the loader:
//!
//! ```
//! use std::collections::HashMap;
//!
//! use conjoin::auto;
//! use conjoin_adapters::{Batch, BatchError};
//!
//! # struct Db;
//! # impl Db {
//! #     async fn names(&self, ids: Vec<u32>) -> Result<HashMap<u32, String>, String> {
//! #         assert_eq!(ids, [1, 2]);
//! #         Ok(ids.into_iter().map(|id| (id, format!("user {id}"))).collect())
//! #     }
//! # }
//! # futures::executor::block_on(async {
//! # let db = &Db;
//! let names = Batch::new(async |ids: Vec<u32>| db.names(ids).await);
//!
//! let page = auto! {
//!     author => names.load(1).await?,
//!     editor => names.load(2).await?,
//!     reader => names.load(1).await?, // Not asked for again.
//! }.await?; // One query, for 1 and 2.
//!
//! assert_eq!((&page.author[..], &page.editor[..], &page.reader[..]), ("user 1", "user 2", "user 1"));
//! # Ok::<_, BatchError<String>>(()) }).unwrap();
//! ```
//!
//! # When the loader is called
//!
//! A load registers its key at its first poll, and yields. A *round* is one poll of everything that waits. After two rounds
//! that brought no new key, the next load that is polled calls the loader with all keys, in the order in which they were
//! registered. So there is one call for each level of a graph: for all loads that start in the same round, whatever the
//! graph's plan. Two things split a level, into no more calls than necessary: [`max`](Batch::max), and a `#![limit]` of
//! the graph, with which fewer loads start in a round.
//!
//! - It works without a runtime, a timer or a task, in `auto!`, `join!`, `FuturesUnordered` and streams.
//! - The loader's future is part of the loads that wait for it. Any of them polls it, whichever is polled first, and when
//!   it wakes, it wakes them all. So no load depends on another one being polled, and all get their values in one round.
//! - Other tasks of the runtime are polled in rounds of their own. Their loads may or may not share a call. A
//!   [`window`](Batch::window) gathers across tasks and requests.
//! - A load yields at most 64 times, so that a steady stream of new keys from other tasks cannot hold it up.
//!
//! # What is remembered
//!
//! Each key is asked for once in the life of a batch. That includes keys that the loader left out. So let a batch live as
//! long as a request: its values are those of one moment, and nobody sees what another user may see. A batch for all
//! requests has a [`window`](Batch::window), and is [`uncached`](Batch::uncached) unless its values never change.
//!
//! | | |
//! | --- | --- |
//! | [`prime`](Batch::prime) | a value that is known already; does nothing if the key was asked for |
//! | [`clear`](Batch::clear) | forgets a key: the next load asks for it, as after a change |
//! | [`clear_all`](Batch::clear_all) | forgets all of them |
//! | [`uncached`](Batch::uncached) | remembers nothing; equal keys in one call are still asked for once |
//!
//! # How a load ends
//!
//! | the loader | the load ends with | is remembered |
//! | --- | --- | --- |
//! | returns a map with the key, or a `Vec` with a value for each key, in their order | the value | yes |
//! | returns a map without the key | [`Missing`](BatchError::Missing) | yes |
//! | returns a `Vec` with more or fewer values than keys: nobody can say which value is for which key | `Missing`, for all | yes |
//! | returns `Err(error)` | [`Failed(error)`](BatchError::Failed), for all | no |
//! | panics | [`Panicked(message)`](BatchError::Panicked), for all | no |
//!
//! For errors of single keys, let the value be a `Result`: `HashMap<u32, Result<User, Denied>>` and `load(id).await??`.
//!
//! # When a load is dropped
//!
//! Before the call, its key is no longer asked for, unless another load wants it. During the call, the other loads go on.
//! When no load waits for a call any more, the loader's future is dropped, and its keys are forgotten.
//!
//! # Loaders that load
//!
//! A loader may load from other batches, and other keys from its own:
//!
//! ```
//! # use conjoin_adapters::{Batch, BatchError};
//! # futures::executor::block_on(async {
//! let halves = Batch::new(async |numbers: Vec<u32>| numbers.iter().map(|number| number / 2).collect::<Vec<_>>());
//! let quarters = Batch::new(async |numbers: Vec<u32>| {
//!     let half = halves.load_many(numbers).await.into_iter();
//!     half.map(|half| Ok(half? / 2)).collect::<Result<Vec<_>, BatchError>>()
//! });
//! assert_eq!(quarters.load(28).await, Ok(7));
//! # });
//! ```
//!
//! A loader that awaits a key of its own call, or a call that awaits this one, would wait for ever. That load panics
//! instead, so that the loads of its call end with `Panicked`. The batch sees what a loader polls. It does not see a task
//! that the loader spawns and awaits.
//!
//! # Cost
//!
//! For each key: one allocation, one clone of the key for the loader and one of the value for each load. For each load that
//! waits: one allocation, for its waker. For each call: the
//! loader's future on the heap. Each load is polled four times before the call, and once whenever the loader wakes.
//! `Hash` and `Eq` of keys run under the batch's lock, so they must not load; nothing else of the user's does.
//!
//! # Differences to `DataLoader`
//!
//! Values are cloned, not shared: use an `Arc` for what is large. Errors of a whole call are not remembered, as there;
//! missing keys are. Equal keys are asked for once also without a cache. Keys of any type that is `Hash + Eq` work, so
//! there is no `cacheKeyFn`. There is no scheduler to choose: rounds, or a window.

mod call;
mod entry;
mod error;
mod gathering;
mod load;
mod load_many;
mod loader;
mod self_wait;
mod shared_future;
mod state;

use std::convert::Infallible;
use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

pub use error::BatchError;
pub use load::Load;
pub use load_many::LoadMany;
pub use loader::{BoxedLoader, Loader, LoaderOutput};

use crate::sync::{Mutex, lock};
use entry::KeyEntry;
use state::BatchState;

/// Gathers loads of single keys into calls of a loader for many. See the [module](self).
///
/// The type of the loader is a parameter, so that it can borrow, and need not be `Send`. Where the type is written down,
/// as in a struct, use [`Batch::boxed`], which returns a `Batch<K, V, E>`. To use one batch in several tasks, put it in
/// an `Arc`.
pub struct Batch<K, V, E = Infallible, L = BoxedLoader<K, V, E>>
where
    L: Loader<K, V, E>,
{
    loader: L,
    options: BatchOptions,
    state: Mutex<BatchState<K, V, E, L::Future>>,
}

#[derive(Clone, Copy, Debug)]
struct BatchOptions {
    max: usize,
    window: Option<Duration>,
    is_cached: bool,
}

impl<K, V, E, L> Batch<K, V, E, L>
where
    L: Loader<K, V, E>,
{
    /// A batch whose `loader` turns keys into values: a `HashMap` or `BTreeMap` by key, a `Vec` in the order of the keys,
    /// or a `Result` of one of these.
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
    /// A batch whose type does not name its loader, for structs, and for functions that are not generic.
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
        Batch::new(loader::boxed(loader))
    }
}

impl<K, V, E, L> Batch<K, V, E, L>
where
    L: Loader<K, V, E>,
{
    /// Calls the loader with at most `max` keys at a time. More are split into several calls, which run concurrently.
    ///
    /// # Panics
    ///
    /// When `max` is 0.
    #[must_use = "this returns the batch"]
    #[track_caller]
    pub fn max(mut self, max: usize) -> Self {
        assert!(
            max > 0,
            "`max` of a batch is 0, with which no key could ever be loaded"
        );
        self.options.max = max;
        self
    }

    /// Gathers keys for so long after the first one, or until there are [`max`](Self::max), instead of by rounds of polls:
    /// across the tasks of a runtime, and across requests.
    ///
    /// Loads panic then when they are polled outside of a tokio runtime with a timer.
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

    /// Remembers no value: a load after a call asks again. Equal keys in one call are still asked for once.
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
    /// Loads the value of a key: a future that does nothing until it is polled.
    ///
    /// # Errors
    ///
    /// When the loader fails, panics, or has no value for the key. See the [module](self#how-a-load-ends).
    ///
    /// # Panics
    ///
    /// The future panics when it is polled after its end, when it would wait for itself, see the
    /// [module](self#loaders-that-load), and, with a [`window`](Self::window), outside of a tokio runtime.
    ///
    /// # Cancel safety
    ///
    /// It may be dropped at any time. See the [module](self#when-a-load-is-dropped).
    pub fn load(&self, key: K) -> Load<'_, K, V, E, L> {
        Load::new(self, key)
    }

    /// Loads several keys: a future of all outcomes, in the order of the keys. Collect them into a `Result` where one
    /// error is enough:
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

    /// Gives a value that is known already, such as one that came with another query. It does nothing if the key was
    /// asked for, or if the batch is [`uncached`](Self::uncached). To replace a value, [`clear`](Self::clear) it first.
    pub fn prime(&self, key: K, value: V) -> &Self {
        if self.options.is_cached {
            let entry = Arc::new(KeyEntry::with(key, value));
            let unused = lock(&self.state).prime(entry);
            drop(unused);
        }
        self
    }

    /// Forgets a key: the next load asks for it. Loads that wait for it still get what they asked for.
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
