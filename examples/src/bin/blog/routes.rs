//! From a request to its response.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::routing::get;
use axum::{Json, Router};
use tower::ServiceBuilder;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;

use crate::database::Database;
use crate::error::AppError;
use crate::modes::Mode;
use crate::page::Page;
use crate::request_id;

pub(crate) fn router(database: Database) -> Router {
    // Outermost first: an id must be there before the span that bears it, and the span before anything is logged.
    let layers = ServiceBuilder::new()
        .map_request(request_id::drop_unfit)
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(request_id::span)
                .on_request(())
                .on_response(DefaultOnResponse::new().level(Level::INFO))
                // `AppError` logs its cause, which this layer does not know.
                .on_failure(()),
        );
    Router::new()
        .route("/{mode}/{user_id}", get(page))
        .fallback(async || AppError::UnknownPath)
        .method_not_allowed_fallback(async || AppError::MethodNotAllowed)
        .layer(layers)
        .with_state(database)
}

async fn page(
    State(database): State<Database>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Page>, AppError> {
    let Path((mode, user_id)) = path?;
    let mode: Mode = mode.parse()?;
    let user_id = parse_user_id(user_id)?;
    Ok(Json(mode.page(&database, user_id).await?))
}

fn parse_user_id(text: String) -> Result<i64, AppError> {
    match text.parse() {
        Ok(id) if id > 0 => Ok(id),
        _ => Err(AppError::UserId(text)),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::{Body, to_bytes};
    use axum::http::{Request, Response, StatusCode, header};
    use sqlx::{Connection, SqliteConnection};
    use tower::ServiceExt;

    use super::*;

    async fn get(database: &Database, path: &str) -> Response<Body> {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        router(database.clone()).oneshot(request).await.expect("a response")
    }

    async fn text(response: Response<Body>) -> String {
        let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body");
        String::from_utf8(body.into()).expect("UTF-8")
    }

    #[tokio::test]
    async fn a_database_that_is_away_is_503() {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}", directory.path().join("blog.db").display());
        let database = Database::open(&url, Duration::ZERO).await.expect("a database");
        database.close().await;

        let response = get(&database, "/auto/1").await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        assert_eq!(text(response).await, r#"{"error":"the database is away, please try again"}"#);
    }

    #[tokio::test]
    async fn any_other_failure_is_500_and_tells_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}", directory.path().join("blog.db").display());
        let database = Database::open(&url, Duration::ZERO).await.expect("a database");
        let mut other = SqliteConnection::connect(&url).await.expect("a connection");
        sqlx::query("DROP TABLE comments").execute(&mut other).await.expect("a table");

        let response = get(&database, "/sync/1").await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(text(response).await, r#"{"error":"internal error"}"#);
        assert_eq!(get(&database, "/auto/1").await.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
