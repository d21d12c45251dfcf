//! `x-request-id` on every response and log line: the client's own id if it is safe to log, otherwise a new one.

use axum::extract::Request;
use axum::http::HeaderName;
use tower_http::request_id::RequestId;
use tracing::{Span, error_span, field};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// Removes an id that is not safe to log, so that the request gets a new one.
pub(crate) fn drop_unfit(mut request: Request) -> Request {
    if request
        .headers()
        .get(X_REQUEST_ID)
        .is_some_and(|id| !is_fit(id.as_bytes()))
    {
        request.headers_mut().remove(X_REQUEST_ID);
    }
    request
}

/// Letters, digits and common punctuation. Spaces, quotes and braces could make one log line look like another.
fn is_fit(id: &[u8]) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
}

/// The span that puts the id on every log line of the request. It has the highest level, so no filter by level
/// separates a line from its id.
pub(crate) fn span(request: &Request) -> Span {
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok());
    error_span!("request", id = id.map(field::display), method = %request.method(), path = request.uri().path())
}
