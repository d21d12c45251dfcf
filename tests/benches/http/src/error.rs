//! How a request can fail.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Its text goes to the client, as in the service.
#[derive(Debug)]
pub(crate) enum AppError {
    Path(PathRejection),
    UnknownMode(String),
    UserId(String),
    UnknownUser(i64),
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
        }

        let (status, error) = match self {
            Self::Path(rejection) => (rejection.status(), rejection.body_text()),
            Self::UnknownMode(mode) => {
                (StatusCode::NOT_FOUND, format!("there is no mode `{mode}`"))
            }
            Self::UserId(id) => (StatusCode::BAD_REQUEST, format!("`{id}` is not a user id")),
            Self::UnknownUser(id) => (StatusCode::NOT_FOUND, format!("there is no user {id}")),
        };
        (status, Json(Body { error })).into_response()
    }
}

impl From<PathRejection> for AppError {
    fn from(rejection: PathRejection) -> Self {
        Self::Path(rejection)
    }
}
