//! Limits how many tasks run at a time.

use std::collections::HashMap;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use conjoin::Around;
use pin_project_lite::pin_project;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

/// Limits how many tasks run at a time, over all graphs that share it: a limit for a database, or for one service.
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
    fn task(&self, name: &'static str, body: impl Future<Output = T>) -> impl Future<Output = T> {
        let permits = self.of_names.get(name).or(self.of_all.as_ref());
        PermittedTask {
            acquire: permits.map(Semaphore::acquire),
            body,
            permit: None,
        }
    }
}

pin_project! {
    /// No `async` block: that would hold the body twice, where it is given and where it is awaited.
    struct PermittedTask<'p, A, F> {
        // `None` where none is needed, or it is there.
        #[pin]
        acquire: Option<A>,
        #[pin]
        body: F,
        permit: Option<SemaphorePermit<'p>>,
    }
}

impl<'p, A, F> Future for PermittedTask<'p, A, F>
where
    A: Future<Output = Result<SemaphorePermit<'p>, AcquireError>>,
    F: Future,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if let Some(acquire) = this.acquire.as_mut().as_pin_mut() {
            // It is never closed.
            *this.permit = ready!(acquire.poll(cx)).ok();
            this.acquire.set(None);
        }
        let output = ready!(this.body.poll(cx));
        *this.permit = None;
        Poll::Ready(output)
    }
}
