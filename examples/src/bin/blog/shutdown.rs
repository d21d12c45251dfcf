//! Serving until told to stop, and stopping without cutting anybody off.

use std::error::Error;
use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::info;

use crate::app::App;
use crate::routes;

/// How long the requests under way have to end. A client that never finishes sending its request must not keep the
/// service from stopping for ever.
const GRACE: Duration = Duration::from_secs(30);

/// What it returns resolves each time the process is asked to stop, by `SIGINT` (Ctrl-C) or `SIGTERM`. Both are caught
/// as soon as this function returns, not only when somebody waits for them.
#[cfg(unix)]
pub(crate) fn requests() -> io::Result<impl AsyncFnMut()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move || {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// What it returns resolves each time the process is asked to stop, by Ctrl-C.
#[cfg(windows)]
pub(crate) fn requests() -> io::Result<impl AsyncFnMut()> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move || {
        interrupt.recv().await;
    })
}

/// Serves until `stop` resolves, then answers the requests under way and closes what they used. Cuts them off when
/// `stop` resolves again: whoever asks twice does not want to wait.
pub(crate) async fn serve(
    listener: TcpListener,
    app: App,
    time_limit: Duration,
    mut stop: impl AsyncFnMut(),
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (keep_serving, stopping) = oneshot::channel::<()>();
    let router = routes::router(app.clone(), time_limit);
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        // Resolves when the sender is dropped.
        let _ = stopping.await;
    });
    let mut server = pin!(server.into_future());

    tokio::select! {
        result = &mut server => return Ok(result?),
        () = stop() => info!("stopping"),
    }
    drop(keep_serving);
    let rest = async {
        server.await?;
        app.close().await;
        Ok(())
    };
    tokio::select! {
        result = rest => result,
        () = stop() => Err("asked twice to stop, cut off what still ran".into()),
        () = sleep(GRACE) => Err(format!("cut off what still ran after {GRACE:?}").into()),
    }
}
