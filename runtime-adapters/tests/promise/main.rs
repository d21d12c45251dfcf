//! Tests promises through their public interface.
#![cfg(not(loom))]

mod chain;
mod clauses;
mod combinators;
mod finally;
mod panics;
mod size;
mod threads;
mod time;
mod types;
#[cfg(feature = "tracing")]
mod unobserved;
mod watched;

use std::fmt::Debug;
use std::future::{Future, IntoFuture};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use conjoin_adapters::CallbackError;
use conjoin_adapters::promise::Promise;

type Outcome<T> = Result<T, CallbackError<&'static str>>;

/// A generous limit, which ends at once on a paused clock if nothing else can run.
async fn soon<F: IntoFuture>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(120), future)
        .await
        .expect("it ends")
}

fn poll_once<F: IntoFuture>(future: F) -> Poll<F::Output> {
    pin!(future.into_future()).poll(&mut Context::from_waker(Waker::noop()))
}

/// A log of events, in order.
#[derive(Clone)]
struct Log<T>(Arc<Mutex<Vec<T>>>);

impl<T: Clone + Debug + Send + 'static> Log<T> {
    fn new() -> Self {
        Log(Arc::default())
    }

    fn push(&self, entry: T) {
        self.0.lock().unwrap().push(entry);
    }

    /// A handler that records its argument.
    fn noting(&self) -> impl FnOnce(T) + Send + use<T> {
        let log = self.clone();
        move |entry| log.push(entry)
    }

    /// A handler that records this value.
    fn note<V>(&self, entry: T) -> impl FnOnce(V) + Send + use<T, V> {
        let log = self.clone();
        move |_| log.push(entry)
    }

    fn entries(&self) -> Vec<T> {
        self.0.lock().unwrap().clone()
    }
}

fn resolved<T: Clone + Send + Sync + 'static>(value: T) -> Promise<T, &'static str> {
    Promise::resolved(value)
}

fn rejected<T: Clone + Send + Sync + 'static>(error: &'static str) -> Promise<T, &'static str> {
    Promise::rejected(error)
}
