//! Routes, and the layers that every request passes.

use std::time::Duration;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use tokio::time::timeout;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::{DefaultOnResponse, TraceLayer};
use tracing::Level;

use crate::blog::app::App;
use crate::blog::draft::Draft;
use crate::blog::error::AppError;
use crate::blog::modes::Mode;
use crate::blog::page::{Activity, Page};
use crate::blog::post::PostPage;
use crate::blog::{post, publish, request_id, site, telemetry};

/// The service. A request that takes longer than `time_limit` is cancelled.
pub(crate) fn router(app: App, time_limit: Duration) -> Router {
    let routes = site::routes(time_limit)
        .route(
            "/posts",
            post(new_post).fallback(async || AppError::MethodNotAllowed("POST")),
        )
        .route(
            "/posts/{post_id}",
            get(post_page).fallback(async || AppError::MethodNotAllowed("GET or HEAD")),
        )
        .route(
            "/posts/{post_id}/by-hand",
            get(post_page_by_hand).fallback(async || AppError::MethodNotAllowed("GET or HEAD")),
        )
        .route(
            "/metrics",
            get(telemetry::metrics).fallback(async || AppError::MethodNotAllowed("GET or HEAD")),
        )
        .route(
            "/{mode}/{user_id}",
            get(page).fallback(async || AppError::MethodNotAllowed("GET or HEAD")),
        )
        .route(
            "/{mode}/{user_id}/activity",
            get(activity).fallback(async || AppError::MethodNotAllowed("GET or HEAD")),
        )
        .fallback(async || AppError::UnknownPath);
    with_layers(routes, time_limit).with_state(app)
}

/// The layers that every request passes.
fn with_layers(routes: Router<App>, time_limit: Duration) -> Router<App> {
    // Outermost first: the span needs the id, and all logging needs the span.
    let layers = ServiceBuilder::new()
        .map_request(request_id::drop_unfit)
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(request_id::span)
                .on_request(())
                .on_response(DefaultOnResponse::new().level(Level::INFO))
                // `AppError` logs its cause. This layer would log the failure again, without it.
                .on_failure(()),
        )
        .layer(CatchPanicLayer::custom(|payload: Box<_>| {
            AppError::panicked(&*payload).into_response()
        }))
        // When the time is up, this drops the request's future, which cancels its queries.
        .layer(from_fn(move |request: Request, next: Next| async move {
            timeout(time_limit, next.run(request))
                .await
                .map_err(AppError::TooLong)
        }));
    routes.layer(layers)
}

