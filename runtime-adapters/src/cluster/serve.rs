//! Serves in a worker process.

use std::convert::Infallible;
use std::error::Error;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{Notify, watch};

use super::error::ClusterError;
use super::wire::{self, DONE, DRAIN, LEAVING, PING, PONG, READY};
use super::worker::Worker;
use crate::process::InheritedSocket;
use crate::sync::Mutex;

/// Serves in this process, a worker.
pub(super) async fn run<E: Into<Box<dyn Error + Send + Sync>>>(
    inherited: InheritedSocket,
    serve: impl AsyncFnOnce(Worker) -> Result<(), E>,
) -> Result<(), ClusterError> {
    let index = inherited.index;
    let (mut control, listener) = SupervisorLink::new(inherited)
        .await
        .map_err(ClusterError::Worker)?;
    let worker = Worker {
        index,
        listener: Mutex::new(Some(listener)),
        is_ready: Arc::clone(&control.is_ready),
        is_draining: control.is_draining.subscribe(),
    };
    let served = tokio::select! {
        served = serve(worker) => served,
        never = control.obey() => match never {},
    };
    // If this cannot be sent, the supervisor has gone, and this process is about to be killed.
    let _ = control.socket.write_all(&[DONE]).await;
    served.map_err(|error| ClusterError::Serve(error.into()))
}

/// The worker's side of its connection to the supervisor.
struct SupervisorLink {
    socket: UnixStream,
    is_ready: Arc<Notify>,
    is_draining: watch::Sender<bool>,
    told_to_end: [Signal; 2],
}

impl SupervisorLink {
    async fn new(inherited: InheritedSocket) -> io::Result<(Self, TcpListener)> {
        let told_to_end = [
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        ];
        // The supervisor handles rolls. `SIGHUP` may reach the whole process group, and must not end a worker: once it
        // has been caught, it does not.
        let _caught = signal(SignalKind::hangup())?;
        inherited.socket.set_nonblocking(true)?;
        let socket = UnixStream::from_std(inherited.socket)?;
        let listener = TcpListener::from_std(wire::receive_listener(&socket).await?)?;
        let control = Self {
            socket,
            is_ready: Arc::default(),
            is_draining: watch::Sender::new(false),
            told_to_end,
        };
        Ok((control, listener))
    }

    async fn obey(&mut self) -> Infallible {
        let [terminate, interrupt] = &mut self.told_to_end;
        loop {
            let answer = tokio::select! {
                () = self.is_ready.notified() => Some(READY),
                said = self.socket.read_u8() => match said {
                    // Sent from the serving task. If that is blocked, or all threads of the runtime are, nothing gets
                    // here.
                    Ok(PING) => Some(PONG),
                    Ok(DRAIN) => {
                        self.is_draining.send_replace(true);
                        None
                    }
                    Ok(_) => None,
                    // The supervisor has gone, and a thread is about to end this process.
                    Err(_) => std::future::pending().await,
                },
                _ = terminate.recv() => leave(&self.is_draining),
                _ = interrupt.recv() => leave(&self.is_draining),
            };
            if let Some(answer) = answer {
                // As above, if this cannot be sent.
                let _ = self.socket.write_all(&[answer]).await;
            }
        }
    }
}

/// Drains because another process than the supervisor asked for it.
fn leave(is_draining: &watch::Sender<bool>) -> Option<u8> {
    (!is_draining.send_replace(true)).then_some(LEAVING)
}
