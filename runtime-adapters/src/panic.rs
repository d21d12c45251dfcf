//! Panics of the user's code where they cannot simply unwind.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::thread;

/// The message of a panic, if its payload is text.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    let literal = payload.downcast_ref::<&str>().copied();
    let text = literal.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

/// Calls all functions, even if some panic; then resumes the first panic.
pub(crate) fn call_all(functions: impl IntoIterator<Item = impl FnOnce()>) {
    let mut first = None;
    for function in functions {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(function)) {
            first.get_or_insert(payload);
        }
    }
    go_on(first);
}

/// Runs code whose panic nobody can receive: the panic hook has reported it, and nothing depends on the code's end.
#[cfg(any(
    feature = "compute",
    feature = "promise",
    feature = "queue",
    all(feature = "waterfall", not(loom))
))]
pub(crate) fn contain(code: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(code)) {
        forget(payload);
    }
}

/// Drops the payload of a panic. If that panics as well, the second payload is leaked.
#[cfg(any(
    feature = "batch",
    feature = "compute",
    feature = "promise",
    feature = "queue",
    all(feature = "waterfall", not(loom))
))]
pub(crate) fn forget(payload: Box<dyn Any + Send>) {
    if let Err(next) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(next);
    }
}

/// Calls both functions, even if the first one panics; then resumes the first panic.
pub(crate) fn call_both(first: impl FnOnce(), second: impl FnOnce()) {
    let first = catch_unwind(AssertUnwindSafe(first)).err();
    let second = catch_unwind(AssertUnwindSafe(second)).err();
    go_on(first.or(second));
}

/// Resumes a panic, unless this thread is unwinding already: a second panic would abort the process.
fn go_on(payload: Option<Box<dyn Any + Send>>) {
    if let Some(payload) = payload.filter(|_| !thread::panicking()) {
        resume_unwind(payload);
    }
}
