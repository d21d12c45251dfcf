//! The state of a connection, and of each of its requests.

use std::collections::{HashMap, VecDeque};
use std::mem;

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::broker::error::BrokerError;
use crate::broker::wire::EncodedAnswer;
use crate::broker::workers::frame::Frame;
use crate::broker::workers::log::UnansweredRequests;
use crate::broker::workers::partial_body::PartialBody;

pub(super) struct ConnectionState {
    pub(super) phase: ConnectionPhase,
    /// The requests that went to another worker before this one ended, although it had a part of them.
    pub(super) unanswered: UnansweredRequests,
    pub(super) last_id: u64,
    pub(super) calls: HashMap<u64, PendingRequest>,
    pub(super) queue: VecDeque<QueuedFrame>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionPhase {
    Open,
    /// It gets no new requests.
    Draining,
    Closed,
}

/// A request, until the worker has ended it.
pub(super) enum PendingRequest {
    Queued {
        /// The part of it that is not sent yet.
        frame: Frame,
        caller: WaitingCaller,
        /// Whether the worker has a part of it, which it cannot have begun to handle.
        is_begun: bool,
    },
    Sent {
        caller: WaitingCaller,
        /// The parts of the answer so far.
        beginning: PartialBody,
    },
    /// Its caller has gone.
    Abandoned,
}

/// A frame, or a request, that waits to be sent. An abandoned request may still be queued.
#[derive(Clone, Copy)]
pub(super) enum QueuedFrame {
    Request(u64),
    Cancel(u64),
    Ping,
}

/// The caller of a request.
pub(super) struct WaitingCaller {
    pub(super) name: &'static str,
    pub(super) is_repeated: bool,
    /// `None` if the request was not sent, and will not be.
    pub(super) answer: oneshot::Sender<Option<EncodedAnswer>>,
}

impl ConnectionState {
    /// Keeps the queue from growing with abandoned requests while nothing is written.
    pub(super) fn tidy(&mut self) {
        let ConnectionState { calls, queue, .. } = self;
        if queue.len() > 2 * calls.len() + 64 {
            queue.retain(|queued| match queued {
                QueuedFrame::Request(id) => calls.contains_key(id),
                QueuedFrame::Cancel(_) | QueuedFrame::Ping => true,
            });
        }
    }
}

impl PendingRequest {
    /// Whether the worker has at least a part of it.
    pub(super) fn is_known(&self) -> bool {
        match self {
            PendingRequest::Queued { is_begun, .. } => *is_begun,
            PendingRequest::Sent { .. } | PendingRequest::Abandoned => true,
        }
    }

    /// Its next frame, and whether that is the last one.
    pub(super) fn take(&mut self) -> Option<(Frame, bool)> {
        let PendingRequest::Queued {
            frame, is_begun, ..
        } = self
        else {
            return None;
        };
        if let Some(part) = frame.cut() {
            *is_begun = true;
            return Some((part, false));
        }
        let PendingRequest::Queued { frame, caller, .. } =
            mem::replace(self, PendingRequest::Abandoned)
        else {
            unreachable!("it was just checked");
        };
        *self = PendingRequest::Sent {
            caller,
            beginning: PartialBody::default(),
        };
        Some((frame, true))
    }

    /// Records a request that the worker has a part of and whose caller waits, before it [ends](Self::end) with this
    /// error.
    pub(super) fn note(&self, error: &BrokerError<Bytes>, unanswered: &mut UnansweredRequests) {
        match self {
            PendingRequest::Sent { caller, .. } => {
                let is_repeated = caller.is_repeated && matches!(error, BrokerError::WorkerDied);
                unanswered.add(caller.name, is_repeated);
            }
            // A part cannot have been handled: any such request may go to another worker.
            PendingRequest::Queued {
                caller,
                is_begun: true,
                ..
            } => unanswered.add(caller.name, true),
            PendingRequest::Queued { .. } | PendingRequest::Abandoned => {}
        }
    }

    pub(super) fn end(self, error: &BrokerError<Bytes>) {
        // The caller may have gone.
        match self {
            PendingRequest::Queued { caller, .. } => drop(caller.answer.send(None)),
            PendingRequest::Sent { caller, .. } => {
                drop(caller.answer.send(Some(Err(error.clone()))));
            }
            PendingRequest::Abandoned => {}
        }
    }
}
