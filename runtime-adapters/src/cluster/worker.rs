use std::fmt;
use std::io;

use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};

use crate::sync::{Arc, Mutex, lock};

/// What a worker process serves with. [`Cluster::run`](super::Cluster::run) hands it to the closure.
pub struct Worker {
    index: usize,
    listener: Mutex<Option<TcpListener>>,
    is_ready: Arc<Notify>,
    is_draining: watch::Receiver<bool>,
}

impl Worker {
    /// Which of the workers this is, from 0. It is the same in a process that replaces this one.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// The listener, which all workers share. It can be taken once.
    ///
    /// Take it when all is set up: this is what makes the worker [`Ready`](super::WorkerState::Ready) to the supervisor,
    /// and in a roll ends the old one.
    ///
    /// # Errors
    ///
    /// When it was taken before.
    pub fn listener(&self) -> io::Result<TcpListener> {
        let listener = lock(&self.listener).take();
        let listener =
            listener.ok_or_else(|| io::Error::other("the worker's listener was taken before"))?;
        self.is_ready.notify_one();
        Ok(listener)
    }

    /// Resolves when the worker is to take nothing new, to end what it has begun, and then to return from the closure.
    ///
    /// It has the cluster's [`grace`](super::Cluster::grace) for that. Drop the listener at once, so that new
    /// connections are refused or served by others. Cancel safe; any number of these may wait.
    #[must_use = "futures do nothing unless polled"]
    pub fn draining(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut is_draining = self.is_draining.clone();
        async move {
            // An error means that `run` is over, and so is all that is served.
            drop(is_draining.wait_for(|&is_draining| is_draining).await);
        }
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("index", &self.index)
            .finish_non_exhaustive()
    }
}

#[cfg(unix)]
pub(super) use unix::run;

#[cfg(unix)]
mod unix {
    use std::convert::Infallible;
    use std::error::Error;
    use std::io;
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, UnixStream};
    use tokio::signal::unix::{Signal, SignalKind, signal};
    use tokio::sync::{Notify, watch};

    use super::Worker;
    use crate::cluster::ClusterError;
    use crate::cluster::wire::{self, DONE, DRAIN, LEAVING, PING, PONG, READY};
    use crate::process::InheritedSocket;
    use crate::sync::Mutex;

    /// Serves in this process, which is a worker.
    pub(in crate::cluster) async fn run<E: Into<Box<dyn Error + Send + Sync>>>(
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
        // When it cannot be sent, the supervisor is gone, and this process will not be there for long.
        let _ = control.socket.write_all(&[DONE]).await;
        served.map_err(|error| ClusterError::Serve(error.into()))
    }

    /// The worker's side of the conversation with the supervisor.
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
            // A roll is the supervisor's business. When its signal goes to all, it must not end this process: once caught,
            // it never does again.
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
                        // From the task that serves. It gets here only when that task and the runtime go on: with all
                        // of its threads blocked, nobody looks at sockets.
                        Ok(PING) => Some(PONG),
                        Ok(DRAIN) => {
                            self.is_draining.send_replace(true);
                            None
                        }
                        Ok(_) => None,
                        // The supervisor is gone, and a thread is about to end this process.
                        Err(_) => std::future::pending().await,
                    },
                    _ = terminate.recv() => leave(&self.is_draining),
                    _ = interrupt.recv() => leave(&self.is_draining),
                };
                if let Some(answer) = answer {
                    // As above, when it cannot be sent.
                    let _ = self.socket.write_all(&[answer]).await;
                }
            }
        }
    }

    /// Drains because somebody else than the supervisor wants it.
    fn leave(is_draining: &watch::Sender<bool>) -> Option<u8> {
        (!is_draining.send_replace(true)).then_some(LEAVING)
    }
}
