//! Stands in for a remote service that reviews new posts.

use std::time::Duration;

use tokio::time::sleep;

use crate::blog::draft::Draft;
use crate::blog::error::AppError;

const SPAM: [&str; 3] = ["casino", "click here", "free money"];

/// Rejects spam.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moderator {
    latency: Duration,
    is_fit: fn(&str) -> bool,
}

impl Moderator {
    pub(crate) fn new(latency: Duration) -> Self {
        Self {
            latency,
            is_fit: is_no_spam,
        }
    }

    /// With a rule of its own, for a test.
    #[cfg(test)]
    pub(crate) fn judging(latency: Duration, is_fit: fn(&str) -> bool) -> Self {
        Self { latency, is_fit }
    }

    pub(crate) async fn review(self, draft: &Draft) -> Result<(), AppError> {
        sleep(self.latency).await;
        let mut texts = [Some(&*draft.title), draft.comment.as_deref()]
            .into_iter()
            .flatten();
        if texts.all(self.is_fit) {
            Ok(())
        } else {
            Err(AppError::Refused)
        }
    }
}

fn is_no_spam(text: &str) -> bool {
    let text = text.to_lowercase();
    !SPAM.iter().any(|spam| text.contains(spam))
}
