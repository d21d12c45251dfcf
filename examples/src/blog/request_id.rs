//! `x-request-id`: the client's own when it is fit for a log, else a new one, on every response and every log line.

use axum::extract::Request;
use axum::http::HeaderName;
use tower_http::request_id::RequestId;
use tracing::{Span, error_span, field};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 128;

/// Takes an id that is not fit to be logged from the request, so that it gets a new one.
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

/// Letters, digits, and the punctuation of the ids in use: neither spaces, quotes nor braces, which could make one log
/// line look like another.
fn is_fit(id: &[u8]) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=".contains(byte))
}

/// The span that puts the id on every log line of the request. It is of the highest level there is, so that a filter by
/// level never keeps a line without its id.
pub(crate) fn span(request: &Request) -> Span {
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok());
    error_span!("request", id = id.map(field::display), method = %request.method(), path = request.uri().path())
}
