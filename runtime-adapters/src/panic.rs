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
    // A panic on top of one that unwinds already would end the process.
    if let Some(payload) = first.filter(|_| !thread::panicking()) {
        resume_unwind(payload);
    }
}
