//! Reports unobserved rejections.

use crate::callback::CallbackError;

/// Where a promise was created.
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

    /// Reports a rejection, unless it is a cancellation.
    #[cfg(feature = "tracing")]
    pub(super) fn report<E: 'static>(self, error: &CallbackError<E>) {
        let message = match error {
            CallbackError::Dropped | CallbackError::Cancelled => return,
            CallbackError::Rejected(error) => text(error).unwrap_or(std::any::type_name::<E>()),
            CallbackError::Panicked(message) => message,
            CallbackError::Empty => "neither an error nor a value",
            CallbackError::TimedOut => "not called in time",
        };
        tracing::warn!(error = message, made_at = %self.0, "a promise was rejected, and the rejection was not handled");
    }

    #[cfg(not(feature = "tracing"))]
    #[allow(clippy::unused_self, clippy::trivially_copy_pass_by_ref)]
    pub(super) fn report<E: 'static>(self, _: &CallbackError<E>) {}
}

/// The text of an error that is a string. For other types, only the type is known: promises do not require `Debug`.
#[cfg(feature = "tracing")]
fn text(error: &dyn std::any::Any) -> Option<&str> {
    error
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| error.downcast_ref::<String>().map(String::as_str))
}
