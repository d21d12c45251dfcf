//! Serves until the process is asked to stop, then lets the requests under way end.

use std::io;
use std::pin::pin;
use std::time::Duration;

use conjoin_adapters::BoxError;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::sleep;
use tracing::info;

use crate::blog::app::App;
use crate::blog::options::Options;
use crate::blog::routes;

/// How long requests may still run after the first signal.
const GRACE: Duration = Duration::from_secs(30);

/// Returns a function that waits for `SIGINT` (Ctrl-C) or `SIGTERM`. Both are caught from now on, not only during the
/// wait.
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

/// Returns a function that waits for Ctrl-C.
#[cfg(windows)]
pub(crate) fn requests() -> io::Result<impl AsyncFnMut()> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(async move || {
        interrupt.recv().await;
    })
}

/// Serves until `stop` resolves, then answers the requests under way and closes the app. When `stop` resolves again, it
/// cancels the requests that still run.
pub(crate) async fn serve(
    listener: TcpListener,
    app: App,
    options: &Options,
    mut stop: impl AsyncFnMut(),
) -> Result<(), BoxError> {
    let (keep_serving, stopping) = oneshot::channel::<()>();
    let router = routes::router(app.clone(), options.time_limit.into());
    let mut server = pin!(crate::serve(
        listener,
        router,
        options.head_limit.into(),
        async {
            // Resolves when the sender is dropped.
            let _ = stopping.await;
        },
    ));

    tokio::select! {
        () = &mut server => unreachable!("the server runs until it is asked to stop"),
        () = stop() => info!("stopping"),
    }
    drop(keep_serving);
    let rest = async {
        server.await;
        app.close().await;
    };
    tokio::select! {
        () = rest => Ok(()),
        () = stop() => Err("asked to stop twice; cancelled the requests that still ran".into()),
        () = sleep(GRACE) => Err(format!("cancelled the requests that still ran after {GRACE:?}").into()),
    }
}
