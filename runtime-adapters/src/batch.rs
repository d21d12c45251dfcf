//! Loads single keys with few queries: solves the N+1 problem without a timer.
//!
//! A [`Batch`] has a loader, an asynchronous function from keys to values. [`load`](Batch::load) asks for one key.
//! Loads that are polled in the same round of a graph, `join!` or stream become one call of the loader:
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
//!     reader => names.load(1).await?, // Not requested again.
//! }.await?; // One query, for 1 and 2.
//!
//! assert_eq!((&page.author[..], &page.editor[..], &page.reader[..]), ("user 1", "user 2", "user 1"));
//! # Ok::<_, BatchError<String>>(()) }).unwrap();
//! ```
//!
//! # When the loader is called
//!
//! A load registers its key at its first poll, and yields. A *round* is one poll of everything that waits. After two
//! rounds without a new key, the next load that is polled calls the loader with all keys, in the order of registration.
//! So each level of a graph makes one call, for all loads that start in the same round, whatever the graph's plan. Two
//! things split a level, into as few calls as possible: [`max`](Batch::max), and a `#![limit]` of the graph, with which
//! fewer loads start in a round.
//!
//! - It works without a runtime, a timer or a task, in `auto!`, `join!`, `FuturesUnordered` and streams.
//! - The loads that wait for the loader's future own it. Whichever is polled first polls it, and when it wakes, it
//!   wakes them all. So no load depends on another being polled, and all get their values in one round.
//! - Other tasks of the runtime have rounds of their own. Their loads may or may not share a call. A
//!   [`window`](Batch::window) gathers across tasks and requests.
//! - A load yields at most 64 times, so a steady stream of new keys from other tasks cannot delay it forever.
//!
//! # The cache
//!
//! Each key is requested once in the life of a batch, including keys that the loader left out. So let a batch live as
//! long as a request: its values are from one moment, and one user never sees another's. A batch for all requests has a
//! [`window`](Batch::window), and is [`uncached`](Batch::uncached) unless its values never change.
//!
//! | | |
//! | --- | --- |
//! | [`prime`](Batch::prime) | adds a known value; does nothing if the key was requested |
//! | [`clear`](Batch::clear) | forgets a key, for example after a change: the next load requests it |
//! | [`clear_all`](Batch::clear_all) | forgets all of them |
//! | [`uncached`](Batch::uncached) | remembers nothing; equal keys in one call are still requested once |
//!
//! # How a load ends
//!
//! | the loader | the load returns | cached |
//! | --- | --- | --- |
//! | returns a map with the key, or a `Vec` with a value for each key, in their order | the value | yes |
//! | returns a map without the key | [`Missing`](BatchError::Missing) | yes |
//! | returns a `Vec` with more or fewer values than keys, which cannot be matched | `Missing`, for all | yes |
//! | returns `Err(error)` | [`Failed(error)`](BatchError::Failed), for all | no |
//! | panics | [`Panicked(message)`](BatchError::Panicked), for all | no |
//!
//! For errors of single keys, use a `Result` as the value: `HashMap<u32, Result<User, Denied>>` and `load(id).await??`.
//!
//! # When a load is dropped
//!
//! Before the call, its key is no longer requested, unless another load wants it. During the call, the other loads
//! continue. When no load waits for a call, the loader's future is dropped and its keys are forgotten.
//!
//! # Loaders that load
//!
//! A loader may load from other batches, and other keys of its own batch:
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
//! A loader that awaits a key of its own call, or a call that awaits this one, would wait forever. That load panics
//! instead, so the loads of its call fail with `Panicked`. The batch sees what a loader polls, but not a task that the
//! loader spawns and awaits.
//!
//! # Cost
//!
//! For each key: one allocation, one clone of the key for the loader, and one clone of the value for each load. For
//! each waiting load: one allocation, for its waker. For each call: the loader's future on the heap. A load is polled
//! four times before the call, and once for each wake of the loader. `Hash` and `Eq` of keys run under the batch's
//! lock, so they must not load. No other user code runs under it.
//!
//! # Differences to `DataLoader`
//!
//! Values are cloned, not shared: put large ones in an `Arc`. As there, errors of a whole call are not remembered; but
//! missing keys are. Without a cache, equal keys are still requested once. Keys are any type that is `Hash + Eq`, so
//! there is no `cacheKeyFn`. There is no scheduler to choose: rounds, or a window.

mod call;
mod error;
mod gathering;
mod handle;
mod load;
mod load_many;
mod loader;
mod options;
mod self_wait;
mod shared_future;
mod state;
mod waiters;

pub use error::BatchError;
pub use handle::Batch;
pub use load::Load;
pub use load_many::LoadMany;
pub use loader::{BoxedLoader, Loader, LoaderOutput};
