//! Rejections that nobody has seen.

use crate::callback::CallbackError;

/// Where a promise was made.
#[derive(Clone, Copy)]
pub(super) struct Origin(#[cfg(feature = "tracing")] &'static std::panic::Location<'static>);

impl Origin {
    #[track_caller]
    pub(super) fn here() -> Self {
        Origin(
            #[cfg(feature = "tracing")]
            std::panic::Location::caller(),
        )
    }

    /// Reports a rejection, other than one that comes of giving up.
    #[cfg(feature = "tracing")]
    pub(super) fn report<E: 'static>(self, error: &CallbackError<E>) {
        let message = match error {
            CallbackError::Dropped | CallbackError::Cancelled => return,
            CallbackError::Rejected(error) => text(error).unwrap_or(std::any::type_name::<E>()),
            CallbackError::Panicked(message) => message,
            CallbackError::Empty => "neither an error nor a value",
            CallbackError::TimedOut => "not called in time",
        };
        tracing::warn!(error = message, made_at = %self.0, "a promise was rejected, and nobody has looked at it");
    }

    #[cfg(not(feature = "tracing"))]
    #[allow(clippy::unused_self, clippy::trivially_copy_pass_by_ref)]
    pub(super) fn report<E: 'static>(self, _: &CallbackError<E>) {}
}

/// An error that is text, as text. Of others there is only the type to tell: promises ask no `Debug` of them.
#[cfg(feature = "tracing")]
fn text(error: &dyn std::any::Any) -> Option<&str> {
    error
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| error.downcast_ref::<String>().map(String::as_str))
}
