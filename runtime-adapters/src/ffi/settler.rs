//! Runs closures for C: their answers settle a future, and no panic leaves them.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;

use super::answer::Answer;
use super::future::{AnswerFuture, ForeignFuture};
use super::outcome::{ClaimableAnswer, ForeignOutcome, PanicPayload, UnclaimedHook};
use crate::callback::{CallbackFuture, Resolver};
use crate::panic::message;
use crate::span::CapturedSpan;

/// What happens to a panic in code that C calls. It never unwinds into C.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnPanic {
    /// The future fails with [`Panicked`](crate::CallbackError::Panicked) and the message.
    #[default]
    Reject,
    /// The panic resumes where the future is awaited, with its payload.
    Resume,
    /// The process aborts. Use it for libraries that cannot continue without an answer.
    Abort,
}

/// Settles a [`ForeignFuture`]. Dropping it fails the future.
pub(super) struct AnswerSettler<A: Answer> {
    resolver: Resolver<ForeignOutcome<A::Value, A::Error>, A::Error>,
    pub(super) on_panic: OnPanic,
    /// Where the closure was passed.
    pub(super) here: CapturedSpan,
    pub(super) unclaimed: Option<UnclaimedHook<A::Value, A::Error>>,
}

impl<A: Answer> AnswerSettler<A> {
    pub(super) fn new() -> (Self, AnswerFuture<A>) {
        let (resolver, future) = CallbackFuture::open();
        (
            AnswerSettler {
                resolver,
                on_panic: OnPanic::default(),
                here: CapturedSpan::current(),
                unclaimed: None,
            },
            ForeignFuture::new(future),
        )
    }

    pub(super) fn on_cancel(&self, hook: impl FnOnce() + Send + 'static) {
        self.resolver.on_cancel(hook);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        self.resolver.is_cancelled()
    }

    /// May panic: in wakers, in drops and in the `unclaimed` closure.
    fn settle(self, result: Result<A::Value, A::Error>) {
        drop(
            self.resolver
                .resolve(ForeignOutcome::Answered(ClaimableAnswer {
                    result: Some(result),
                    unclaimed: self.unclaimed,
                })),
        );
    }

    /// The library refused the callback.
    pub(super) fn reject(self, error: A::Error) {
        // A dropped future does not pass this to the `unclaimed` closure: it is not an answer of C.
        drop(self.resolver.reject(error));
    }

    /// It catches panics.
    pub(super) fn fail(self, payload: PanicPayload) {
        let fired = if self.on_panic == OnPanic::Resume {
            ForeignOutcome::Resume(payload)
        } else {
            let message = message(&*payload);
            discard(payload);
            ForeignOutcome::Panicked(message)
        };
        let failed = catch_unwind(AssertUnwindSafe(move || {
            drop(self.resolver.resolve(fired));
            drop(self.unclaimed);
        }));
        failed.unwrap_or_else(discard);
    }
}

impl<A: Answer> fmt::Debug for AnswerSettler<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnswerSettler")
            .field("future", &self.resolver)
            .field("on_panic", &self.on_panic)
            .finish_non_exhaustive()
    }
}

/// Runs a closure for C, settles the future with its answer, and returns C's part. `settler` returns the settler unless
/// it was used; it does not panic.
pub(super) fn answer<A: Answer>(
    on_panic: OnPanic,
    here: &CapturedSpan,
    closure: impl FnOnce() -> A,
    settler: impl FnOnce() -> Option<AnswerSettler<A>>,
) -> A::Returned {
    match contain(on_panic, || here.run(closure).split()) {
        Ok((result, returned)) => {
            // Everything moves in, so that it is dropped where panics are caught.
            let settled = contain(on_panic, move || {
                if let (Some(result), settler) = (result, settler) {
                    if let Some(settler) = settler() {
                        settler.settle(result);
                    }
                }
            });
            settled.unwrap_or_else(discard);
            returned
        }
        Err(payload) => {
            match settler() {
                Some(settler) => settler.fail(payload),
                None => discard(payload),
            }
            A::fallback()
        }
    }
}

/// Catches panics that would unwind into C.
pub(super) fn contain<R>(on_panic: OnPanic, run: impl FnOnce() -> R) -> Result<R, PanicPayload> {
    let ran = catch_unwind(AssertUnwindSafe(run));
    if ran.is_err() && on_panic == OnPanic::Abort {
        process::abort();
    }
    ran
}

/// Drops a panic's payload, whose drop may panic with another payload, and so on. After a few, it leaks the rest.
pub(super) fn discard(mut payload: PanicPayload) {
    for _ in 0..8 {
        match catch_unwind(AssertUnwindSafe(move || drop(payload))) {
            Ok(()) => return,
            Err(next) => payload = next,
        }
    }
    std::mem::forget(payload);
}
