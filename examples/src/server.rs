//! An HTTP/1 server with a time limit for request heads, and with a drain that waits for requests, not for clients.

mod activity;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::CONNECTION;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::ServiceExt;

use self::activity::{Activity, Body, Io};

/// How long connections without a request stay open once the drain begins. Requests that were already sent arrive in
/// this time. (Axum's own drain closes an accepted connection before it reads the request.)
const LAST_REQUESTS: Duration = Duration::from_millis(500);

/// Serves `router` on `listener` until `stop` resolves, then drains: the listener closes, and this returns once every
/// request under way has its complete response.
///
/// A client has `head_limit` to send the head of a request, from the start of the connection or the end of the previous
/// response. After that, its connection closes. Idle connections close, too.
///
/// During the drain, connections without a complete head close after half a second.
///
/// # Cancel safety
///
/// Dropping the future closes all connections and cancels their requests.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    head_limit: Duration,
    stop: impl Future<Output = ()>,
) {
    let (keep_serving, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        // Axum's `accept` retries after errors, such as too many open files.
        let (stream, _) = tokio::select! {
            biased;
            () = &mut stop => break,
            Some(_) = connections.join_next() => continue,
            accepted = Listener::accept(&mut listener) => accepted,
        };
        connections.spawn(connection(
            stream,
            router.clone(),
            head_limit,
            stopping.clone(),
        ));
    }
    drop(listener);
    drop(keep_serving);
    while connections.join_next().await.is_some() {}
}

/// Serves one connection until it closes. `stopping` begins the drain when its sender is dropped.
async fn connection(
    io: impl AsyncRead + AsyncWrite + Unpin,
    router: Router,
    head_limit: Duration,
    stopping: watch::Receiver<()>,
) {
    let mut begin_drain = stopping.clone();
    let activity = Arc::new(Activity::default());
    let service = service_fn(|request: Request<Incoming>| {
        let under_way = activity.begin();
        let response = router.clone().oneshot(request);
        let stopping = stopping.clone();
        async move {
            let mut response = response.await?;
            if stopping.has_changed().is_err() {
                let close = HeaderValue::from_static("close");
                response.headers_mut().insert(CONNECTION, close);
            }
            Ok::<_, Infallible>(response.map(|body| Body::new(body, under_way)))
        }
    });
    let io = TokioIo::new(Io::new(io, Arc::clone(&activity)));
    let mut connection = pin!(
        Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(head_limit)
            .serve_connection(io, service)
    );

    // An error means that the client went away, was too slow, or does not speak HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = begin_drain.changed() => {}
    }
    let mut has_ended = false;
    let request = poll_fn(|cx| {
        has_ended = connection.as_mut().poll(cx).is_ready();
        if has_ended || activity.is_busy() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    let is_idle = timeout(LAST_REQUESTS, request).await.is_err();
    if !has_ended && !is_idle {
        // A response may have sent its head, without `connection: close`, before the drain.
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}
