//! The refusals of one connection.

use async_nats::ServerError;
use tokio::sync::watch;

use super::refusal::{Refusal, RefusedOperation};

/// Clones share the refusals. What was refused stays refused while the connection lives.
#[derive(Clone, Debug)]
pub(crate) struct RefusalLog(watch::Sender<Vec<Refusal>>);

impl RefusalLog {
    pub(crate) fn new() -> Self {
        RefusalLog(watch::Sender::new(Vec::new()))
    }

    pub(crate) fn add(&self, error: &ServerError) {
        let Some(refusal) = Refusal::parse(error) else {
            return;
        };
        self.0.send_if_modified(|refusals| {
            if matches!(refusal.what, RefusedOperation::FurtherSubscription(_)) {
                for known in &mut *refusals {
                    if let RefusedOperation::FurtherSubscription(times) = &mut known.what {
                        *times += 1;
                        return true;
                    }
                }
            }
            let is_new = !refusals.contains(&refusal);
            if is_new {
                #[cfg(feature = "tracing")]
                tracing::warn!(refusal = refusal.text, "the NATS server refuses something");
                refusals.push(refusal);
            }
            is_new
        });
    }

    /// Removes all refusals, for a new connection.
    #[cfg(feature = "bus")]
    pub(crate) fn clear(&self) {
        self.0.send_modify(Vec::clear);
    }

    /// How many subscriptions were refused for their number so far.
    pub(crate) fn further_subscriptions(&self) -> u64 {
        let refusals = self.0.borrow();
        let times = refusals.iter().find_map(|refusal| match refusal.what {
            RefusedOperation::FurtherSubscription(times) => Some(times),
            _ => None,
        });
        times.unwrap_or_default()
    }

    /// The server's message of the first refusal that matches, if there is one.
    pub(crate) fn find(&self, applies: impl Fn(&RefusedOperation) -> bool) -> Option<String> {
        let refusals = self.0.borrow();
        let refusal = refusals.iter().find(|refusal| applies(&refusal.what));
        refusal.map(|refusal| refusal.text.clone())
    }

    /// Waits for a refusal that matches. Cancel safe.
    pub(crate) async fn wait(&self, applies: impl Fn(&RefusedOperation) -> bool) -> String {
        let mut changes = self.0.subscribe();
        loop {
            if let Some(text) = self.find(&applies) {
                return text;
            }
            // The sender is in `self`.
            drop(changes.changed().await);
        }
    }
}
