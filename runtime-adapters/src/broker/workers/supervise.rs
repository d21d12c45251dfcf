//! Supervises one worker, from process to process.

use std::collections::HashSet;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::SinkExt;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep, sleep_until};

use super::connection::{ConnectionEvent, WorkerConnection};
use super::frame_source::write;
use super::handshake::{FrameReader, FrameWriter, HandshakeError, Hello, greet};
use super::heartbeat::Heartbeat;
use super::log;
use super::log::{UnansweredRequests, WorkerEnd};
use super::options::WorkerOptions;
use super::pool::WorkerSlots;
use crate::broker::error::BrokerError;
use crate::broker::start_error::StartError;
use crate::process::{BROKER, Child, RestartSchedule, WorkerState};

/// How long a process may live on after the end of its connection, or the other way round.
const CLEAR: Duration = Duration::from_secs(1);

/// The delay before a worker that left by itself is replaced: short, but long enough that a worker that leaves at once
/// each time causes little load.
const PAUSE: Duration = Duration::from_millis(100);

/// The supervisor of a worker. When it is dropped, its worker is killed, and all waiters are notified.
pub(super) struct WorkerSupervisor {
    pub(super) index: usize,
    pub(super) workers: Arc<WorkerSlots>,
    pub(super) options: Arc<WorkerOptions>,
    restarts: RestartSchedule,
    /// How the previous worker ended.
    last_end: Option<WorkerEnd>,
}

/// Why a running worker is killed.
enum KillReason {
    /// It violated the protocol.
    Incompatible(String),
    /// It did not answer the parent.
    Unresponsive,
}

impl WorkerSupervisor {
    pub(super) fn new(
        index: usize,
        workers: Arc<WorkerSlots>,
        options: Arc<WorkerOptions>,
    ) -> Self {
        let restarts = RestartSchedule::new(options.backoff);
        WorkerSupervisor {
            index,
            workers,
            options,
            restarts,
            last_end: None,
        }
    }

    /// Keeps a worker running until the broker stops, or the worker is given up. Sends the result of the first start to
    /// `first`.
    pub(super) async fn run(mut self, first: oneshot::Sender<Result<(), StartError>>) {
        let mut first = Some(first);
        let mut tell = move |result| {
            if let Some(first) = first.take() {
                // The future of `start` may have been dropped.
                drop(first.send(result));
            }
        };
        let stopping = self.workers.stopping.clone();
        loop {
            let end = match stopping.run_until_cancelled(self.start()).await {
                None => {
                    // It has no calls yet.
                    if let Some(child) = self.workers.change(self.index, |slot| slot.child.clone())
                    {
                        child.ended_within(Duration::ZERO).await;
                    }
                    return self.set(WorkerState::Stopped);
                }
                Some(Ok((child, connection, reader, writer))) => {
                    tell(Ok(()));
                    self.attend(&child, &connection, reader, writer).await
                }
                Some(Err(error)) => {
                    let why = match &error {
                        StartError::Spawn(error) => {
                            format!("the process cannot be started: {error}")
                        }
                        StartError::Unready(why) | StartError::Incompatible(why) => why.clone(),
                        other => other.to_string(),
                    };
                    let is_incompatible = matches!(error, StartError::Incompatible(_));
                    tell(Err(error));
                    let child = self.workers.change(self.index, |slot| slot.child.clone());
                    let end = WorkerEnd {
                        pid: child.map(|child| child.id()),
                        reason: why,
                        unanswered: UnansweredRequests::default(),
                        is_drained: false,
                    };
                    if is_incompatible {
                        // Another process would be just as incompatible.
                        log::failed(self.index, &end);
                        self.workers.change(self.index, |slot| {
                            slot.incompatible = Some(end.reason.clone());
                        });
                        return self.set(WorkerState::Failed(end.reason));
                    }
                    end
                }
            };
            if stopping.is_cancelled() {
                return self.set(WorkerState::Stopped);
            }
            let wait = if end.is_drained {
                self.restarts = RestartSchedule::new(self.options.backoff);
                Some(PAUSE)
            } else {
                self.restarts.ended()
            };
            let Some(wait) = wait else {
                log::failed(self.index, &end);
                return self.set(WorkerState::Failed(end.reason));
            };
            log::ended(self.index, &end, wait);
            self.set(WorkerState::Backoff(end.reason.clone()));
            self.last_end = Some(end);
            stopping.run_until_cancelled(sleep(wait)).await;
        }
    }

    fn set(&self, state: WorkerState) {
        // The old connection is dropped after the lock is released.
        let _gone = self.workers.change(self.index, |slot| {
            let is_alive = matches!(state, WorkerState::Ready | WorkerState::Draining);
            slot.state = state;
            if is_alive {
                (None, None)
            } else {
                (slot.connection.take(), slot.child.take())
            }
        });
    }

