//! Queries as a database driver with callbacks offers them.

use conjoin_adapters::{Aborted, IntoCallback};
use tracing::Instrument;

use crate::blog::error::AppError;

pub(super) type Callback<T> = Box<dyn FnOnce(Result<T, AppError>) + Send>;

/// Starts a query somewhere, which calls back at some time.
pub(super) fn call_back<T: Send + 'static>(
    query: impl Future<Output = Result<T, AppError>> + Send + 'static,
    done: impl FnOnce(Result<T, AppError>) + Send + 'static,
) {
    query
        .in_current_span()
        .into_callback(tokio::spawn, |result: Result<_, Aborted>| {
            done(result.unwrap_or_else(|aborted| Err(AppError::Internal(aborted.into()))));
        });
}
