//! The rooms that are joined in this process.
//!
//! No code of the user's runs under the lock: receivers are woken, and dropped, outside of it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::broadcast::{Receiver, Sender};

use super::error::BusError;
#[cfg(feature = "nats")]
use super::feed::{Feed, StopOnDrop};
use crate::sync::{Mutex, lock};

/// What a room's receivers are told.
#[derive(Clone, Debug)]
pub(super) enum Notification {
    /// As JSON.
    Event(Bytes),
    #[cfg_attr(
        not(feature = "nats"),
        expect(dead_code, reason = "in one process nothing else can happen")
    )]
    Error(BusError),
}

pub(super) struct Hub {
    /// How many items a receiver may lag behind.
    capacity: usize,
    state: Mutex<HubState>,
}

#[derive(Default)]
struct HubState {
    /// Those with a receiver, or with one that is about to leave.
    rooms: HashMap<Arc<str>, Room>,
    is_closed: bool,
    /// Whether the server is out of reach, as far as receivers were told.
    is_down: bool,
}

struct Room {
    sender: Sender<Notification>,
    #[cfg(feature = "nats")]
    feed: Option<(Feed, StopOnDrop)>,
}

impl Hub {
    pub(super) fn new(capacity: usize) -> Self {
        Hub {
            capacity,
            state: Mutex::default(),
        }
    }

    /// A receiver of what is sent from now on, and whether the server is out of reach.
    pub(super) fn join(&self, room: &Arc<str>) -> Result<(Receiver<Notification>, bool), BusError> {
        let mut state = lock(&self.state);
        if state.is_closed {
            return Err(BusError::Closed);
        }
        let is_down = state.is_down;
        let open = || Room {
            sender: Sender::new(self.capacity),
            #[cfg(feature = "nats")]
            feed: None,
        };
        Ok((
            state
                .rooms
                .entry(Arc::clone(room))
                .or_insert_with(open)
                .sender
                .subscribe(),
            is_down,
        ))
    }

    /// Takes a receiver's room away if it was the last one. The receiver is gone already, and its waker with it.
    pub(super) fn leave(&self, room: &str) {
        let mut state = lock(&self.state);
        let is_empty = state
            .rooms
            .get(room)
            .is_some_and(|room| room.sender.receiver_count() == 0);
        let left = if is_empty {
            state.rooms.remove(room)
        } else {
            None
        };
        drop(state);
        drop(left);
    }

    /// Sends to the receivers in this process and returns how many there are.
    pub(super) fn send(&self, room: &str, event: Bytes) -> Result<usize, BusError> {
        let sender = {
            let state = lock(&self.state);
            if state.is_closed {
                return Err(BusError::Closed);
            }
            state.rooms.get(room).map(|room| room.sender.clone())
        };
        // An error says that all have left in the meantime.
        Ok(sender.map_or(0, |sender| {
            sender.send(Notification::Event(event)).unwrap_or(0)
        }))
    }

    /// Lets nobody join or emit any more. Returns whether they could until now.
    pub(super) fn close(&self) -> bool {
        !std::mem::replace(&mut lock(&self.state).is_closed, true)
    }

    /// Ends all streams, when they have received what is there.
    pub(super) fn clear(&self) {
        let rooms = std::mem::take(&mut lock(&self.state).rooms);
        drop(rooms);
    }

    pub(super) fn is_closed(&self) -> bool {
        lock(&self.state).is_closed
    }

    pub(super) fn rooms(&self) -> usize {
        lock(&self.state).rooms.len()
    }
}

/// For the engine that feeds the rooms from elsewhere.
#[cfg(feature = "nats")]
impl Hub {
    /// What feeds the room, which has a receiver. If nothing does yet, it is what `feed` makes for the room's sender.
    /// `None` when the bus was closed since the receiver joined.
    pub(super) fn feed_with(
        &self,
        room: &str,
        feed: impl FnOnce(&Sender<Notification>) -> (Feed, StopOnDrop),
    ) -> Option<Feed> {
        let mut state = lock(&self.state);
        let room = state.rooms.get_mut(room)?;
        let (feed, _) = room.feed.get_or_insert_with(|| feed(&room.sender));
        Some(feed.clone())
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        lock(&self.state).rooms.keys().cloned().collect()
    }

    /// What feeds the room, if it is joined.
    pub(super) fn feed(&self, room: &str) -> Option<Feed> {
        let state = lock(&self.state);
        Some(state.rooms.get(room)?.feed.as_ref()?.0.clone())
    }

    pub(super) fn feeds(&self) -> Vec<Feed> {
        let state = lock(&self.state);
        state
            .rooms
            .values()
            .filter_map(|room| Some(room.feed.as_ref()?.0.clone()))
            .collect()
    }

    /// A room's feed has ended, and so do the streams: with an error, unless the bus is closed or all have left.
    pub(super) fn feed_ended(&self, room: &str, sender: &Sender<Notification>) {
        let mut state = lock(&self.state);
        let is_closed = state.is_closed;
        // By now it may be another room of the same name.
        let is_it = state
            .rooms
            .get(room)
            .is_some_and(|room| room.sender.same_channel(sender));
        let ended = if is_it {
            state.rooms.remove(room)
        } else {
            None
        };
        drop(state);
        if let Some(room) = ended.filter(|_| !is_closed) {
            tell(&room.sender, &BusError::Closed);
        }
    }

    /// Ends the streams of these rooms with an error.
    pub(super) fn refuse(&self, error: &BusError, is_refused: impl Fn(&str) -> bool) {
        let mut state = lock(&self.state);
        let refused: Vec<_> = state.rooms.extract_if(|name, _| is_refused(name)).collect();
        drop(state);
        for (_, room) in refused {
            tell(&room.sender, error);
        }
    }

    /// Tells the receivers of the rooms for whose feed this is true.
    pub(super) fn tell(&self, error: &BusError, applies: impl Fn(&Feed) -> bool) {
        let state = lock(&self.state);
        let told = state
            .rooms
            .values()
            .filter(|room| room.feed.as_ref().is_some_and(|(feed, _)| applies(feed)));
        let senders: Vec<_> = told.map(|room| room.sender.clone()).collect();
        drop(state);
        for sender in senders {
            tell(&sender, error);
        }
    }

    /// The server is out of reach, or back. All receivers are told, and those that join meanwhile.
    pub(super) fn set_down(&self, is_down: bool) {
        let mut state = lock(&self.state);
        if std::mem::replace(&mut state.is_down, is_down) == is_down {
            return;
        }
        let senders: Vec<_> = state
            .rooms
            .values()
            .map(|room| room.sender.clone())
            .collect();
        drop(state);
        let error = if is_down {
            BusError::Disconnected
        } else {
            BusError::Interrupted
        };
        for sender in senders {
            tell(&sender, &error);
        }
    }

    pub(super) fn is_down(&self) -> bool {
        lock(&self.state).is_down
    }
}

#[cfg(feature = "nats")]
fn tell(sender: &Sender<Notification>, error: &BusError) {
    // An error says that nobody is there to be told.
    let _ = sender.send(Notification::Error(error.clone()));
}
