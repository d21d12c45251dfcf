//! The spans of graphs, as a subscriber sees them.

mod blocks;
mod errors;
mod items;
mod opentelemetry;
mod outcomes;
mod threads;
mod tree;
mod unseen;
mod wakes;

use std::future::poll_fn;
use std::task::Poll;

use conjoin_tests_tracing::{Recorder, Story};
use tracing::dispatcher::with_default;
use tracing::level_filters::LevelFilter;

/// Is pending once, and wakes itself.
async fn later<T>(value: T) -> T {
    let mut waited = false;
    poll_fn(|cx| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
    value
}

/// What is seen of a future that runs to its end.
fn seen_of<T>(future: impl Future<Output = T>) -> (T, Story) {
    let recorder = Recorder::default();
    let output = with_default(&recorder.subscriber(LevelFilter::INFO), || {
        futures::executor::block_on(future)
    });
    let story = std::mem::take(&mut *recorder.story());
    assert!(
        story.spans.iter().all(|span| span.is_closed),
        "{}",
        story.tree()
    );
    (output, story)
}
