//! The worker's side of the connection.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, TryStreamExt};
use tokio::net::UnixStream;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::frame::{Frame, malformed};
use super::frame_source::{FrameSource, NextFrames, write};
use super::handshake::{FrameReader, FrameWriter, HandshakeError, Hello, greet};
use super::partial_body::PartialBody;
use crate::broker::delivery::Delivery;
use crate::broker::error::BrokerError;
use crate::broker::handlers::Handlers;
use crate::broker::wire::{self, EncodedAnswer};
use crate::sync::{Mutex, lock};

/// Answers the parent's requests until it sends no more and all are answered. When `terminated` is ready, it asks the
/// parent to send no more.
pub(super) async fn serve(
    socket: UnixStream,
    handlers: Handlers,
    time: Duration,
    terminated: impl Future<Output = ()>,
) -> Result<(), HandshakeError> {
    let names = handlers.names();
    let (parent, mut reader, mut writer) = greet(socket, &Hello::of_worker(&names), time).await?;
    reader.decoder_mut().set_limit(parent.max_frame);
    let server = Arc::new(WorkerServer {
        handlers,
        max_frame: parent.max_frame,
        state: Mutex::new(ServerState {
            running: HashMap::new(),
            queue: VecDeque::new(),
            is_over: false,
        }),
        outgoing: Notify::new(),
    });

    let result = server.run(&mut reader, &mut writer, terminated).await;
    // If it were dropped, it would shut down the connection. With both directions closed, it would look as if the
    // parent had gone, and this process would be killed before it ends by itself.
    writer.into_inner().forget();
    result
}

struct WorkerServer {
    handlers: Handlers,
    max_frame: usize,
    state: Mutex<ServerState>,
    outgoing: Notify,
}

struct ServerState {
    /// The running handlers. One that is only just starting has no abort handle yet.
    running: HashMap<u64, Option<AbortHandle>>,
    queue: VecDeque<Frame>,
    /// Whether the parent will send nothing more.
    is_over: bool,
}

impl WorkerServer {
    async fn run(
        self: &Arc<Self>,
        reader: &mut FrameReader,
        writer: &mut FrameWriter,
        terminated: impl Future<Output = ()>,
    ) -> Result<(), HandshakeError> {
        let mut writing = pin!(write(writer, &**self));
        let mut terminated = pin!(terminated.fuse());
        let mut arriving = HashMap::<u64, PartialBody>::new();
        let malformed = loop {
            let frame = tokio::select! {
                biased;
                frame = reader.try_next() => frame,
                // The parent is gone.
                _ = &mut writing => return Ok(()),
                () = &mut terminated => {
                    self.send(Frame::Leaving);
                    continue;
                }
            };
            match frame {
                Ok(Some(Frame::Request {
                    id,
                    attempt,
                    name,
                    traceparent,
                    body,
                })) => {
                    let beginning = arriving.remove(&id).unwrap_or_default();
                    let body = match beginning.with(body, self.max_frame) {
                        Ok(body) => body,
                        Err(error) => break Some(error),
                    };
                    let answer = self.handlers.answer_remote(
                        &name,
                        body,
                        Delivery {
                            attempt,
                            traceparent,
                        },
                    );
                    if let Err(error) = self.start(id, answer) {
                        break Some(error);
                    }
                }
                Ok(Some(Frame::Part { id, bytes })) => {
                    let beginning = arriving.entry(id).or_default();
                    if let Err(error) = beginning.add(&bytes, self.max_frame) {
                        break Some(error);
                    }
                }
                Ok(Some(Frame::Cancel { id })) => {
                    if arriving.remove(&id).is_some() {
                        self.send(Frame::Cancelled { id });
                    }
                    self.cancel(id);
                }
                Ok(Some(Frame::Ping)) => self.send(Frame::Pong),
                Ok(Some(_)) => {
                    break Some(malformed("it sent a frame that only a worker may send"));
                }
                Ok(None) => break None,
                Err(error) => {
                    break Some(error).filter(|error| error.kind() == io::ErrorKind::InvalidData);
                }
            }
        };
        if let Some(error) = malformed {
            return Err(HandshakeError::Incompatible(error.to_string()));
        }
        self.end();
        // If this fails, the parent has gone.
        drop(writing.await);
        Ok(())
    }

    fn start(
        self: &Arc<Self>,
        id: u64,
        answer: impl Future<Output = EncodedAnswer> + Send + 'static,
    ) -> io::Result<()> {
        if lock(&self.state).running.insert(id, None).is_some() {
            return Err(malformed("it sent two requests with the same id"));
        }
        let reply = ReplyGuard {
            server: Arc::clone(self),
            id,
            is_sent: false,
        };
        let task = tokio::spawn(async move {
            reply.send(answer.await);
        });
        // It may have ended already.
        if let Some(running) = lock(&self.state).running.get_mut(&id) {
            *running = Some(task.abort_handle());
        }
        Ok(())
    }

    /// Drops the handler's future, unless it has ended.
    fn cancel(&self, id: u64) {
        let task = lock(&self.state).running.get(&id).cloned();
        if let Some(Some(task)) = task {
            task.abort();
        }
    }

    fn ended(&self, id: u64, frame: Frame) {
        let mut state = lock(&self.state);
        let task = state.running.remove(&id);
        self.enqueue(&mut state, frame);
        drop(state);
        drop(task);
    }

    fn send(&self, frame: Frame) {
        self.enqueue(&mut lock(&self.state), frame);
    }

    fn enqueue(&self, state: &mut ServerState, frame: Frame) {
        let was_empty = state.queue.is_empty();
        state.queue.push_back(frame);
        if was_empty {
            self.outgoing.notify_one();
        }
    }

    fn end(&self) {
        lock(&self.state).is_over = true;
        self.outgoing.notify_one();
    }
}

impl FrameSource for WorkerServer {
    fn take(&self, bytes: usize, frames: &mut Vec<Frame>) -> NextFrames {
        let mut state = lock(&self.state);
        let mut size = 0;
        while size < bytes
            && let Some(mut frame) = state.queue.pop_front()
        {
            if let Some(part) = frame.cut() {
                // After the others, which may be short.
                state.queue.push_back(mem::replace(&mut frame, part));
            }
            size += frame.size();
            frames.push(frame);
        }
        if size > 0 {
            NextFrames::Frames
        } else if state.is_over && state.running.is_empty() {
            NextFrames::Ended
        } else {
            NextFrames::Empty
        }
    }

    fn is_busy(&self) -> bool {
        !lock(&self.state).running.is_empty()
    }

    fn changed(&self) -> &Notify {
        &self.outgoing
    }
}

/// The single reply to a request. If it is dropped, it replies that the request was cancelled.
struct ReplyGuard {
    server: Arc<WorkerServer>,
    id: u64,
    is_sent: bool,
}

impl ReplyGuard {
    fn send(mut self, answer: EncodedAnswer) {
        let frame = |answer| {
            let (kind, body) = wire::to_parts(answer);
            Frame::Answer {
                id: self.id,
                kind,
                body,
            }
        };
        let answer = frame(answer);
        let fits = answer.fits(self.server.max_frame);
        let answer = if fits {
            answer
        } else {
            frame(Err(BrokerError::TooLarge))
        };
        self.is_sent = true;
        self.server.ended(self.id, answer);
    }
}

impl Drop for ReplyGuard {
    fn drop(&mut self) {
        if !self.is_sent {
            self.server.ended(self.id, Frame::Cancelled { id: self.id });
        }
    }
}
