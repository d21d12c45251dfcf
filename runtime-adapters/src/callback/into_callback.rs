//! Futures that call back.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::panic::{call_both, message};
use crate::span::CapturedSpan;

/// A future whose output goes to a callback.
pub trait IntoCallback: Future + Sized {
    /// Runs this future with `spawn`, such as `tokio::spawn`, and calls `callback` with its output: exactly once, and
    /// with [`Aborted`] if the future panics or is dropped early. Returns what `spawn` returns.
    ///
    /// The callback runs on the thread that polls or drops the future. After that, a panic of the future continues
    /// there.
    ///
    /// ```
    /// use conjoin_adapters::IntoCallback;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let (sent, received) = std::sync::mpsc::channel();
    /// let task = async { 6 * 7 }.into_callback(tokio::spawn, move |answer| sent.send(answer).unwrap());
    /// task.await.unwrap();
    /// assert_eq!(received.recv().unwrap(), Ok(42));
    /// # }
    /// ```
    fn into_callback<F, S>(self, spawn: impl FnOnce(CallbackTask<Self, F>) -> S, callback: F) -> S
    where
        F: FnOnce(Result<Self::Output, Aborted>),
    {
        spawn(CallbackTask {
            future: Some(Box::pin(self)),
            here: CapturedSpan::current(),
            callback: Some(callback),
        })
    }
}

impl<T: Future> IntoCallback for T {}

/// Why a future had no output for its [callback](IntoCallback).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aborted {
    panic: Option<String>,
}

impl Aborted {
    /// The panic message, if the future panicked. `None` if it was dropped early.
    #[must_use]
    pub fn panic(&self) -> Option<&str> {
        self.panic.as_deref()
    }
}

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.panic {
            Some(message) => write!(f, "the task panicked: {message}"),
            None => f.write_str("the task was dropped before its end"),
        }
    }
}

impl Error for Aborted {}

/// The future that [`into_callback`](IntoCallback::into_callback) spawns.
#[must_use = "futures do nothing unless polled"]
pub struct CallbackTask<T: Future, F: FnOnce(Result<T::Output, Aborted>)> {
    /// `None` after its end.
    future: Option<Pin<Box<T>>>,
    here: CapturedSpan,
    /// `None` once it has been called.
    callback: Option<F>,
}

impl<T: Future, F: FnOnce(Result<T::Output, Aborted>)> CallbackTask<T, F> {
    /// Drops the future, then calls back.
    fn call(&mut self, result: Result<T::Output, Aborted>) {
        let (future, callback) = (self.future.take(), self.callback.take());
        let call = || {
            if let Some(callback) = callback {
                self.here.run(|| callback(result));
            }
        };
        call_both(|| drop(future), call);
    }
}

// The future is boxed, and the callback is not pinned.
impl<T: Future, F: FnOnce(Result<T::Output, Aborted>)> Unpin for CallbackTask<T, F> {}

impl<T: Future, F: FnOnce(Result<T::Output, Aborted>)> Future for CallbackTask<T, F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let future = self
            .future
            .as_mut()
            .expect("a future that calls back was polled after its end")
            .as_mut();
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(output)) => {
                self.call(Ok(output));
                Poll::Ready(())
            }
            Err(payload) => {
                let aborted = Aborted {
                    panic: Some(message(&*payload)),
                };
                // The first panic continues.
                drop(catch_unwind(AssertUnwindSafe(|| self.call(Err(aborted)))));
                resume_unwind(payload)
            }
        }
    }
}

impl<T: Future, F: FnOnce(Result<T::Output, Aborted>)> Drop for CallbackTask<T, F> {
    fn drop(&mut self) {
        self.call(Err(Aborted { panic: None }));
    }
}

impl<T: Future, F: FnOnce(Result<T::Output, Aborted>)> fmt::Debug for CallbackTask<T, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallbackTask")
            .field("has_called", &self.callback.is_none())
            .finish_non_exhaustive()
    }
}
