//! Where answers come back to.
//!
//! The client's own `request` keeps what was never answered for as long as it lives. Here an entry is gone when nobody
//! waits for it any more.

use std::collections::HashMap;
use std::fmt;
use std::future::pending;
use std::sync::atomic::{AtomicU64, Ordering};

use async_nats::Message;
use tokio::sync::oneshot;

use crate::sync::{Mutex, lock};

/// Who waits for what. It outlives the connections, so that an answer may come on a later one.
pub(crate) struct Inbox {
    /// Of the subjects, of which this one alone has those that begin with it.
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

    /// What to subscribe to.
    pub(crate) fn subjects(&self) -> String {
        format!("{}.*", self.prefix)
    }

    #[cfg(feature = "broker")]
    /// What all of its subjects begin with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    #[cfg(feature = "broker")]
    /// A text that no inbox has given before.
    pub(crate) fn unique(&self) -> String {
        let id = self
            .prefix
            .rsplit('.')
            .next()
            .expect("it yields at least one");
        format!("{id}-{}", self.next.fetch_add(1, Ordering::Relaxed))
    }

    /// Waits for one message, from now on.
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

    /// Hands a message to who waits for it, if somebody does.
    pub(crate) fn deliver(&self, message: Message) {
        let number = message
            .subject
            .rsplit('.')
            .next()
            .and_then(|number| number.parse().ok());
        if let Some(sender) = number.and_then(|number| self.remove(number)) {
            // Nobody takes it who has just been dropped.
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

/// Somebody who waits for a message. Dropping it frees the entry.
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
            // The entry stays for as long as this value does.
            Err(_) => pending().await,
        }
    }
}

impl Drop for PendingReply<'_> {
    fn drop(&mut self) {
        drop(self.inbox.remove(self.number));
    }
}
