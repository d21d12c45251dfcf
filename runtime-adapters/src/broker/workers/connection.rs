//! The parent's side of one worker: the calls that it has, and what is to be told it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;
use std::io;
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::TryStreamExt;
use tokio::sync::{Notify, oneshot};

use super::frame::{Frame, malformed};
use super::hello::Reader;
use super::outgoing::{Outgoing, Taken};
use crate::broker::BrokerError;
use crate::broker::wire::{self, Answer, Message};
use crate::sync::{Mutex, lock};

/// What a worker has been asked, and what it has not answered.
///
/// Wakers are user's code: answers are sent, and senders dropped, when the lock is free.
pub(super) struct Connection {
    state: Mutex<State>,
    outgoing: Notify,
    /// The number of requests that the worker has or will get, as a copy that costs no lock; [`CLOSED`] when it gets no
    /// more.
    load: AtomicUsize,
    names: HashSet<String>,
    max_frame: usize,
}

struct State {
    phase: Phase,
    last_id: u64,
    calls: HashMap<u64, Request>,
    queue: VecDeque<Queued>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Open,
    /// It gets no new requests.
    Draining,
    Closed,
}

/// A request, until the worker says that it is over with it.
enum Request {
    Queued(Frame, Sender),
    Sent(Sender),
    /// Nobody waits for its answer any more.
    Abandoned,
}

/// What is to be sent. A request that was abandoned in between is in the queue but not among the requests.
#[derive(Clone, Copy)]
enum Queued {
    Request(u64),
    Cancel(u64),
}

/// `None` for a request that was not sent, and will not be.
type Sender = oneshot::Sender<Option<Answer>>;

/// A load that no worker has.
const CLOSED: usize = usize::MAX;

/// What a worker has to say beside its answers.
#[derive(Debug)]
pub(super) enum Event {
    /// It wants no further requests.
    Leaving,
    /// It says nothing more.
    Ended(io::Result<()>),
}

impl Connection {
    pub(super) fn new(names: HashSet<String>, max_frame: usize) -> Self {
        let state = State {
            phase: Phase::Open,
            last_id: 0,
            calls: HashMap::new(),
            queue: VecDeque::new(),
        };
        let load = AtomicUsize::new(0);
        Connection {
            state: Mutex::new(state),
            outgoing: Notify::new(),
            load,
            names,
            max_frame,
        }
    }

