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
use crate::options::Options;
use crate::routes;

/// How long the requests under way have to end.
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

/// Serves until `stop` resolves, then answers the requests under way and closes what they used. When `stop` resolves
/// again, it gives up those that still run.
pub(crate) async fn serve(
    listener: TcpListener,
    app: App,
    options: &Options,
    mut stop: impl AsyncFnMut(),
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let (keep_serving, stopping) = oneshot::channel::<()>();
    let router = routes::router(app.clone(), options.time_limit.into());
    let mut server = pin!(conjoin_examples::serve(
        listener,
        router,
        options.head_limit.into(),
        async {
            // Resolves when the sender is dropped.
            let _ = stopping.await;
        },
    ));

    tokio::select! {
        () = &mut server => unreachable!("it serves until it is told to stop"),
        () = stop() => info!("stopping"),
    }
    drop(keep_serving);
    let rest = async {
        server.await;
        app.close().await;
    };
    tokio::select! {
        () = rest => Ok(()),
        () = stop() => Err("asked twice to stop, cut off what still ran".into()),
        () = sleep(GRACE) => Err(format!("cut off what still ran after {GRACE:?}").into()),
    }
}
