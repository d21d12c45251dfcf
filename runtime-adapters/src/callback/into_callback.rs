//! Futures as callbacks: the way back.

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
    /// Hands a future to `spawn`, such as `tokio::spawn`, that runs this one and calls `callback` with its output: exactly
    /// once, with [`Aborted`] when it panics or is dropped before its end. What `spawn` returns is returned.
    ///
    /// The callback is called on the thread that polls, or drops. After that a panic goes on, to whoever polls.
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

/// Why a future that was turned [into a callback](IntoCallback) had no output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aborted {
    panic: Option<String>,
}

impl Aborted {
    /// The message of the panic that ended the future. `None` when it was dropped before its end.
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

/// What [`into_callback`](IntoCallback::into_callback) spawns.
#[must_use = "futures do nothing unless polled"]
pub struct CallbackTask<T: Future, F: FnOnce(Result<T::Output, Aborted>)> {
    /// There until it has ended.
    future: Option<Pin<Box<T>>>,
    here: CapturedSpan,
    /// There until it is called.
    callback: Option<F>,
}

impl<T: Future, F: FnOnce(Result<T::Output, Aborted>)> CallbackTask<T, F> {
    /// Calls back, when all that the future held is free again.
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
            .expect("it is polled after it has ended")
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
                // The first panic is the one that goes on.
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
