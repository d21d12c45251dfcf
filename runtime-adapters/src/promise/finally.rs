//! `finally`: a handler that always runs.

use super::handle::Promise;
use crate::panic::contain;
use crate::span::CapturedSpan;

/// Cleaning up.
impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// A promise of the same outcome, after `f` was called.
    ///
    /// `f` is called exactly once. Normally it is a handler: it runs in the task that runs the chain, after the promise
    /// has settled, and a panic in it rejects the new promise. Where other handlers are dropped, it is called by that
    /// drop, on that thread:
    ///
    /// - when the last promise of a chain that was not spawned is dropped;
    /// - when the task of a spawned chain is aborted, or its runtime ends. From then on, `finally` calls `f` at once;
    /// - when `Clone` panics for the value or the error.
    ///
    /// No promise is left to reject if `f` panics there. The panic hook reports it, and it goes no further.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let (closed, is_closed) = std::sync::mpsc::channel();
    /// let page = Promise::<_, String>::resolved("page");
    ///
    /// let on_success = closed.clone();
    /// let same = page.finally(move || on_success.send("settled").unwrap());
    /// assert_eq!(same.await, Ok("page"));
    /// assert_eq!(is_closed.try_recv(), Ok("settled"));
    ///
    /// let same = page.finally(move || closed.send("given up").unwrap());
    /// drop((page, same));
    /// assert_eq!(is_closed.try_recv(), Ok("given up"));
    /// # });
    /// ```
    #[track_caller]
    pub fn finally(&self, f: impl FnOnce() + Send + 'static) -> Self {
        let cleanup = CleanupGuard {
            f: Some(f),
            here: CapturedSpan::current(),
        };
        self.on_outcome(move |outcome| {
            cleanup.run();
            outcome
        })
    }
}

/// Calls `f` when it is dropped, unless it was called before.
struct CleanupGuard<F: FnOnce()> {
    f: Option<F>,
    here: CapturedSpan,
}

impl<F: FnOnce()> CleanupGuard<F> {
    fn run(mut self) {
        if let Some(f) = self.f.take() {
            f();
        }
    }
}

impl<F: FnOnce()> Drop for CleanupGuard<F> {
    fn drop(&mut self) {
        if let Some(f) = self.f.take() {
            contain(|| self.here.run(f));
        }
    }
}
