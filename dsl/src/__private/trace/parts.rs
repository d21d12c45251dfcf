//! The states of the parts of a recorded graph, between polls.

use super::state::PartState;

/// The place of a part, from 1 on. The default stands for no part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place(usize);

impl Place {
    fn of(index: usize) -> Self {
        Place(index + 1)
    }

    fn index(self) -> Option<usize> {
        self.0.checked_sub(1)
    }
}

/// The states of the parts that have begun and not ended.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// `None` during a poll of the part, and where no part is.
    states: Vec<Option<Box<PartState>>>,
    /// The places without parts. A loop may run parts again and again.
    free: Vec<usize>,
}

impl Parts {
    /// The place of another part.
    pub(super) fn add(&mut self) -> Place {
        let at = self.free.pop().unwrap_or_else(|| {
            self.states.push(None);
            self.states.len() - 1
        });
        Place::of(at)
    }

    /// The state of a part, for a poll.
    pub(super) fn take(&mut self, place: Place) -> Option<Box<PartState>> {
        self.states.get_mut(place.index()?)?.take()
    }

    /// Puts it back.
    pub(super) fn put(&mut self, place: Place, state: Box<PartState>) {
        if let Some(empty) = place.index().and_then(|at| self.states.get_mut(at)) {
            *empty = Some(state);
        }
    }

    /// A part ends. Returns its state, unless it is being polled.
    pub(super) fn remove(&mut self, place: Place) -> Option<Box<PartState>> {
        let at = place.index()?;
        self.free.push(at);
        self.states.get_mut(at)?.take()
    }

    /// The same for all parts that have begun within this one.
    pub(super) fn remove_within(&mut self, place: Place) -> Vec<PartState> {
        let mut outer = vec![place];
        let mut removed = Vec::new();
        while let Some(place) = outer.pop() {
            for (at, state) in self.states.iter_mut().enumerate() {
                if let Some(inner) = state.take_if(|state| state.around == place) {
                    outer.push(Place::of(at));
                    self.free.push(at);
                    removed.push(*inner);
                }
            }
        }
        removed
    }
}
