//! The rooms that this process has joined.
//!
//! No user code runs under the lock: receivers are woken and dropped without it.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::broadcast::{Receiver, Sender};

use super::error::BusError;
#[cfg(feature = "nats")]
use super::feed::{Feed, StopOnDrop};
use crate::sync::{Mutex, lock};

/// A notification to the receivers of a room.
#[derive(Clone, Debug)]
pub(super) enum Notification {
    /// As JSON.
    Event(Bytes),
    #[cfg_attr(
        not(feature = "nats"),
        expect(dead_code, reason = "only a server causes errors")
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
    /// The rooms with a receiver, or with one that is about to leave.
    rooms: HashMap<Arc<str>, Room>,
    is_closed: bool,
    /// Whether the receivers were last told that the server is out of reach.
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

    /// Creates a receiver of what is sent from now on. Also returns whether the server is out of reach.
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

    /// Removes a room if its last receiver has left. That one, with its waker, is dropped already.
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
        // An error means that all receivers have left.
        Ok(sender.map_or(0, |sender| {
            sender.send(Notification::Event(event)).unwrap_or(0)
        }))
    }

    /// Refuses further joins and events. Returns whether the hub was open until now.
    pub(super) fn close(&self) -> bool {
        !std::mem::replace(&mut lock(&self.state).is_closed, true)
    }

    /// Ends all streams once they have received the events so far.
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

/// For the transport that feeds the rooms.
#[cfg(feature = "nats")]
impl Hub {
    /// The feed of a room that has a receiver. If it has no feed yet, `feed` creates it from the room's sender. `None` if
    /// the bus was closed since the receiver joined.
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

    /// The feed of the room, if it is joined.
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

    /// Ends the streams of a room whose feed has ended: with an error, unless the bus is closed or all receivers have
    /// left.
    pub(super) fn feed_ended(&self, room: &str, sender: &Sender<Notification>) {
        let mut state = lock(&self.state);
        let is_closed = state.is_closed;
        // By now, the name may belong to a new room.
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
        let rooms = std::mem::take(&mut state.rooms).into_iter();
        let (refused, rooms): (Vec<_>, _) = rooms.partition(|(name, _)| is_refused(name));
        state.rooms = rooms.into_iter().collect();
        drop(state);
        for (_, room) in refused {
            tell(&room.sender, error);
        }
    }

    /// Sends an error to the receivers of the rooms whose feed matches.
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

    /// Records whether the server is out of reach, and notifies all receivers, including those that join meanwhile.
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
    // An error means that nobody receives.
    let _ = sender.send(Notification::Error(error.clone()));
}
