//! Timeouts and delays of promises.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::future::OutcomeFuture;
use super::handle::Promise;
use super::report::Origin;
use super::settle::settle;
use crate::callback::CallbackError;

/// Tokio timers, as part of the chain.
impl<T, E> Promise<T, E>
where
    T: Clone + Send + Sync + 'static,
    E: Clone + Send + Sync + 'static,
{
    /// A promise of the same outcome, rejected with `error` if none comes within `time` from now. An outcome at that
    /// moment wins. This promise keeps waiting.
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
        // `None`: the clock never reaches it.
        let deadline = Instant::now().checked_add(time);
        let outcome = OutcomeFuture::new(Arc::clone(&self.node));
        let (promise, settler) = self.derived(Origin::here());
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
        self.handle.0.push(settle(settler, limited));
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
}
