//! The parent's side of one worker: its calls, and the frames to send.

mod pending;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::io;
use std::mem;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::TryStreamExt;
use tokio::sync::{Notify, oneshot};

use self::pending::{ConnectionPhase, ConnectionState, PendingRequest, QueuedFrame, WaitingCaller};
use super::frame::{Frame, malformed};
use super::frame_source::{FrameSource, NextFrames};
use super::handshake::FrameReader;
use super::log::UnansweredRequests;
use super::partial_body::PartialBody;
use crate::broker::error::BrokerError;
use crate::broker::wire::{self, EncodedAnswer, RequestMessage};
use crate::sync::{Mutex, lock};

/// The calls that a worker has, or will get.
///
/// Wakers are user code: answers are sent and senders dropped without the lock.
pub(super) struct WorkerConnection {
    state: Mutex<ConnectionState>,
    outgoing: Notify,
    /// The number of requests that the worker has or will get, readable without the lock; [`CLOSED`] if it gets no
    /// more.
    load: AtomicUsize,
    /// Whether the worker has sent something since the last check.
    was_heard: AtomicBool,
    names: HashSet<String>,
    max_frame: usize,
}

/// A value that is no load.
const CLOSED: usize = usize::MAX;

/// What a worker may send besides its answers.
#[derive(Debug)]
pub(super) enum ConnectionEvent {
    /// It wants no further requests.
    Leaving,
    /// It sends nothing more.
    Ended(io::Result<()>),
}

impl WorkerConnection {
    pub(super) fn new(names: HashSet<String>, max_frame: usize) -> Self {
        let state = ConnectionState {
            phase: ConnectionPhase::Open,
            unanswered: UnansweredRequests::default(),
            last_id: 0,
            calls: HashMap::new(),
            queue: VecDeque::new(),
        };
        let load = AtomicUsize::new(0);
        WorkerConnection {
            state: Mutex::new(state),
            outgoing: Notify::new(),
            load,
            was_heard: AtomicBool::new(false),
            names,
            max_frame,
        }
    }