    pub(super) fn answers(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// How many requests it has, or `None` when it gets no more.
    pub(super) fn load(&self) -> Option<usize> {
        Some(self.load.load(Ordering::Relaxed)).filter(|&load| load != CLOSED)
    }

    /// Has a request answered, or returns `None` when it was not sent, and may be sent elsewhere. Dropping the future
    /// cancels the request.
    pub(super) async fn call(&self, message: &Message) -> Option<Answer> {
        let Message {
            name,
            body,
            delivery,
            traceparent,
            ..
        } = message;
        let (sender, answer) = oneshot::channel();
        let cancel = {
            let mut state = lock(&self.state);
            if state.phase != Phase::Open {
                return None;
            }
            let id = state.last_id + 1;
            let frame = Frame::Request {
                id,
                delivery: *delivery,
                name: (*name).into(),
                traceparent: traceparent.clone(),
                body: body.clone(),
            };
            if !frame.fits(self.max_frame) {
                return Some(Err(BrokerError::TooLarge));
            }
            state.last_id = id;
            state.calls.insert(id, Request::Queued(frame, sender));
            self.enqueue(&mut state, Queued::Request(id));
            CancelOnDrop {
                connection: self,
                id: Some(id),
            }
        };
        let answer = answer.await;
        cancel.forget();
        // Whoever closes the connection answers all; a sender is lost only with a runtime that is.
        answer.unwrap_or(Some(Err(BrokerError::WorkerDied)))
    }

    fn cancel(&self, id: u64) {
        let mut state = lock(&self.state);
        let request = match state.calls.entry(id) {
            Entry::Occupied(mut entry) if matches!(entry.get(), Request::Sent(_)) => {
                Some(mem::replace(entry.get_mut(), Request::Abandoned))
            }
            Entry::Occupied(entry) if matches!(entry.get(), Request::Queued(..)) => {
                Some(entry.remove())
            }
            _ => None,
        };
        if matches!(request, Some(Request::Sent(_))) {
            self.enqueue(&mut state, Queued::Cancel(id));
        } else {
            self.set_load(&state);
            state.tidy();
        }
        drop(state);
    }

    fn enqueue(&self, state: &mut State, queued: Queued) {
        let was_empty = state.queue.is_empty();
        state.queue.push_back(queued);
        self.set_load(state);
        if was_empty {
            self.outgoing.notify_one();
        }
    }

    fn set_load(&self, state: &State) {
        let load = if state.phase == Phase::Open {
            state.calls.len()
        } else {
            CLOSED
        };
        self.load.store(load, Ordering::Relaxed);
        if state.phase != Phase::Open && state.calls.is_empty() {
            self.outgoing.notify_one();
        }
    }

    /// Hands answers to who waits for them, until the worker says something else. Cancel safe.
    pub(super) async fn read(&self, reader: &mut Reader) -> Event {
        loop {
            let result = match reader.try_next().await {
                Ok(Some(Frame::Answer { id, kind, body })) => {
                    self.answered(id, Some(wire::from_parts(kind, body)))
                }
                Ok(Some(Frame::Cancelled { id })) => self.answered(id, None),
                Ok(Some(Frame::Leaving)) => return Event::Leaving,
                Ok(Some(_)) => Err(malformed(
                    "it has sent a frame that only its parent may send",
                )),
                Ok(None) => return Event::Ended(Ok(())),
                Err(error) => Err(error),
            };
            if result.is_err() {
                return Event::Ended(result);
            }
        }
    }

    /// Without an answer it is about a request that nobody waits for.
    fn answered(&self, id: u64, answer: Option<Answer>) -> io::Result<()> {
        let mut state = lock(&self.state);
        match state.calls.entry(id) {
            Entry::Occupied(entry) if !matches!(entry.get(), Request::Queued(..)) => {
                let request = entry.remove();
                self.set_load(&state);
                drop(state);
                match (request, answer) {
                    // Nobody may wait any more.
                    (Request::Sent(sender), Some(answer)) => drop(sender.send(Some(answer))),
                    (Request::Sent(sender), None) => {
                        drop(sender.send(Some(Err(BrokerError::Unavailable(
                            "the worker has cancelled it".into(),
                        )))));
                    }
                    (Request::Abandoned | Request::Queued(..), _) => {}
                }
                Ok(())
            }
            _ => Err(malformed("it has answered a request that it does not have")),
        }
    }

    /// Lets the worker answer what it has, and nothing else. When it has, the connection's writing side ends.
    pub(super) fn drain(&self) {
        let mut state = lock(&self.state);
        if state.phase == Phase::Open {
            state.phase = Phase::Draining;
        }
        // The worker never hears of these: they go elsewhere.
        let queued = state.take_calls(|request| matches!(request, Request::Queued(..)));
        self.set_load(&state);
        drop(state);
        for request in queued {
            request.end(&BrokerError::Closed);
        }
    }

    /// Ends the calls that are left, and cancels what the worker has of them.
    pub(super) fn cut_off(&self) {
        let mut state = lock(&self.state);
        let sent: Vec<_> = state
            .calls
            .iter()
            .filter(|(_, call)| matches!(call, Request::Sent(_)))
            .map(|(&id, _)| id)
            .collect();
        let mut ended = Vec::with_capacity(sent.len());
        for id in sent {
            ended.extend(state.calls.insert(id, Request::Abandoned));
            self.enqueue(&mut state, Queued::Cancel(id));
        }
        drop(state);
        for request in ended {
            request.end(&BrokerError::Closed);
        }
    }

    /// Ends all calls: those that were sent with this error, the others so that they go elsewhere.
    pub(super) fn close(&self, error: &BrokerError<bytes::Bytes>) {
        let mut state = lock(&self.state);
        state.phase = Phase::Closed;
        state.queue.clear();
        let calls = state.take_calls(|_| true);
        self.set_load(&state);
        drop(state);
        for request in calls {
            request.end(error);
        }
    }
}

impl State {
    fn take_calls(&mut self, which: impl Fn(&Request) -> bool) -> Vec<Request> {
        self.calls
            .extract_if(|_, request| which(request))
            .map(|(_, request)| request)
            .collect()
    }

    /// Keeps the queue from growing with requests that were abandoned, while nothing is written.
    fn tidy(&mut self) {
        let State { calls, queue, .. } = self;
        if queue.len() > 2 * calls.len() + 64 {
            queue.retain(|queued| match queued {
                Queued::Request(id) => calls.contains_key(id),
                Queued::Cancel(_) => true,
            });
        }
    }
}

impl Request {
    fn end(self, error: &BrokerError<bytes::Bytes>) {
        // Nobody may wait any more.
        match self {
            Request::Queued(_, sender) => drop(sender.send(None)),
            Request::Sent(sender) => drop(sender.send(Some(Err(error.clone())))),
            Request::Abandoned => {}
        }
    }
}

impl Outgoing for Connection {
    fn take(&self, bytes: usize, frames: &mut Vec<Frame>) -> Taken {
        let mut state = lock(&self.state);
        let mut size = 0;
        while size < bytes
            && let Some(queued) = state.queue.pop_front()
        {
            let frame = match queued {
                Queued::Cancel(id) => Frame::Cancel { id },
                Queued::Request(id) => match state.calls.remove(&id) {
                    Some(Request::Queued(frame, sender)) => {
                        state.calls.insert(id, Request::Sent(sender));
                        frame
                    }
                    Some(_) => unreachable!("a request is sent once"),
                    None => continue,
                },
            };
            size += frame.size();
            frames.push(frame);
        }
        if size > 0 {
            Taken::Frames
        } else if state.phase != Phase::Open && state.calls.is_empty() {
            Taken::Over
        } else {
            Taken::Nothing
        }
    }

    fn is_busy(&self) -> bool {
        self.load().is_none_or(|load| load > 1)
    }

    fn changed(&self) -> &Notify {
        &self.outgoing
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.state);
        f.debug_struct("Connection")
            .field("phase", &state.phase)
            .field("calls", &state.calls.len())
            .field("queued", &state.queue.len())
            .finish_non_exhaustive()
    }
}

struct CancelOnDrop<'a> {
    connection: &'a Connection,
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
