//! Panics of the user's code where they cannot simply unwind.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

/// What a panic said, as far as it is text.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    let literal = payload.downcast_ref::<&str>().copied();
    let text = literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

/// Calls all of them, whichever panics. The first panic goes on when all have been called.
pub(crate) fn call_all(functions: impl IntoIterator<Item = impl FnOnce()>) {
    let mut first = None;
    for function in functions {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(function)) {
            first.get_or_insert(payload);
        }
    }
    go_on(first);
}

/// Runs code that has nobody to panic to: the panic hook has told of it, and nothing depends on its end.
#[cfg(any(feature = "compute", feature = "promise", feature = "queue"))]
pub(crate) fn contain(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        forget(payload);
    }
}

/// Drops what a panic brought, which may panic as well. That one is given up.
#[cfg(any(
    feature = "batch",
    feature = "compute",
    feature = "promise",
    feature = "queue"
))]
pub(crate) fn forget(payload: Box<dyn Any + Send>) {
    if let Err(next) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(next);
    }
}

/// Calls one after the other, also when the first one panics. The first panic goes on when both have been called.
pub(crate) fn call_both(first: impl FnOnce(), second: impl FnOnce()) {
    let first = catch_unwind(AssertUnwindSafe(first)).err();
    let second = catch_unwind(AssertUnwindSafe(second)).err();
    go_on(first.or(second));
}

/// Unwinds, unless a panic unwinds already: one on top of it would end the process.
fn go_on(payload: Option<Box<dyn Any + Send>>) {
    if let Some(payload) = payload.filter(|_| !thread::panicking()) {
        resume_unwind(payload);
    }
}
