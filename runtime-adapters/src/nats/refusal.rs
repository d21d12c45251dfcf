//! Refusals of a server, which it reports asynchronously.

use async_nats::ServerError;

/// A refusal of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) what: RefusedOperation,
    /// The server's message.
    pub(crate) text: String,
}

/// The refused operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RefusedOperation {
    /// A subscription to this subject.
    Subscription(String),
    /// A subscription beyond the client's limit, with the number of such refusals. The server does not say which
    /// subscription.
    FurtherSubscription(u64),
    /// A message to this subject, or one with this reply subject.
    Publish(String),
    /// A protocol line that is too long, which also ends the connection. The server does not say which line.
    LongLine,
}

impl Refusal {
    /// `None` if the error does not refuse an operation of ours.
    pub(crate) fn parse(error: &ServerError) -> Option<Self> {
        let ServerError::Other(text) = error else {
            return None;
        };
        let subject = || text.split('"').nth(1).unwrap_or_default().to_owned();
        let lower = text.to_ascii_lowercase();
        let what = if lower.contains("violation for subscription") {
            RefusedOperation::Subscription(subject())
        } else if lower.contains("violation for publish") {
            RefusedOperation::Publish(subject())
        } else if lower.contains("maximum subscriptions") {
            RefusedOperation::FurtherSubscription(1)
        } else if lower.contains("maximum control line") {
            RefusedOperation::LongLine
        } else {
            return None;
        };
        let text = text.trim_matches('\'').to_owned();
        Some(Refusal { what, text })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<RefusedOperation> {
        Refusal::parse(&ServerError::Other(text.into())).map(|refusal| refusal.what)
    }

    #[test]
    fn refusals_are_known_by_their_texts() {
        let subscription = |subject: &str| Some(RefusedOperation::Subscription(subject.into()));
        let text = r#"Permissions Violation for Subscription to "a.b" using queue "c""#;
        assert_eq!(refused(text), subscription("a.b"));
        let text = r#"Permissions Violation for Publish to "a.b""#;
        assert_eq!(refused(text), Some(RefusedOperation::Publish("a.b".into())));
        let text = "maximum subscriptions exceeded";
        assert_eq!(
            refused(text),
            Some(RefusedOperation::FurtherSubscription(1))
        );
        let text = "Maximum Control Line Exceeded";
        assert_eq!(refused(text), Some(RefusedOperation::LongLine));
        assert_eq!(refused("Stale Connection"), None);
    }
}
