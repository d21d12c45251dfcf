//! What the server has refused over one connection.

use async_nats::ServerError;
use tokio::sync::watch;

use super::BrokerError;
use super::session::Trouble;
use crate::nats::{Refusal, Refused};

/// A clone shares them. What was refused once is refused for as long as the connection is up.
#[derive(Clone, Debug)]
pub(super) struct Refusals(watch::Sender<Vec<Refusal>>);

impl Refusals {
    pub(super) fn new() -> Self {
        Refusals(watch::Sender::new(Vec::new()))
    }

    pub(super) fn add(&self, error: &ServerError) {
        let Some(refusal) = Refusal::parse(error) else {
            return;
        };
        self.0.send_if_modified(|refusals| {
            if matches!(refusal.what, Refused::FurtherSubscription(_)) {
                for known in &mut *refusals {
                    if let Refused::FurtherSubscription(times) = &mut known.what {
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

    /// How many subscriptions were too many so far.
    pub(super) fn further_subscriptions(&self) -> u64 {
        let refusals = self.0.borrow();
        let times = refusals.iter().find_map(|refusal| match refusal.what {
            Refused::FurtherSubscription(times) => Some(times),
            _ => None,
        });
        times.unwrap_or_default()
    }

    /// What the server has said of the first refusal for which this is true, if there is one.
    pub(super) fn find(&self, applies: impl Fn(&Refused) -> bool) -> Option<String> {
        let refusals = self.0.borrow();
        let refusal = refusals.iter().find(|refusal| applies(&refusal.what));
        refusal.map(|refusal| refusal.text.clone())
    }

    /// Waits for a refusal for which this is true. Cancel safe.
    pub(super) async fn wait(&self, applies: impl Fn(&Refused) -> bool) -> String {
        let mut changes = self.0.subscribe();
        loop {
            if let Some(text) = self.find(&applies) {
                return text;
            }
            // The sender is in `self`.
            drop(changes.changed().await);
        }
    }

    /// Runs what sends messages to subjects that begin like this, unless the server refuses one of them.
    pub(super) async fn unless_refused<T>(
        &self,
        subjects: &str,
        sends: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, Trouble> {
        let refused = |refused: &Refused| matches!(refused, Refused::Publish(subject) if subject.starts_with(subjects));
        tokio::select! {
            biased;
            text = self.wait(refused) => Err(Trouble::Lasting(unavailable(text))),
            result = sends => result,
        }
    }
}

/// The server does not let us do what was asked for.
pub(super) fn unavailable<E>(text: String) -> BrokerError<E> {
    BrokerError::Unavailable(format!("the server refuses it: {text}"))
}
