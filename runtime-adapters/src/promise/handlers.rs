//! Promises that are derived from one: `then` and its kin.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::FutureExt;
use tokio::time::{Instant, sleep, timeout_at};

use super::chain::{Next, Work};
use super::node::Node;
use super::report::Origin;
use super::{Outcome, Promise, Thenable};
use crate::panic::message;
use crate::span::Here;
use crate::{CallbackError, Resolver};

/// Handlers. Each of these methods returns a new promise at once. The handler is called later, with a clone of the
/// value or the error; a panic in it (or in that `clone`) rejects the new promise with
/// [`Panicked`](CallbackError::Panicked).
///
/// An outcome that a method has no use for passes to the new promise unchanged: values pass `catch`, errors pass
/// `then`, and a `CallbackError` other than `Rejected` passes everything but `finally` and
/// [`settled`](Promise::settled).
impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// A promise of what `f` makes of the value.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let length = Promise::<_, String>::resolved("four").then(str::len);
    /// assert_eq!(length.await, Ok(4));
    /// # });
    /// ```
    #[track_caller]
    pub fn then<U>(&self, f: impl FnOnce(T) -> U + Send + 'static) -> Promise<U, E>
    where
        U: Clone + Send + Sync + 'static,
    {
        self.on_outcome(|outcome| outcome.map(f))
    }

    /// A promise of what `f` makes of the value, which may be an error: what a `throw` in a handler is in JavaScript.
    ///
    /// ```
    /// # use conjoin_adapters::{CallbackError, promise::Promise};
    /// # futures::executor::block_on(async {
    /// let number = Promise::resolved("4x").then_try(|text| text.parse::<u32>());
    /// assert!(matches!(number.await, Err(CallbackError::Rejected(_))));
    /// # });
    /// ```
    #[track_caller]
    pub fn then_try<U>(&self, f: impl FnOnce(T) -> Result<U, E> + Send + 'static) -> Promise<U, E>
    where
        U: Clone + Send + Sync + 'static,
    {
        self.on_outcome(|outcome| {
            outcome.and_then(|value| f(value).map_err(CallbackError::Rejected))
        })
    }

    /// A promise of what an asynchronous `f` makes of the value: an `async` closure, or one that returns a promise. See
    /// [`Thenable`].
    ///
    /// A closure that returns the very promise that it is to settle rejects it with
    /// [`Panicked`](CallbackError::Panicked). (One that awaits it is an `async` block that waits for itself, for ever.)
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// fn posts(user: &'static str) -> Promise<usize, String> {
    ///     Promise::resolved(user.len())
    /// }
    ///
    /// # futures::executor::block_on(async {
    /// let user = Promise::resolved("ann");
    /// assert_eq!(user.and_then(posts).await, Ok(3));
    /// assert_eq!(user.and_then(async |user| Ok(posts(user).await.map_or(0, |count| count + 1))).await, Ok(4));
    /// # });
    /// ```
    #[track_caller]
    pub fn and_then<U, P>(&self, f: impl FnOnce(T) -> P + Send + 'static) -> Promise<U, E>
    where
        U: Clone + Send + Sync + 'static,
        P: Thenable<U, E>,
    {
        self.on_outcome_async(|outcome| outcome.map(f).map_err(Err))
    }

    /// A promise of the value, or of what `f` makes of the error.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let length = Promise::rejected("no file").catch(|error| error.len());
    /// assert_eq!(length.await, Ok(7));
    /// # });
    /// ```
    #[track_caller]
    pub fn catch(&self, f: impl FnOnce(E) -> T + Send + 'static) -> Self {
        self.on_outcome(|outcome| match outcome {
            Err(CallbackError::Rejected(error)) => Ok(f(error)),
            passing => passing,
        })
    }

    /// A promise of the value, or of what an asynchronous `f` makes of the error, which may be an error of another
    /// type. See [`Thenable`].
    ///
    /// ```
    /// # use conjoin_adapters::{CallbackError, promise::Promise};
    /// # futures::executor::block_on(async {
    /// let primary = Promise::<u8, _>::rejected("down");
    /// let replica = primary.or_else(async |error| Err(format!("{error}, and no replica")));
    /// assert_eq!(replica.await, Err(CallbackError::Rejected("down, and no replica".to_owned())));
    /// # });
    /// ```
    #[track_caller]
    pub fn or_else<F, P>(&self, f: impl FnOnce(E) -> P + Send + 'static) -> Promise<T, F>
    where
        F: Clone + Send + Sync + 'static,
        P: Thenable<T, F>,
    {
        self.on_outcome_async(|outcome| match outcome {
            Ok(value) => Err(Ok(value)),
            Err(error) => match without_rejection(error) {
                Ok(error) => Ok(f(error)),
                Err(error) => Err(Err(error)),
            },
        })
    }

    /// A promise of the same outcome, after `f` was called.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let (closed, is_closed) = std::sync::mpsc::channel();
    /// let page = Promise::<_, String>::resolved("page").finally(move || closed.send(()).unwrap());
    /// assert_eq!(page.await, Ok("page"));
    /// is_closed.try_recv().unwrap();
    /// # });
    /// ```
    #[track_caller]
    pub fn finally(&self, f: impl FnOnce() + Send + 'static) -> Self {
        self.on_outcome(|outcome| {
            f();
            outcome
        })
    }

    /// A promise of the same outcome, after `f` was shown the value, if there is one.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # futures::executor::block_on(async {
    /// let page = Promise::<_, String>::resolved("page").tap(|page| assert_eq!(page.len(), 4));
    /// assert_eq!(page.await, Ok("page"));
    /// # });
    /// ```
    #[track_caller]
    pub fn tap(&self, f: impl FnOnce(&T) + Send + 'static) -> Self {
        self.on_outcome(|outcome| {
            if let Ok(value) = &outcome {
                f(value);
            }
            outcome
        })
    }

    /// A promise that cannot fail, of the outcome as a value: `then` on it is a handler for success and failure
    /// alike, and the one that sees a [`Panicked`](CallbackError::Panicked) or a [`Dropped`](CallbackError::Dropped).
    ///
    /// ```
    /// # use conjoin_adapters::{CallbackError, promise::Promise};
    /// # futures::executor::block_on(async {
    /// let broken = Promise::<u8, String>::resolved(0).then(|divisor| 1 / divisor);
    /// let text = broken.settled().then(|outcome| match outcome {
    ///     Ok(number) => number.to_string(),
    ///     Err(CallbackError::Rejected(error)) => error,
    ///     Err(_) => "a bug".to_owned(),
    /// });
    /// assert_eq!(text.await.unwrap(), "a bug");
    /// # });
    /// ```
    #[track_caller]
    pub fn settled(&self) -> Promise<Result<T, CallbackError<E>>, std::convert::Infallible> {
        self.on_outcome(Ok)
    }

    /// A promise of the same outcome, which is rejected with `error` when there is none within `time` from now. Where
    /// the two meet, the outcome wins. What the promise waits for goes on.
    ///
    /// Rejected with [`Panicked`](CallbackError::Panicked) when it is awaited outside of a tokio runtime with its time
    /// driver.
    ///
    /// ```
    /// # use conjoin_adapters::{CallbackError, promise::Promise};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// use std::time::Duration;
    ///
    /// let (promise, _resolver) = Promise::<u8, _>::deferred();
    /// let late = promise.timeout(Duration::from_secs(5), "late").await;
    /// assert_eq!(late, Err(CallbackError::Rejected("late")));
    /// # }
    /// ```
    #[track_caller]
    pub fn timeout(&self, time: Duration, error: E) -> Self {
        // `None`: no clock will ever show it.
        let deadline = Instant::now().checked_add(time);
        let outcome = self.node.outcome.clone();
        let (promise, resolver) = self.derived(Origin::here());
        self.node.observe();
        let limited = async move {
            match deadline {
                None => outcome.await,
                Some(deadline) => {
                    let in_time = timeout_at(deadline, outcome).await;
                    in_time.unwrap_or_else(|_| Err(CallbackError::Rejected(error)))
                }
            }
        };
        self.handle
            .0
            .push(settle(resolver, limited, Origin::here()));
        promise
    }

    /// A promise of the same value, `time` later. Errors are not delayed.
    ///
    /// Rejected with [`Panicked`](CallbackError::Panicked) when it is awaited outside of a tokio runtime with its time
    /// driver.
    ///
    /// ```
    /// # use conjoin_adapters::promise::Promise;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// use std::time::Duration;
    ///
    /// let start = tokio::time::Instant::now();
    /// Promise::<_, String>::resolved(()).delay(Duration::from_secs(5)).await.unwrap();
    /// assert_eq!(start.elapsed(), Duration::from_secs(5));
    /// # }
    /// ```
    #[track_caller]
    pub fn delay(&self, time: Duration) -> Self {
        self.on_outcome_async(move |outcome| {
            let value = outcome.map_err(Err)?;
            Ok(async move {
                sleep(time).await;
                Ok(value)
            })
        })
    }

    #[track_caller]
    fn on_outcome<U, F>(
        &self,
        f: impl FnOnce(Outcome<T, E>) -> Outcome<U, F> + Send + 'static,
    ) -> Promise<U, F>
    where
        U: Clone + Send + Sync + 'static,
        F: Clone + Send + Sync + 'static,
    {
        let (origin, here) = (Origin::here(), Here::current());
        let (promise, resolver) = self.derived(origin);
        let reaction = move |outcome: &Outcome<T, E>| {
            let outcome = here
                .run(|| caught(|| f(outcome.clone())))
                .and_then(|outcome| outcome);
            finish(resolver, outcome, origin);
            None
        };
        self.node.add(Box::new(reaction), &self.handle.0);
        promise
    }

    /// `f` says with what to go on, or what the outcome is.
    #[track_caller]
    fn on_outcome_async<U, F, P>(
        &self,
        f: impl FnOnce(Outcome<T, E>) -> Result<P, Outcome<U, F>> + Send + 'static,
    ) -> Promise<U, F>
    where
        U: Clone + Send + Sync + 'static,
        F: Clone + Send + Sync + 'static,
        P: Thenable<U, F>,
    {
        let (origin, here) = (Origin::here(), Here::current());
        let (promise, resolver) = self.derived(origin);
        // As long as there is a reference, no other promise can have its address.
        let itself = Arc::downgrade(&promise.node);
        let reaction = move |outcome: &Outcome<T, E>| {
            let outcome = match here.run(|| caught(|| f(outcome.clone()))) {
                Ok(Ok(next)) if next.address() == Some(itself.as_ptr().addr()) => {
                    Err(CallbackError::Panicked(
                        "a handler returned the promise that it was to settle".to_owned(),
                    ))
                }
                Ok(Ok(next)) => return Some(settle(resolver, here.around(next.outcome()), origin)),
                Ok(Err(outcome)) => outcome,
                Err(panic) => Err(panic),
            };
            finish(resolver, outcome, origin);
            None
        };
        self.node.add(Box::new(reaction), &self.handle.0);
        promise
    }

    /// One of the same chain.
    fn derived<U, F>(&self, origin: Origin) -> (Promise<U, F>, Resolver<U, F>)
    where
        U: Clone + Send + Sync + 'static,
        F: Clone + Send + Sync + 'static,
    {
        let (node, resolver) = Node::open(origin);
        (
            Promise {
                node,
                handle: Arc::clone(&self.handle),
            },
            resolver,
        )
    }
}

fn caught<R, F>(f: impl FnOnce() -> R) -> Result<R, CallbackError<F>> {
    catch_unwind(AssertUnwindSafe(f)).map_err(|payload| CallbackError::Panicked(message(&*payload)))
}

/// Settles a promise. A rejection that comes when it is gone is one that nobody will see.
fn finish<T, E: 'static>(resolver: Resolver<T, E>, outcome: Outcome<T, E>, origin: Origin) {
    if let Err(Err(error)) = resolver.finish(outcome) {
        origin.report(&error);
    }
}

/// The work that settles a promise with what the future brings.
pub(super) fn settle<T, E>(
    resolver: Resolver<T, E>,
    outcome: impl Future<Output = Outcome<T, E>> + Send + 'static,
    origin: Origin,
) -> Work
where
    T: Send + 'static,
    E: Send + 'static,
{
    Box::pin(async move {
        let outcome = AssertUnwindSafe(outcome).catch_unwind().await;
        let outcome =
            outcome.unwrap_or_else(|payload| Err(CallbackError::Panicked(message(&*payload))));
        finish(resolver, outcome, origin);
        Next::NOTHING
    })
}

/// The error that the promise was rejected with, or what else went wrong, which is of no type of the user's.
fn without_rejection<E, F>(error: CallbackError<E>) -> Result<E, CallbackError<F>> {
    Err(match error {
        CallbackError::Rejected(error) => return Ok(error),
        CallbackError::Dropped => CallbackError::Dropped,
        CallbackError::Empty => CallbackError::Empty,
        CallbackError::Panicked(message) => CallbackError::Panicked(message),
        CallbackError::Cancelled => CallbackError::Cancelled,
        CallbackError::TimedOut => CallbackError::TimedOut,
    })
}

macro_rules! spread {
    ($($Part:ident)*) => {
        impl<$($Part,)* E> Promise<($($Part,)*), E>
        where
            $($Part: Clone + Send + Sync + 'static,)*
            E: Clone + Send + Sync + 'static,
        {
            /// [`then`](Promise::then), with the parts of a tuple as parameters, up to six.
            ///
            /// ```
            /// # use conjoin_adapters::promise::Promise;
            /// # futures::executor::block_on(async {
            /// let sum = Promise::<_, String>::resolved((1, 2)).spread(|a, b| a + b);
            /// assert_eq!(sum.await, Ok(3));
            /// # });
            /// ```
            #[track_caller]
            #[allow(non_snake_case)]
            pub fn spread<U>(&self, f: impl FnOnce($($Part),*) -> U + Send + 'static) -> Promise<U, E>
            where
                U: Clone + Send + Sync + 'static,
            {
                self.then(move |($($Part,)*)| f($($Part),*))
            }
        }
    };
}

spread!(A);
spread!(A B);
spread!(A B C);
spread!(A B C D);
spread!(A B C D G);
spread!(A B C D G H);
