//! Settles the future of a callback.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::mem;

use super::cell::{CallbackCell, CallbackResult};
use super::error::CallbackError;
use crate::span::CapturedSpan;
use crate::sync::{Arc, Mutex, lock};

/// Settles the future of a callback. The first call consumes it. Dropping it unused fails the future with
/// [`Dropped`](CallbackError::Dropped).
///
/// It works before the first poll of the future, on any thread (if `T` and `E` are `Send`), and after the future is
/// gone: then the value returns to the caller. No method blocks. They panic only if a hook, a waker or a drop does.
///
/// `H` is the type of the hooks of [`on_cancel`](Self::on_cancel): `Send` functions, or any for a [`LocalResolver`].
#[must_use = "dropping it fails the future"]
pub struct Resolver<T, E, H: FnOnce() = Box<dyn FnOnce() + Send>> {
    /// `None` once it is used.
    shared: Option<Arc<CallbackCell<T, E, H>>>,
}

const UNUSED: &str = "the first use consumes the resolver";

/// A [`Resolver`] that stays on its thread, like its hooks. See [`from_local_callback`](super::from_local_callback).
pub type LocalResolver<T, E> = Resolver<T, E, Box<dyn FnOnce()>>;

impl<T, E, H: FnOnce()> Resolver<T, E, H> {
    pub(super) fn new(shared: Arc<CallbackCell<T, E, H>>) -> Self {
        Resolver {
            shared: Some(shared),
        }
    }

    fn cell(&self) -> &Arc<CallbackCell<T, E, H>> {
        self.shared.as_ref().expect(UNUSED)
    }

    #[inline]
    pub(crate) fn finish(
        mut self,
        outcome: CallbackResult<T, E>,
    ) -> Result<(), CallbackResult<T, E>> {
        let shared = self.shared.take().expect(UNUSED);
        // Saves a check: nothing is left to drop.
        mem::forget(self);
        shared.settle(outcome)
    }

    /// As [`finish`](Self::finish), but drops an unwanted outcome before a [`cancel`](super::CallbackFuture::cancel)
    /// completes.
    #[cfg(feature = "compute")]
    pub(crate) fn finish_or_drop(mut self, outcome: CallbackResult<T, E>) {
        match self.cell().offer(outcome) {
            Ok(()) => self.shared = None,
            Err(outcome) => drop(outcome),
        }
    }

    /// Resolves the future with a value.
    ///
    /// # Errors
    ///
    /// The value, when the future is gone.
    pub fn resolve(self, value: T) -> Result<(), T> {
        self.settle(Ok(value)).map_err(|result| match result {
            Ok(value) => value,
            Err(_) => unreachable!("the same variant returns"),
        })
    }

    /// Rejects the future with an error: it fails with [`Rejected`](CallbackError::Rejected).
    ///
    /// # Errors
    ///
    /// The error, when the future is gone.
    pub fn reject(self, error: E) -> Result<(), E> {
        self.settle(Err(error)).map_err(|result| match result {
            Err(error) => error,
            Ok(_) => unreachable!("the same variant returns"),
        })
    }

    /// Resolves or rejects the future.
    ///
    /// # Errors
    ///
    /// The result, when the future is gone.
    pub fn settle(self, result: Result<T, E>) -> Result<(), Result<T, E>> {
        self.finish(result.map_err(CallbackError::Rejected))
            .map_err(|outcome| {
                outcome.map_err(|error| match error {
                    CallbackError::Rejected(error) => error,
                    _ => unreachable!("the same variant returns"),
                })
            })
    }

    /// Settles in the style of node: an error, or none and a value.
    ///
    /// | error | value | the future resolves to |
    /// | --- | --- | --- |
    /// | `Some(error)` | any | [`Rejected(error)`](CallbackError::Rejected); the value is dropped |
    /// | `None` | `Some(value)` | `Ok(value)` |
    /// | `None` | `None` | `Ok(())` where `T` is `()`, which is how node reports success; else [`Empty`](CallbackError::Empty) |
    ///
    /// Drops the value if the future is gone. `T` is `'static` so that it can be compared with `()`. For a value that
    /// borrows, use [`settle`](Self::settle).
    ///
    /// ```
    /// use conjoin_adapters::{CallbackError, from_callback};
    ///
    /// # futures::executor::block_on(async {
    /// // `fs.unlink(path, error => …)`: there is no value to bring.
    /// let unlinked = from_callback::<(), String, _>(|done| done.node(None, None));
    /// assert_eq!(unlinked.await, Ok(()));
    ///
    /// let read = from_callback::<u32, String, _>(|done| done.node(None, None));
    /// assert_eq!(read.await, Err(CallbackError::Empty));
    /// # });
    /// ```
    pub fn node(self, error: Option<E>, value: Option<T>)
    where
        T: 'static,
    {
        let outcome = match (error, value.or_else(unit)) {
            (Some(error), _) => Err(CallbackError::Rejected(error)),
            (None, Some(value)) => Ok(value),
            (None, None) => Err(CallbackError::Empty),
        };
        drop(self.finish(outcome));
    }

