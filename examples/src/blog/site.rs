//! `GET /`: a page that runs all modes and draws their waterfalls on one time axis.
//!
//! `rows.rs` prints the modes and their sources into the page, `runs.rs` runs them. Everything comes from this program;
//! the page's policy blocks scripts from elsewhere.

mod rows;
mod runs;
mod watch;

use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::IntoResponse;
use axum::routing::{MethodRouter, get};

use self::rows::rows;
pub(crate) use self::watch::Watch;
use crate::blog::app::App;
use crate::blog::database::SLOW;
use crate::blog::error::AppError;
use crate::blog::modes::Shape;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page, the files that it loads, and its runs. No mode of a run takes longer than `time_limit`.
pub(crate) fn routes(time_limit: Duration) -> Router<App> {
    let style = || file("text/css; charset=utf-8", include_str!("site/style.css"));
    let script = || {
        file(
            "text/javascript; charset=utf-8",
            include_str!("site/script.js"),
        )
    };
    let runs = |shape| {
        only_get(get(async move |app, path| {
            runs::run(app, path, shape, time_limit)
        }))
    };
    Router::new()
        .route("/", only_get(get(page)))
        .route("/style.css", only_get(get(async move || style())))
        .route("/script.js", only_get(get(async move || script())))
        .route("/runs/{user_id}", runs(Shape::Page))
        .route("/runs/{user_id}/activity", runs(Shape::Activity))
}

fn only_get(route: MethodRouter<App>) -> MethodRouter<App> {
    route.fallback(async || AppError::MethodNotAllowed("GET or HEAD"))
}

async fn page(State(App { database, .. }): State<App>) -> impl IntoResponse {
    let milliseconds = |latencies| (database.latency() * latencies).as_secs_f64() * 1e3;
    let page = include_str!("site/page.html")
        .replace("{{latency_ms}}", &milliseconds(1).to_string())
        .replace("{{slow_ms}}", &milliseconds(SLOW).to_string())
        .replace("{{rows}}", &rows());
    file("text/html; charset=utf-8", page)
}

/// A part of the page. Browsers ask for it each time, because it changes with the program.
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
