//! Limits how many tasks run at once.

use std::collections::HashMap;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use conjoin::Around;
use pin_project_lite::pin_project;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit};

/// Limits how many tasks run at once, in all graphs that share it: for a database, or for one service.
///
/// `#![limit(n)]` limits one run of one graph. For a limit over many, share a reference to one of these.
///
/// ```
/// use conjoin::auto;
/// use conjoin_adapters::around::Permits;
///
/// # async fn fetch(what: &str) -> String { what.to_owned() }
/// # futures::executor::block_on(async {
/// /// At most one request to the search engine at a time.
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
/// Waiting tasks get permits in the order in which they came. A task that runs another graph with the same permits may
/// wait for itself: give that graph permits of its own.
#[derive(Debug)]
pub struct Permits {
    of_all: Option<Semaphore>,
    of_names: HashMap<&'static str, Semaphore>,
}

impl Permits {
    /// Gives all tasks together this many permits.
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

    /// Gives each name its own permits. Tasks of other names need none.
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
    assert!(
        permits > 0,
        "a task needs a permit, and there are 0; help: use at least 1"
    );
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
    /// Not an `async` block, which would hold the body twice: as its argument and while it is awaited.
    struct PermittedTask<'p, A, F> {
        // `None` if no permit is needed, or it was acquired.
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
            // The semaphore is never closed.
            *this.permit = ready!(acquire.poll(cx)).ok();
            this.acquire.set(None);
        }
        let output = ready!(this.body.poll(cx));
        *this.permit = None;
        Poll::Ready(output)
    }
}
