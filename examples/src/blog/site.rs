//! `GET /`: a page for people, on which one click runs all modes and draws their waterfalls on one time axis.
//!
//! What runs them is in `runs.rs`; the page draws what that tells it. Everything comes from this program: there is no
//! other server, and its policy lets no other script in.

mod runs;
mod watch;

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};

pub(crate) use self::watch::Watch;
use crate::blog::app::App;
use crate::blog::error::AppError;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page, what it loads, and the runs that it asks for, none of whose modes takes longer than `time_limit`.
pub(crate) fn routes(time_limit: Duration) -> Router<App> {
    let style = || file("text/css; charset=utf-8", include_str!("site/style.css"));
    let script = || {
        file(
            "text/javascript; charset=utf-8",
            include_str!("site/script.js"),
        )
    };
    Router::new()
        .route("/", only_get(get(page)))
        .route("/style.css", only_get(get(async move || style())))
        .route("/script.js", only_get(get(async move || script())))
        .route(
            "/runs/{user_id}",
            only_get(get(async move |app, path| runs::run(app, path, time_limit))),
        )
}

fn only_get(route: MethodRouter<App>) -> MethodRouter<App> {
    route.fallback(async || AppError::MethodNotAllowed("GET and HEAD"))
}

async fn page(State(App { database, .. }): State<App>) -> impl IntoResponse {
    let latency_ms = database.latency().as_secs_f64() * 1e3;
    file(
        "text/html; charset=utf-8",
        include_str!("site/page.html").replace("{latency_ms}", &latency_ms.to_string()),
    )
}

/// A part of the page. It changes with the program, so that it is asked for each time.
fn file(content_type: &'static str, content: impl IntoResponse) -> impl IntoResponse {
    let headers: [(HeaderName, &str); 5] = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, content)
}
