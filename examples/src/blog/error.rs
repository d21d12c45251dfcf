//! Every way in which a request can fail, and its answer.

use std::any::Any;
use std::error::Error;
use std::ffi::c_int;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use conjoin_adapters::CallbackError;
use rusqlite::ffi;
use serde::Serialize;
use sqlx::postgres::PgDatabaseError;
use tokio::time::error::Elapsed;

use crate::blog::modes::Mode;

/// How many seconds a client should wait before it tries again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// The client sees its `Display`. Only the log sees its source.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    #[error("there is no page here; a user's page is at /MODE/USER_ID, new posts go to /posts")]
    UnknownPath,
    #[error("method not allowed; use {0}")]
    MethodNotAllowed(&'static str),
    #[error("there is no mode `{0}`; use one of {names}", names = Mode::names())]
    UnknownMode(String),
    #[error("`{0}` is not a user id; write a whole number from 1 to {max}", max = i64::MAX)]
    UserId(String),
    #[error("there is no user {0}")]
    UnknownUser(i64),
    #[error("`{0}` is not a post id; write a whole number from 1 to {max}", max = i64::MAX)]
    PostId(String),
    #[error("there is no post {0}")]
    UnknownPost(i64),
    #[error("{}", .0.body_text())]
    Path(PathRejection),
    #[error("{}", .0.body_text())]
    Draft(JsonRejection),
    #[error("the moderator rejected this text")]
    Refused,
    #[error("the database is unavailable; please try again later")]
    Away(#[source] Box<dyn Error + Send + Sync>),
    #[error("no worker answered; please try again later")]
    Unanswered(#[source] Box<dyn Error + Send + Sync>),
    #[error("the request took too long; please try again later")]
    TooLong(#[source] Elapsed),
    /// An error with several owners.
    #[error(transparent)]
    Shared(Arc<AppError>),
    #[error("internal error")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl AppError {
    /// The error for the payload of a handler's panic.
    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let literal = payload.downcast_ref::<&str>().copied();
        let message = literal.or_else(|| payload.downcast_ref().map(String::as_str));
        Self::Internal(format!("panicked: {}", message.unwrap_or("without a message")).into())
    }

    /// The answer for the client. Logs the cause.
    pub(crate) fn tell(&self) -> (StatusCode, String) {
        if let Some(source) = self.source() {
            tracing::error!(error = source, "{self}");
        }
        (self.status(), self.to_string())
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::UnknownPath
            | Self::UnknownMode(_)
            | Self::UnknownUser(_)
            | Self::UnknownPost(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::UserId(_) | Self::PostId(_) => StatusCode::BAD_REQUEST,
            Self::Path(rejection) => rejection.status(),
            Self::Draft(rejection) => rejection.status(),
            Self::Refused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Away(_) | Self::Unanswered(_) | Self::TooLong(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Shared(error) => error.status(),
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
        }

        let (status, error) = self.tell();
        let mut response = (status, Json(Body { error })).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

impl From<PathRejection> for AppError {
    fn from(rejection: PathRejection) -> Self {
        Self::Path(rejection)
    }
}

impl From<JsonRejection> for AppError {
    fn from(rejection: JsonRejection) -> Self {
        Self::Draft(rejection)
    }
}

impl From<CallbackError<AppError>> for AppError {
    fn from(error: CallbackError<AppError>) -> Self {
        match error {
            CallbackError::Rejected(error) => error,
            error => Self::Internal(error.into()),
        }
    }
}

impl From<CallbackError<Arc<AppError>>> for AppError {
    fn from(error: CallbackError<Arc<AppError>>) -> Self {
        match error {
            CallbackError::Rejected(error) => Self::Shared(error),
            error => Self::Internal(error.into()),
        }
    }
}

impl From<sqlx::Error> for AppError {
    fn from(error: sqlx::Error) -> Self {
        if is_away(&error) {
            Self::Away(error.into())
        } else {
            Self::Internal(error.into())
        }
    }
}

/// SQLite's codes for a database that cannot be used right now: it is locked, memory, space or write permission is
/// missing, the disk fails, or the file is missing or damaged.
const AWAY: [c_int; 10] = [
    ffi::SQLITE_BUSY,
    ffi::SQLITE_LOCKED,
    ffi::SQLITE_NOMEM,
    ffi::SQLITE_READONLY,
    ffi::SQLITE_IOERR,
    ffi::SQLITE_CORRUPT,
    ffi::SQLITE_FULL,
    ffi::SQLITE_CANTOPEN,
    ffi::SQLITE_PROTOCOL,
    ffi::SQLITE_NOTADB,
];

/// Whether the same query may succeed later, because only the database is unavailable.
fn is_away(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            if error.try_downcast_ref::<PgDatabaseError>().is_some() {
                // Connection exceptions, insufficient resources, and queries ended by an operator or a time limit.
                ["08", "53", "57"]
                    .iter()
                    .any(|class| code.starts_with(class))
            } else {
                // The low byte of an extended code is the code itself.
                code.parse()
                    .is_ok_and(|code: c_int| AWAY.contains(&(code & 0xff)))
            }
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions, Connection, SqliteConnection};

    use super::*;

    #[tokio::test]
    async fn missing_or_locked_file_is_unavailable() {
        let directory = tempfile::tempdir().expect("a directory");
        let options = SqliteConnectOptions::new()
            .filename(directory.path().join("blog.db"))
            .busy_timeout(Duration::ZERO);
        assert!(is_away(
            &options.connect().await.expect_err("there is no file")
        ));

        let options = options.create_if_missing(true);
        let mut holder = options.connect().await.expect("a connection");
        let _lock = holder.begin_with("BEGIN EXCLUSIVE").await.expect("a lock");
        let mut other = options.connect().await.expect("a connection");
        let refused = sqlx::query("CREATE TABLE users (id)")
            .execute(&mut other)
            .await;
        assert!(is_away(&refused.expect_err("the file is locked")));
    }

    #[tokio::test]
    async fn wrong_query_is_not_unavailability() {
        let mut connection = SqliteConnection::connect("sqlite::memory:")
            .await
            .expect("a connection");
        let mistake = sqlx::query("SELECT name FROM nowhere")
            .execute(&mut connection)
            .await;
        assert!(!is_away(&mistake.expect_err("there is no table")));
        assert!(!is_away(&sqlx::Error::RowNotFound));
    }
}
