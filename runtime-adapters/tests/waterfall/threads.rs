//! Tests graphs, polls and wakes on many threads at the same time.

use std::sync::Barrier;
use std::thread;

use conjoin_adapters::Waterfalls;
use futures::executor::block_on;
use tracing_subscriber::prelude::*;

use super::{only, span, task};

#[test]
fn wakes_and_polls_of_many_threads_are_all_counted() {
    let waterfalls = Waterfalls::builder().polls(16).build();
    let dispatch: tracing::Dispatch = tracing_subscriber::registry()
        .with(waterfalls.layer())
        .into();
    let _guard = tracing::dispatcher::set_default(&dispatch);
    let graph = span!(8);
    let tasks: [_; 8] = std::array::from_fn(|_| span!(&graph, "task", ""));
    let shared = span!(&graph, "shared", "");
    let barrier = Barrier::new(8);
    thread::scope(|scope| {
        for task in &tasks {
            let (dispatch, barrier, shared) = (&dispatch, &barrier, &shared);
            scope.spawn(move || {
                let _guard = tracing::dispatcher::set_default(dispatch);
                barrier.wait();
                for _ in 0..1_000 {
                    drop(task.enter());
                    tracing::trace!(target: "conjoin", parent: shared, "woken");
                    drop(shared.enter());
                }
            });
        }
    });
    drop((tasks, shared, graph));
    let run = only(&waterfalls);
    assert_eq!(task(&run, "shared").wake_count(), 8_000);
    for task in run.tasks.iter().filter(|task| task.name == "task") {
        assert_eq!(task.poll_count(), 1_000);
    }
    // Overlapping ones count as one.
    let shared = task(&run, "shared");
    assert!((1..=8_000).contains(&shared.poll_count()));
    assert!(
        shared.polls.is_sorted_by(|a, b| a.end <= b.start),
        "{:?}",
        shared.polls
    );
}

#[test]
fn graphs_of_many_threads_do_not_meet() {
    let waterfalls = Waterfalls::builder().runs(1_000).build();
    let dispatch: tracing::Dispatch = tracing_subscriber::registry()
        .with(waterfalls.layer())
        .into();
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let _guard = tracing::dispatcher::set_default(&dispatch);
                barrier.wait();
                for _ in 0..100 {
                    let graph = conjoin::auto! { a => 1, b: [a] => a + 1, => a + b };
                    let (sum, runs) = block_on(waterfalls.record(graph));
                    assert_eq!(
                        (sum, runs.len(), super::names(&runs[0])),
                        (3, 1, vec!["a", "b"])
                    );
                }
            });
        }
    });
    assert_eq!((waterfalls.runs().len(), waterfalls.stats().open), (400, 0));
}
