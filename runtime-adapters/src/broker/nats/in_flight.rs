//! Requests that are delivered again while they are being handled here.

use std::collections::HashSet;

use crate::sync::{Mutex, lock};

/// The ids of the durable requests that are being handled here.
#[derive(Debug, Default)]
pub(super) struct InFlightIds(Mutex<HashSet<String>>);

/// Marks a request as being handled, until it is dropped.
#[derive(Debug)]
pub(super) struct InFlightGuard<'a> {
    in_flight: &'a InFlightIds,
    id: &'a str,
}

impl InFlightIds {
    /// `None` if a request with this id is being handled: its answer and its acknowledgement end both.
    pub(super) fn begin<'a>(&'a self, id: &'a str) -> Option<InFlightGuard<'a>> {
        let is_new = lock(&self.0).insert(id.to_owned());
        is_new.then_some(InFlightGuard {
            in_flight: self,
            id,
        })
    }
}

impl Drop for InFlightGuard<'_> {
    fn drop(&mut self) {
        lock(&self.in_flight.0).remove(self.id);
    }
}
