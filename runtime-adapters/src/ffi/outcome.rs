//! The outcome of a call from C, on its way to the future.

use std::any::Any;

pub(super) type PanicPayload = Box<dyn Any + Send>;
pub(super) type UnclaimedHook<T, E> = Box<dyn FnOnce(Result<T, E>) + Send>;

/// What a call from C brought.
pub(super) enum ForeignOutcome<T, E> {
    Answered(ClaimableAnswer<T, E>),
    Panicked(String),
    Resume(PanicPayload),
}

/// An answer that goes to the `unclaimed` closure if it is dropped: on C's thread if the future is gone, or with a
/// future that was not polled again.
pub(super) struct ClaimableAnswer<T, E> {
    /// `None` once it was claimed or dropped.
    pub(super) result: Option<Result<T, E>>,
    pub(super) unclaimed: Option<UnclaimedHook<T, E>>,
}

impl<T, E> ClaimableAnswer<T, E> {
    pub(super) fn claim(mut self) -> Result<T, E> {
        self.result.take().expect("it is claimed once")
    }
}

impl<T, E> Drop for ClaimableAnswer<T, E> {
    fn drop(&mut self) {
        if let (Some(result), Some(unclaimed)) = (self.result.take(), self.unclaimed.take()) {
            unclaimed(result);
        }
    }
}