    async fn start(
        &mut self,
    ) -> Result<(Arc<Child>, Arc<WorkerConnection>, FrameReader, FrameWriter), StartError> {
        self.set(WorkerState::Starting);
        let WorkerOptions {
            program,
            max_frame,
            hello_within,
            ..
        } = &*self.options;
        let (child, socket) = program
            .spawn(BROKER, self.index)
            .await
            .map_err(StartError::Spawn)?;
        let child = Arc::new(child);
        self.workers
            .change(self.index, |slot| slot.child = Some(Arc::clone(&child)));

        let ours = Hello::of_parent(*max_frame);
        let (theirs, mut reader, writer) = match greet(socket, &ours, *hello_within).await {
            Ok(greeted) => greeted,
            Err(HandshakeError::Incompatible(why)) => return Err(StartError::Incompatible(why)),
            Err(incompatible @ HandshakeError::TimedOut(_)) => {
                return Err(StartError::Unready(incompatible.to_string()));
            }
            Err(incompatible @ HandshakeError::Closed) => {
                let exit = child.ended_within(CLEAR).await;
                return Err(StartError::Unready(format!("{incompatible}: {exit}")));
            }
        };
        reader.decoder_mut().set_limit(*max_frame);
        let names: HashSet<_> = theirs.names.into_iter().map(Into::into).collect();
        let connection = Arc::new(WorkerConnection::new(names, *max_frame));
        self.workers.change(self.index, |slot| {
            slot.state = WorkerState::Ready;
            slot.connection = Some(Arc::clone(&connection));
        });
        self.restarts.ready();
        log::ready(self.index, child.id(), self.last_end.take().as_ref());
        Ok((child, connection, reader, writer))
    }

    /// Serves the connection until the worker has ended.
    async fn attend(
        &self,
        child: &Child,
        connection: &WorkerConnection,
        mut reader: FrameReader,
        mut writer: FrameWriter,
    ) -> WorkerEnd {
        let closed = CloseOnDrop(connection);
        let (mut is_drained, mut until) = (false, None);
        let mut heartbeat = Heartbeat::new(self.options.heartbeat);
        let cut = {
            // The worker sees the end of the requests, and ends.
            let mut writing = pin!(async {
                write(&mut writer, connection).await?;
                writer.close().await
            });
            let (mut is_writing, mut is_stopping, mut has_exited) = (true, false, false);
            // A time beyond the clock's range is no limit.
            let from_now = |time| Instant::now().checked_add(time);
            loop {
                tokio::select! {
                    biased;
                    event = connection.read(&mut reader) => match event {
                        ConnectionEvent::Ended(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                            break Some(KillReason::Incompatible(error.to_string()));
                        }
                        ConnectionEvent::Ended(_) => break None,
                        // Otherwise it could repeat this for ever and starve everything else.
                        ConnectionEvent::Leaving if is_drained => {
                            break Some(KillReason::Incompatible("it sent `Leaving` twice".into()));
                        }
                        ConnectionEvent::Leaving => {
                            is_drained = true;
                            until = until.or_else(|| from_now(self.options.grace));
                            connection.drain();
                            self.set(WorkerState::Draining);
                        }
                    },
                    written = &mut writing, if is_writing => {
                        is_writing = false;
                        // It no longer reads, but it may have answered.
                        if written.is_err() {
                            until = from_now(CLEAR);
                            connection.drain();
                        }
                    }
                    () = self.workers.stopping.cancelled(), if !is_stopping => {
                        is_stopping = true;
                        until = until.or_else(|| from_now(self.options.grace));
                        connection.cut_off();
                        connection.drain();
                        self.set(WorkerState::Draining);
                    }
                    // Its earlier answers can still be read.
                    _ = child.exited(), if !has_exited => {
                        has_exited = true;
                        until = from_now(CLEAR);
                    }
                    is_silent = heartbeat.beat(connection), if is_writing && !has_exited => {
                        if is_silent {
                            break Some(KillReason::Unresponsive);
                        }
                    }
                    () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => {
                        child.kill();
                        break None;
                    }
                }
            }
        };
        let (error, why) = match cut {
            Some(KillReason::Incompatible(why)) => {
                (BrokerError::Incompatible(why.clone()), Some(why))
            }
            Some(KillReason::Unresponsive) => {
                let why = format!("it did not answer for {:?}", self.options.heartbeat);
                (BrokerError::WorkerDied, Some(why))
            }
            None => (BrokerError::WorkerDied, None),
        };
        let unanswered = closed.with(&error);
        if why.is_some() {
            child.kill();
        }
        // The process ends when the socket closes, so it is kept until now.
        let is_in_order = is_drained || self.workers.stopping.is_cancelled();
        let left = until.map_or(self.options.grace, |until: Instant| {
            until.saturating_duration_since(Instant::now())
        });
        let exit = child
            .ended_within(if is_in_order { left } else { CLEAR })
            .await;
        WorkerEnd {
            pid: Some(child.id()),
            is_drained: is_drained && why.is_none() && exit.is_success(),
            reason: why.unwrap_or_else(|| exit.to_string()),
            unanswered,
        }
    }
}

impl Drop for WorkerSupervisor {
    fn drop(&mut self) {
        let is_final = self
            .workers
            .change(self.index, |slot| slot.state.is_final());
        if is_final {
            return;
        }
        self.set(if self.workers.stopping.is_cancelled() {
            WorkerState::Stopped
        } else {
            WorkerState::Failed("the runtime that it was started on is gone".into())
        });
    }
}

/// Ends the calls of a connection, even if its supervisor is dropped.
struct CloseOnDrop<'a>(&'a WorkerConnection);

impl CloseOnDrop<'_> {
    fn with(self, error: &BrokerError<bytes::Bytes>) -> UnansweredRequests {
        self.0.close(error)
    }
}

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close(&BrokerError::WorkerDied);
    }
}
