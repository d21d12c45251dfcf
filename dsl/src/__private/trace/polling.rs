//! What graphs, parts and items have in common: a status, and polls that may panic.
//!
//! A cold function of its own polls what is recorded. So without a subscriber, a poll takes one test more.

use core::mem::{self, ManuallyDrop};
use core::task::Waker;

/// Whether something is recorded, and what it keeps between its polls.
#[derive(Clone, Copy, Debug)]
pub(super) enum Status<R> {
    Unrecorded,
    New,
    Resting(R),
    /// It is being polled, or has ended.
    Over,
}

impl<R> Status<R> {
    #[inline]
    pub(super) const fn new(is_recorded: bool) -> Self {
        if is_recorded {
            Status::New
        } else {
            Status::Unrecorded
        }
    }

    #[inline]
    pub(super) fn is_recorded(&self) -> bool {
        !matches!(self, Status::Unrecorded)
    }

    #[inline]
    pub(super) fn take(&mut self) -> Self {
        mem::replace(self, Status::Over)
    }
}

/// The status of something that keeps its state itself.
#[derive(Debug)]
pub(super) struct Owned<S>(ManuallyDrop<Status<Box<S>>>);

impl<S> Owned<S> {
    #[inline]
    pub(super) const fn new(is_recorded: bool) -> Self {
        Owned(ManuallyDrop::new(Status::new(is_recorded)))
    }

    #[inline]
    pub(super) fn status(&mut self) -> &mut Status<Box<S>> {
        &mut self.0
    }
}

impl<S> Drop for Owned<S> {
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn drop(&mut self) {
        if self.0.is_recorded() {
            // By value: if the address of a future went elsewhere, LLVM would keep less of it in registers.
            drop_status(self.0.take());
        }
    }
}

#[cold]
#[inline(never)]
fn drop_status<S>(status: Status<Box<S>>) {
    drop(status);
}

/// The state of something during a poll.
pub(super) trait Polled {
    /// Begins a poll with a waker.
    fn enter(&mut self, outer: &Waker);

    /// The waker for this poll.
    fn waker<'w>(&'w self, outer: &'w Waker) -> &'w Waker;

    /// Ends a poll that has panicked.
    fn panic(&mut self);
}

/// A poll of something that is recorded, or of something else with `None`. If it drops early, it has panicked.
pub(super) struct Polling<S: Polled>(Option<Box<S>>);

impl<S: Polled> Polling<S> {
    pub(super) fn begin(mut state: Option<Box<S>>, outer: &Waker) -> Self {
        // Not in the guard yet: if the subscriber's code panics, no poll has begun.
        if let Some(state) = &mut state {
            state.enter(outer);
        }
        Polling(state)
    }

    pub(super) fn is_recorded(&self) -> bool {
        self.0.is_some()
    }

    /// The waker for this poll.
    pub(super) fn waker<'w>(&'w self, outer: &'w Waker) -> &'w Waker {
        self.0.as_ref().map_or(outer, |state| state.waker(outer))
    }

    pub(super) fn end(mut self) -> Option<Box<S>> {
        self.0.take()
    }
}

impl<S: Polled> Drop for Polling<S> {
    fn drop(&mut self) {
        if let Some(state) = &mut self.0 {
            state.panic();
        }
    }
}