async fn page(
    State(App { queries, .. }): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Page>, AppError> {
    let (mode, user_id) = parse_mode(path)?;
    Ok(Json(mode.page(&queries, user_id).await?))
}

async fn activity(
    State(App { queries, .. }): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<Json<Activity>, AppError> {
    let (mode, user_id) = parse_mode(path)?;
    Ok(Json(mode.activity(&queries, user_id).await?))
}

fn parse_mode(
    path: Result<Path<(String, String)>, PathRejection>,
) -> Result<(Mode, i64), AppError> {
    let Path((mode, user_id)) = path?;
    Ok((mode.parse()?, parse_user_id(user_id)?))
}

async fn post_page(
    State(App {
        database,
        telemetry,
        ..
    }): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<PostPage>, AppError> {
    let id = parse_post_id(path?.0)?;
    let metrics = telemetry.metrics.of_graph("post");
    Ok(Json(post::page(&database, id, &metrics).await?))
}

async fn post_page_by_hand(
    State(App { database, .. }): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<PostPage>, AppError> {
    let id = parse_post_id(path?.0)?;
    Ok(Json(post::page_by_hand(&database, id).await?))
}

async fn new_post(
    State(App {
        database,
        moderator,
        ..
    }): State<App>,
    draft: Result<Json<Draft>, JsonRejection>,
) -> Result<impl IntoResponse, AppError> {
    let Json(draft) = draft?;
    let published = publish::publish(&database, moderator, &draft).await?;
    // The new post is on its author's page.
    let location = format!("/auto/{}", published.user.id);
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(published),
    ))
}

pub(crate) fn parse_user_id(text: String) -> Result<i64, AppError> {
    parse_id(&text).ok_or(AppError::UserId(text))
}

fn parse_post_id(text: String) -> Result<i64, AppError> {
    parse_id(&text).ok_or(AppError::PostId(text))
}

/// Each user and each post has one path, so `+1` and `01` are not ids.
fn parse_id(text: &str) -> Option<i64> {
    let id = text.parse::<i64>().ok()?;
    (id > 0 && id.to_string() == text).then_some(id)
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing;
    use sqlx::{Connection, SqliteConnection};
    use tower::ServiceExt;

    use super::*;
    use crate::blog::testing::{NEVER, app, get, logged, new_database, text};

    #[tokio::test]
    async fn unavailable_database_is_503() {
        let (_directory, _, database) = new_database(Duration::ZERO).await;
        database.close().await;

        let response = get(router(app(database), NEVER), "/auto/1", "away").await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        assert_eq!(
            text(response).await,
            r#"{"error":"the database is unavailable; please try again later"}"#
        );
    }

    #[tokio::test]
    async fn slow_request_is_503_and_cancels_its_queries() {
        let (_directory, _, database) = new_database(Duration::from_hours(1)).await;

        let response = get(
            router(app(database), Duration::from_millis(1)),
            "/auto/1",
            "late",
        )
        .await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[header::RETRY_AFTER], "5");
        assert_eq!(response.headers()["x-request-id"], "late");
        assert_eq!(
            text(response).await,
            r#"{"error":"the request took too long; please try again later"}"#
        );

        let log = logged();
        let of_the_request = "request{id=late method=GET path=\"/auto/1\"}:";
        assert!(
            log.contains(&format!(
                "{of_the_request}query{{name=user}}: examples::blog::database: query cancelled"
            )),
            "{log}"
        );
        assert!(
            log.contains(&format!(
                "{of_the_request} examples::blog::error: the request took too long"
            )),
            "{log}"
        );
    }

    #[tokio::test]
    async fn other_failures_are_500_without_details() {
        let (_directory, url, database) = new_database(Duration::ZERO).await;
        let mut other = SqliteConnection::connect(&url).await.expect("a connection");
        sqlx::query("DROP TABLE conjoin_blog_comments")
            .execute(&mut other)
            .await
            .expect("a table");

        let router = router(app(database), NEVER);
        let response = get(router.clone(), "/sync/1", "broken").await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(text(response).await, r#"{"error":"internal error"}"#);
        assert_eq!(
            get(router, "/auto/1", "broken").await.status(),
            StatusCode::INTERNAL_SERVER_ERROR
        );
    }

    #[tokio::test]
    async fn panic_is_500_with_details_in_the_log() {
        let (_directory, _, database) = new_database(Duration::ZERO).await;
        let routes = Router::new()
            .route("/literal", routing::get(async || -> () { panic!("a bug") }))
            .route(
                "/formatted",
                routing::get(async |request: Request| -> () {
                    panic!("a bug at {}", request.uri())
                }),
            );
        let service = with_layers(routes, NEVER).with_state(app(database));

        for (path, message) in [("/literal", "a bug"), ("/formatted", "a bug at /formatted")] {
            let response = get(service.clone(), path, "panic").await;
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(response.headers()["x-request-id"], "panic");
            assert_eq!(text(response).await, r#"{"error":"internal error"}"#);

            let log = logged();
            let of_the_request = format!("request{{id=panic method=GET path=\"{path}\"}}:");
            let line = format!(
                "{of_the_request} examples::blog::error: internal error error=panicked: {message}\n"
            );
            assert!(log.contains(&line), "{log}");
        }
    }

    #[tokio::test]
    async fn wrong_method_is_405_and_names_the_right_ones() {
        let (_directory, _, database) = new_database(Duration::ZERO).await;
        let router = router(app(database), NEVER);
        let request = |method, path| {
            Request::builder()
                .method(method)
                .uri(path)
                .body(Body::empty())
                .expect("a request")
        };

        let head = router
            .clone()
            .oneshot(request("HEAD", "/auto/1"))
            .await
            .expect("a response");
        assert_eq!(head.status(), StatusCode::OK);
        for (method, path, allow, answered) in [
            ("POST", "/auto/1", "GET,HEAD", "GET or HEAD"),
            ("GET", "/posts", "POST", "POST"),
        ] {
            let response = router
                .clone()
                .oneshot(request(method, path))
                .await
                .expect("a response");
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
            assert_eq!(response.headers()[header::ALLOW], allow);
            let error = format!(r#"{{"error":"method not allowed; use {answered}"}}"#);
            assert_eq!(text(response).await, error);
        }
    }
}
