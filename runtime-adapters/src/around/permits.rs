//! At most so many tasks at a time.

use std::collections::HashMap;

use conjoin::Around;
use tokio::sync::Semaphore;

/// Lets at most so many tasks run at a time, over all graphs that share it: a limit for a database, or for one service.
///
/// `#![limit(n)]` counts the tasks of one run of one graph; share a reference to one of these for a limit over many.
///
/// ```
/// use conjoin::auto;
/// use conjoin_adapters::around::Permits;
///
/// # async fn fetch(what: &str) -> String { what.to_owned() }
/// # futures::executor::block_on(async {
/// /// One request at a time to the search engine, whoever asks.
/// # let permits =
/// Permits::named([("search", 1)]);
///
/// let page = auto! {
///     #![around(&permits)]
///     search => fetch("search").await,
///     user => fetch("user").await, // Has no permits of its name, and needs none.
/// };
/// assert_eq!(page.await.search, "search");
/// # });
/// ```
///
/// Those that wait get permits in the order in which they came. A task that runs another graph with the same permits may
/// wait for itself: give that graph permits of its own.
#[derive(Debug)]
pub struct Permits {
    of_all: Option<Semaphore>,
    of_names: HashMap<&'static str, Semaphore>,
}

impl Permits {
    /// So many permits for all tasks together.
    ///
    /// # Panics
    ///
    /// When it is 0.
    #[must_use]
    #[track_caller]
    pub fn shared(permits: usize) -> Self {
        Permits {
            of_all: Some(semaphore(permits)),
            of_names: HashMap::new(),
        }
    }

    /// For each name so many permits. Tasks of other names need none.
    ///
    /// # Panics
    ///
    /// When a number is 0.
    #[must_use]
    #[track_caller]
    pub fn named(permits: impl IntoIterator<Item = (&'static str, usize)>) -> Self {
        let mut of_names = HashMap::new();
        for (name, permits) in permits {
            of_names.insert(name, semaphore(permits));
        }
        Permits {
            of_all: None,
            of_names,
        }
    }
}

#[track_caller]
fn semaphore(permits: usize) -> Semaphore {
    assert!(permits > 0, "with 0 permits no task could ever run");
    Semaphore::new(permits.min(Semaphore::MAX_PERMITS))
}

impl<T> Around<T> for Permits {
    async fn task(&self, name: &'static str, body: impl Future<Output = T>) -> T {
        let Some(permits) = self.of_names.get(name).or(self.of_all.as_ref()) else {
            return body.await;
        };
        // It is never closed.
        let _permit = permits.acquire().await.ok();
        body.await
    }
}