    pub(super) fn answers(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// How many requests it has, or `None` if it gets no more.
    pub(super) fn load(&self) -> Option<usize> {
        Some(self.load.load(Ordering::Relaxed)).filter(|&load| load != CLOSED)
    }

    /// Sends a request and returns its answer, or `None` if it was not sent and may go to another worker. Dropping the
    /// future cancels the request.
    pub(super) async fn call(&self, message: &RequestMessage) -> Option<EncodedAnswer> {
        let RequestMessage {
            name,
            body,
            attempt,
            is_repeated,
            traceparent,
            ..
        } = message;
        let (sender, answer) = oneshot::channel();
        let caller = WaitingCaller {
            name,
            is_repeated: *is_repeated,
            answer: sender,
        };
        let cancel = {
            let mut state = lock(&self.state);
            if state.phase != ConnectionPhase::Open {
                return None;
            }
            let id = state.last_id + 1;
            let frame = Frame::Request {
                id,
                attempt: *attempt,
                name: (*name).into(),
                traceparent: traceparent.clone(),
                body: body.clone(),
            };
            if !frame.fits(self.max_frame) {
                return Some(Err(BrokerError::TooLarge));
            }
            state.last_id = id;
            let request = PendingRequest::Queued {
                frame,
                caller,
                is_begun: false,
            };
            state.calls.insert(id, request);
            self.enqueue(&mut state, QueuedFrame::Request(id));
            CancelOnDrop {
                connection: self,
                id: Some(id),
            }
        };
        let answer = answer.await;
        cancel.forget();
        // `close` answers all calls; a sender is lost only if a runtime is.
        answer.unwrap_or(Some(Err(BrokerError::WorkerDied)))
    }

    fn cancel(&self, id: u64) {
        let mut state = lock(&self.state);
        let request = self.abandon(&mut state, id);
        state.tidy();
        drop(state);
        drop(request);
    }

    /// Removes an abandoned request, and tells the worker if it has a part of it.
    fn abandon(&self, state: &mut ConnectionState, id: u64) -> Option<PendingRequest> {
        let request = state.calls.remove(&id)?;
        if request.is_known() {
            state.calls.insert(id, PendingRequest::Abandoned);
            if !matches!(request, PendingRequest::Abandoned) {
                self.enqueue(state, QueuedFrame::Cancel(id));
            }
        }
        self.set_load(state);
        Some(request)
    }

    /// Pings the worker.
    pub(super) fn ping(&self) {
        self.enqueue(&mut lock(&self.state), QueuedFrame::Ping);
    }

    /// Whether the worker has sent something since the last call.
    pub(super) fn was_heard(&self) -> bool {
        self.was_heard.swap(false, Ordering::Relaxed)
    }

    fn enqueue(&self, state: &mut ConnectionState, queued: QueuedFrame) {
        let was_empty = state.queue.is_empty();
        state.queue.push_back(queued);
        self.set_load(state);
        if was_empty {
            self.outgoing.notify_one();
        }
    }

    fn set_load(&self, state: &ConnectionState) {
        let load = if state.phase == ConnectionPhase::Open {
            state.calls.len()
        } else {
            CLOSED
        };
        self.load.store(load, Ordering::Relaxed);
        if state.phase != ConnectionPhase::Open && state.calls.is_empty() {
            self.outgoing.notify_one();
        }
    }

    /// Delivers answers to their callers until the worker sends something else. Cancel safe.
    pub(super) async fn read(&self, reader: &mut FrameReader) -> ConnectionEvent {
        loop {
            let frame = reader.try_next().await;
            self.was_heard.store(true, Ordering::Relaxed);
            let result = match frame {
                Ok(Some(Frame::Answer { id, kind, body })) => self.answered(id, Some((kind, body))),
                Ok(Some(Frame::Part { id, bytes })) => self.answers_in_part(id, &bytes),
                Ok(Some(Frame::Cancelled { id })) => self.answered(id, None),
                Ok(Some(Frame::Pong)) => Ok(()),
                Ok(Some(Frame::Leaving)) => return ConnectionEvent::Leaving,
                Ok(Some(_)) => Err(malformed("it sent a frame that only its parent may send")),
                Ok(None) => return ConnectionEvent::Ended(Ok(())),
                Err(error) => Err(error),
            };
            if result.is_err() {
                return ConnectionEvent::Ended(result);
            }
        }
    }

    /// Ends a request; without an answer, one that was abandoned.
    fn answered(&self, id: u64, answer: Option<(u8, Bytes)>) -> io::Result<()> {
        let mut state = lock(&self.state);
        let (caller, beginning) = match state.calls.entry(id) {
            Entry::Occupied(entry) if !matches!(entry.get(), PendingRequest::Queued { .. }) => {
                match entry.remove() {
                    PendingRequest::Sent { caller, beginning } => (Some(caller), beginning),
                    _ => (None, PartialBody::default()),
                }
            }
            _ => return Err(unasked()),
        };
        self.set_load(&state);
        drop(state);
        let Some(caller) = caller else { return Ok(()) };
        let mut result = Ok(());
        let answer = if let Some((kind, rest)) = answer {
            let body = beginning.with(rest, self.max_frame);
            body.map_or_else(
                |error| {
                    let why = error.to_string();
                    result = Err(error);
                    Err(BrokerError::Incompatible(why))
                },
                |body| wire::from_parts(kind, body),
            )
        } else {
            let cancelled = "the worker cancelled it".into();
            Err(BrokerError::Unavailable(cancelled))
        };
        // The caller may have gone.
        drop(caller.answer.send(Some(answer)));
        result
    }

    fn answers_in_part(&self, id: u64, bytes: &[u8]) -> io::Result<()> {
        match lock(&self.state).calls.get_mut(&id) {
            Some(PendingRequest::Sent { beginning, .. }) => beginning.add(bytes, self.max_frame),
            Some(PendingRequest::Abandoned) => Ok(()),
            _ => Err(unasked()),
        }
    }

    /// Lets the worker answer the requests that it has, and sends no others. After that, the writing side of the
    /// connection ends.
    pub(super) fn drain(&self) {
        let mut state = lock(&self.state);
        if state.phase == ConnectionPhase::Open {
            state.phase = ConnectionPhase::Draining;
        }
        // The worker has none of these: they go to another one.
        self.abandon_all(state, |request| {
            matches!(request, PendingRequest::Queued { .. })
        });
    }

    /// Ends the remaining calls, and cancels their requests in the worker.
    pub(super) fn cut_off(&self) {
        let is_sent = |request: &_| matches!(request, PendingRequest::Sent { .. });
        self.abandon_all(lock(&self.state), is_sent);
    }

    fn abandon_all(
        &self,
        mut state: MutexGuard<'_, ConnectionState>,
        which: impl Fn(&PendingRequest) -> bool,
    ) {
        let requests = state.calls.iter().filter(|(_, request)| which(request));
        let ids: Vec<_> = requests.map(|(&id, _)| id).collect();
        let ended: Vec<_> = ids
            .into_iter()
            .filter_map(|id| self.abandon(&mut state, id))
            .collect();
        // Also if there was no request.
        self.set_load(&state);
        for request in &ended {
            request.note(&BrokerError::Closed, &mut state.unanswered);
        }
        drop(state);
        for request in ended {
            request.end(&BrokerError::Closed);
        }
    }

    /// Ends all calls: with this error if they were sent, and otherwise so that they go to another worker. Returns
    /// those that the worker had, in part or as a whole.
    pub(super) fn close(&self, error: &BrokerError<bytes::Bytes>) -> UnansweredRequests {
        let mut state = lock(&self.state);
        state.phase = ConnectionPhase::Closed;
        state.queue.clear();
        let calls = mem::take(&mut state.calls);
        let mut unanswered = mem::take(&mut state.unanswered);
        self.set_load(&state);
        drop(state);
        for request in calls.into_values() {
            request.note(error, &mut unanswered);
            request.end(error);
        }
        unanswered
    }
}

impl FrameSource for WorkerConnection {
    fn take(&self, bytes: usize, frames: &mut Vec<Frame>) -> NextFrames {
        let mut state = lock(&self.state);
        let mut size = 0;
        while size < bytes
            && let Some(queued) = state.queue.pop_front()
        {
            let frame = match queued {
                QueuedFrame::Cancel(id) => Frame::Cancel { id },
                QueuedFrame::Ping => Frame::Ping,
                QueuedFrame::Request(id) => {
                    match state.calls.get_mut(&id).and_then(PendingRequest::take) {
                        Some((frame, is_last)) => {
                            if !is_last {
                                // After the others, which may be short.
                                state.queue.push_back(queued);
                            }
                            frame
                        }
                        // It was abandoned in the meantime.
                        None => continue,
                    }
                }
            };
            size += frame.size();
            frames.push(frame);
        }
        if size > 0 {
            NextFrames::Frames
        } else if state.phase != ConnectionPhase::Open && state.calls.is_empty() {
            NextFrames::Ended
        } else {
            NextFrames::Empty
        }
    }

    fn is_busy(&self) -> bool {
        self.load().is_none_or(|load| load > 1)
    }

    fn changed(&self) -> &Notify {
        &self.outgoing
    }
}

impl fmt::Debug for WorkerConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.state);
        f.debug_struct("WorkerConnection")
            .field("phase", &state.phase)
            .field("calls", &state.calls.len())
            .field("queued", &state.queue.len())
            .finish_non_exhaustive()
    }
}

fn unasked() -> io::Error {
    malformed("it answered a request that it does not have")
}

struct CancelOnDrop<'a> {
    connection: &'a WorkerConnection,
    id: Option<u64>,
}

impl CancelOnDrop<'_> {
    fn forget(mut self) {
        self.id = None;
    }
}

impl Drop for CancelOnDrop<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.id {
            self.connection.cancel(id);
        }
    }
}
