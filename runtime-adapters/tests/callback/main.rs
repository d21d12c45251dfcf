//! Tests callbacks as futures, and futures as callbacks.
#![cfg(not(loom))]

mod cancel;
mod conventions;
mod into_callback;
mod races;
mod settle;
#[cfg(feature = "tracing")]
mod span;

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Polls once.
fn poll<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}
