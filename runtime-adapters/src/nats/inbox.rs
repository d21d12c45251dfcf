//! Receives replies.
//!
//! The client's own `request` keeps the entry of each unanswered request for ever. Here, an entry is removed when its
//! caller is dropped.

use std::collections::HashMap;
use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};

use async_nats::Message;
use tokio::sync::oneshot;

use crate::sync::{Mutex, lock};

/// The pending replies. It outlives connections, so a reply may come over a later one.
pub(crate) struct Inbox {
    /// The common prefix of its subjects, which no other inbox has.
    prefix: String,
    next: AtomicU64,
    waiting: Mutex<HashMap<u64, oneshot::Sender<Message>>>,
}

impl Inbox {
    pub(crate) fn new(prefix: String) -> Self {
        Inbox {
            prefix,
            next: AtomicU64::new(0),
            waiting: Mutex::new(HashMap::new()),
        }
    }

    /// The subject to subscribe to.
    pub(crate) fn subjects(&self) -> String {
        format!("{}.*", self.prefix)
    }

    #[cfg(feature = "broker")]
    /// The common prefix of its subjects.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    #[cfg(feature = "broker")]
    /// A unique text, in all inboxes.
    pub(crate) fn unique(&self) -> String {
        let id = self
            .prefix
            .rsplit('.')
            .next()
            .expect("it yields at least one");
        format!("{id}-{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Prepares to receive one message.
    pub(crate) fn wait(&self) -> PendingReply<'_> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        lock(&self.waiting).insert(number, sender);
        PendingReply {
            inbox: self,
            number,
            receiver,
        }
    }

    /// Delivers a message to its receiver, if that still waits.
    pub(crate) fn deliver(&self, message: Message) {
        let number = message
            .subject
            .rsplit('.')
            .next()
            .and_then(|number| number.parse().ok());
        if let Some(sender) = number.and_then(|number| self.remove(number)) {
            // The receiver may have just been dropped.
            let _ = sender.send(message);
        }
    }

    fn remove(&self, number: u64) -> Option<oneshot::Sender<Message>> {
        lock(&self.waiting).remove(&number)
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let waiting = lock(&self.waiting).len();
        f.debug_struct("Inbox")
            .field("waiting", &waiting)
            .finish_non_exhaustive()
    }
}

/// The receiver of one message. Dropping it removes the entry.
pub(crate) struct PendingReply<'a> {
    inbox: &'a Inbox,
    number: u64,
    receiver: oneshot::Receiver<Message>,
}

impl PendingReply<'_> {
    pub(crate) fn subject(&self) -> String {
        format!("{}.{}", self.inbox.prefix, self.number)
    }

    pub(crate) async fn message(&mut self) -> Message {
        match (&mut self.receiver).await {
            Ok(message) => message,
            // The entry lives as long as this value.
            Err(_) => pending().await,
        }
    }
}

impl Drop for PendingReply<'_> {
    fn drop(&mut self) {
        drop(self.inbox.remove(self.number));
    }
}
