//! Tests what waterfalls record of graphs, and how they draw it. The clock is paused, so all figures are exact.

mod bounds;
mod chrome;
mod ends;
mod items;
mod layers;
mod nested;
mod pictures;
mod recording;
mod slack;
mod threads;
mod which;

use std::sync::Arc;
use std::time::Duration;

use conjoin_adapters::Waterfalls;
use conjoin_adapters::waterfall::{Run, Task};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::prelude::*;

/// Records on this thread.
#[must_use]
fn watch(waterfalls: &Waterfalls) -> DefaultGuard {
    tracing_subscriber::registry()
        .with(waterfalls.layer())
        .set_default()
}

fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

async fn sleep(milliseconds: u64) {
    tokio::time::sleep(ms(milliseconds)).await;
}

/// The only run.
#[track_caller]
fn only(waterfalls: &Waterfalls) -> Arc<Run> {
    let runs = waterfalls.runs();
    assert_eq!(runs.len(), 1, "{runs:?}");
    Arc::clone(&runs[0])
}

#[track_caller]
fn task<'a>(run: &'a Run, name: &str) -> &'a Task {
    run.tasks
        .iter()
        .find(|task| task.name == name)
        .expect("the task has started")
}

fn names(run: &Run) -> Vec<&str> {
    run.tasks.iter().map(|task| task.name.as_str()).collect()
}

/// The place of the graph of the page.
const PAGE: u32 = line!() + 4;

/// The page: a user, then posts and comments.
async fn page() {
    conjoin::auto! {
        user => sleep(20).await,
        posts: [user as _] => sleep(20).await,
        comments: [user as _] => sleep(10).await,
    }
    .await;
}

/// A span of a graph, or a task, made by hand.
macro_rules! span {
    ($tasks:expr) => {
        tracing::info_span!(target: "conjoin", "auto", tasks = $tasks, outcome = tracing::field::Empty)
    };
    ($graph:expr, $name:literal, $dependencies:expr) => {
        tracing::info_span!(
            target: "conjoin", parent: $graph, $name, dependencies = $dependencies, outcome = tracing::field::Empty
        )
    };
}
use span;