    /// Reports that this side cancelled the operation: the future fails with [`Cancelled`](CallbackError::Cancelled).
    pub fn cancel(self) {
        drop(self.finish(Err(CallbackError::Cancelled)));
    }

    /// Turns the resolver into a callback for a result. The result is dropped if the future is gone. Dropping the
    /// callback uncalled fails the future.
    pub fn callback(self) -> impl FnOnce(Result<T, E>) + use<T, E, H> {
        move |result| drop(self.finish(result.map_err(CallbackError::Rejected)))
    }

    /// Turns the resolver into two callbacks, for success and for failure. The first call counts. Later calls are
    /// dropped, and counted in [`ignored_calls`](super::CallbackFuture::ignored_calls). The future fails with
    /// [`Dropped`](CallbackError::Dropped) only if both are dropped uncalled.
    pub fn pair(self) -> (impl FnOnce(T) + use<T, E, H>, impl FnOnce(E) + use<T, E, H>) {
        let success = Arc::new(ResolverPair {
            shared: Arc::clone(self.cell()),
            first: Mutex::new(Some(self)),
        });
        let failure = Arc::clone(&success);
        (
            move |value| drop(success.take().map(|resolver| resolver.resolve(value))),
            move |error| drop(failure.take().map(|resolver| resolver.reject(error))),
        )
    }

    /// Whether the wait has ended: the future was dropped or cancelled, its
    /// [`deadline`](super::CallbackFuture::deadline) has passed, a [`lost_when`](super::CallbackFuture::lost_when)
    /// future has completed, or the registering function has panicked.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cell().is_cancelled()
    }

    /// Completes when the wait has ended, see [`is_cancelled`](Self::is_cancelled). Cancel safe.
    pub async fn cancelled(&mut self) {
        poll_fn(|cx| self.cell().poll_cancelled(cx)).await;
    }

    fn keep(&self, hook: H) {
        if let Err(hook) = self.cell().add_hook(hook) {
            hook();
        }
    }
}

/// `()`, if that is what `T` is.
fn unit<T: 'static>() -> Option<T> {
    let mut unit = Some(());
    let unit: &mut dyn Any = &mut unit;
    unit.downcast_mut::<Option<T>>()?.take()
}

impl<T, E> Resolver<T, E> {
    /// Calls `hook` when the wait ends, on the thread that drops or cancels the future: at once if it has ended
    /// already, and never if the callback comes first. Several hooks run in the order of registration, even if one
    /// panics. The first panic then unwinds into the canceller.
    pub fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) {
        let here = CapturedSpan::current();
        self.keep(Box::new(move || here.run(hook)));
    }
}

impl<T, E> LocalResolver<T, E> {
    /// As [`Resolver::on_cancel`], for a hook that need not be `Send`.
    pub fn on_cancel(&self, hook: impl FnOnce() + 'static) {
        let here = CapturedSpan::current();
        self.keep(Box::new(move || here.run(hook)));
    }
}

impl<T, E, H: FnOnce()> Drop for Resolver<T, E, H> {
    #[inline]
    fn drop(&mut self) {
        if let Some(shared) = self.shared.take() {
            give_up(&shared);
        }
    }
}

#[cold]
fn give_up<T, E, H: FnOnce()>(shared: &CallbackCell<T, E, H>) {
    drop(shared.settle(Err(CallbackError::Dropped)));
}

impl<T, E, H: FnOnce()> fmt::Debug for Resolver<T, E, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Resolver").field(self.cell()).finish()
    }
}

/// The resolver that two callbacks share. The first call takes it.
struct ResolverPair<T, E, H: FnOnce()> {
    shared: Arc<CallbackCell<T, E, H>>,
    first: Mutex<Option<Resolver<T, E, H>>>,
}

impl<T, E, H: FnOnce()> ResolverPair<T, E, H> {
    fn take(&self) -> Option<Resolver<T, E, H>> {
        let resolver = lock(&self.first).take();
        if resolver.is_none() {
            self.shared.ignore_call();
        }
        resolver
    }
}
