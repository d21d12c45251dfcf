//! Requests that come again though they are answered, or are being handled here.

use std::collections::HashSet;

use async_nats::HeaderMap;
use bytes::Bytes;
use tokio::time::sleep;

use super::durable::{ATTEMPTS, PAUSE, answer_subject};
use super::engine::EngineInner;
use super::failure::NatsFailure;
use crate::sync::{Mutex, lock};

/// The ids of the durable requests that are being handled here.
#[derive(Debug, Default)]
pub(super) struct InFlightIds(Mutex<HashSet<String>>);

/// A request that is being handled, until this is dropped.
#[derive(Debug)]
pub(super) struct InFlightGuard<'a> {
    in_flight: &'a InFlightIds,
    id: &'a str,
}

impl InFlightIds {
    /// `None` if a request of this id is being handled: that one's answer, and its acknowledgement, end both.
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

/// The answer that is stored for this id: a server that was killed may send a request again that was acknowledged, and
/// count it as the first delivery. `None` if there is none, or nobody can tell: at least once is the promise.
pub(super) async fn stored_answer(shared: &EngineInner, id: &str) -> Option<(HeaderMap, Bytes)> {
    let subject = answer_subject(shared, id);
    for _ in 0..ATTEMPTS {
        let session = shared.session().await;
        let answer = session.stored_answer(&shared.settings, &subject);
        match session.lost.run_until_cancelled(answer).await {
            Some(Ok(answer)) => return answer,
            Some(Err(NatsFailure::Permanent(_))) => return None,
            Some(Err(NatsFailure::Temporary)) | None => sleep(PAUSE).await,
        }
    }
    None
}
