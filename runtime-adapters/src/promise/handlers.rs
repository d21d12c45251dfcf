//! Derives promises: `then` and similar methods.

use super::handle::Promise;
use super::thenable::Thenable;
use crate::callback::CallbackError;

/// Handlers. Each method returns a new promise at once. The handler is called later, with a clone of the value or the
/// error. A panic in the handler, or in that `clone`, rejects the new promise with
/// [`Panicked`](CallbackError::Panicked).
///
/// An outcome that a method does not handle passes to the new promise unchanged: values pass `catch`, errors pass
/// `then`, and a `CallbackError` other than `Rejected` passes everything but `finally` and
/// [`settled`](Promise::settled).
impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// A promise of `f(value)`.
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

    /// A promise of `f(value)`, which may fail, as a `throw` in a handler in JavaScript.
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

    /// A promise of the output of an asynchronous `f(value)`: an `async` closure, or one that returns a promise. See
    /// [`Thenable`].
    ///
    /// A closure that returns the new promise itself rejects it with [`Panicked`](CallbackError::Panicked). One that
    /// *awaits* it waits forever: it may await other things concurrently, and the chain cannot see which of them its
    /// code needs.
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

    /// A promise of the value, or of `f(error)`.
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

    /// A promise of the value, or of the output of an asynchronous `f(error)`, which may fail with another type. See
    /// [`Thenable`].
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

    /// A promise of the same outcome, after `f(&value)` was called for a value.
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

    /// A promise of the outcome as a value. It cannot fail. A `then` on it handles success and failure alike, and sees
    /// a [`Panicked`](CallbackError::Panicked) or a [`Dropped`](CallbackError::Dropped).
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
}

/// The rejection, or another failure, which has no type of the user.
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
