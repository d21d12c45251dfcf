//! One worker process, on the supervisor's side.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, timeout};

use super::stop::StopSignal;
use super::wire::{self, DONE, DRAIN, LEAVING, PING, PONG, READY};
use crate::process::{self, Child, Exit, Program};

/// How many pings it gets in the time that it has to answer.
const PINGS: u32 = 3;

/// A worker process. Dropping this kills it.
#[derive(Debug)]
pub(super) struct WorkerProcess {
    child: Child,
    socket: UnixStream,
    heartbeat: Duration,
    pings: Interval,
    unanswered: u32,
    /// It has announced its end, and no longer answers.
    is_done: bool,
}

/// What a worker may do by itself.
#[derive(Debug)]
pub(super) enum WorkerEvent {
    Ready,
    /// Another process than the supervisor has told it to end.
    Leaving,
    /// It ended successfully.
    Exited,
    /// It ended for this reason.
    Died(String),
}

impl WorkerProcess {
    pub(super) async fn start(
        program: &Program,
        index: usize,
        listener: &TcpListener,
        heartbeat: Duration,
    ) -> io::Result<Self> {
        let (child, socket) = program.spawn(process::CLUSTER, index).await?;
        wire::send_listener(&socket, listener).await?;
        // If the time is too short for three pings, it gets one ping per millisecond.
        let period = (heartbeat / PINGS).max(Duration::from_millis(1));
        let mut pings = interval_at(Instant::now() + period, period);
        // If this process itself was stopped, the workers still get the time to answer.
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            child,
            socket,
            heartbeat,
            pings,
            unanswered: 0,
            is_done: false,
        })
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it is ready or has ended. It is killed if it is neither in time.
    pub(super) async fn ready(&mut self, within: Duration, grace: Duration) -> WorkerEvent {
        match timeout(within, self.said()).await {
            Ok(said) => self.event(said, grace).await,
            Err(_) => {
                self.kill(format!("it was not ready within {within:?}"))
                    .await
            }
        }
    }

    /// Waits for the next event of a ready worker. It is killed if it does not answer in time.
    ///
    /// Cancel safe, except that the grace of a worker that has announced its end starts over.
    pub(super) async fn next(&mut self, grace: Duration) -> WorkerEvent {
        loop {
            if self.is_done {
                return self.event(Some(DONE), grace).await;
            }
            tokio::select! {
                biased;
                said = said(&mut self.socket) => match said {
                    Some(PONG) => self.unanswered = 0,
                    Some(DONE) => self.is_done = true,
                    said => return self.event(said, grace).await,
                },
                _ = self.pings.tick() => {
                    if self.unanswered == PINGS {
                        return self.kill(format!("it did not answer for {:?}", self.heartbeat)).await;
                    }
                    self.unanswered += 1;
                    // If this fails, the worker has ended, which the next read reports.
                    let _ = self.socket.try_write(&[PING]);
                }
            }
        }
    }

    /// Drains it, and waits for its end. It is killed if it takes longer than `grace`, or when all workers are killed.
    pub(super) async fn drain(mut self, grace: Duration, mut stopping: StopSignal) -> Exit {
        // If this fails, the worker has ended.
        let _ = self.socket.write_all(&[DRAIN]).await;
        tokio::select! {
            exit = self.child.ended_within(grace) => exit,
            () = stopping.killed() => self.killed().await,
        }
    }

    /// Kills it, and waits for its end.
    pub(super) async fn killed(&self) -> Exit {
        self.child.ended_within(Duration::ZERO).await
    }

    async fn kill(&self, why: String) -> WorkerEvent {
        self.killed().await;
        WorkerEvent::Died(why)
    }

    async fn said(&mut self) -> Option<u8> {
        said(&mut self.socket).await
    }

    /// The event that this byte, or the end of the socket, means.
    async fn event(&self, said: Option<u8>, grace: Duration) -> WorkerEvent {
        let exit = match said {
            Some(READY) => return WorkerEvent::Ready,
            Some(LEAVING) => return WorkerEvent::Leaving,
            Some(DONE) => self.child.ended_within(grace).await,
            Some(other) => {
                return self
                    .kill(format!("it sent the unknown message {other:#04x}"))
                    .await;
            }
            // Its end is taken from the socket alone, after everything that it sent. A process that still runs then has
            // become another program that cannot be controlled.
            None => self.killed().await,
        };
        if exit.is_success() {
            WorkerEvent::Exited
        } else {
            WorkerEvent::Died(exit.to_string())
        }
    }
}

/// The next byte that it sends; `None` if it has ended.
async fn said(socket: &mut UnixStream) -> Option<u8> {
    socket.read_u8().await.ok()
}
