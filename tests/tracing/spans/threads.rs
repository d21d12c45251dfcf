//! Graphs that move from thread to thread.

use std::sync::Arc;

use conjoin::auto;
use conjoin_tests_tracing::Recorder;
use tokio::sync::Barrier;
use tracing::info_span;
use tracing::instrument::WithSubscriber;
use tracing::level_filters::LevelFilter;

#[test]
fn parents_are_right_on_a_runtime_of_many_threads() {
    const GRAPHS: usize = 8;
    let recorder = Recorder::default();
    let subscriber = recorder.subscriber(LevelFilter::INFO);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        let barrier = Arc::new(Barrier::new(GRAPHS));
        let graphs = (0..GRAPHS).map(|_| {
            let barrier = Arc::clone(&barrier);
            let graph = async move {
                auto! {
                    first => { barrier.wait().await; info_span!("in first").in_scope(|| ()); },
                    left: [first as _] => { tokio::task::yield_now().await; barrier.wait().await; },
                    right: [first as _] => { barrier.wait().await; info_span!("in right").in_scope(|| ()); },
                    last: [left as _, right as _] => tokio::task::yield_now().await,
                }
                .await;
            };
            tokio::spawn(graph.with_subscriber(subscriber.clone()))
        });
        for graph in graphs.collect::<Vec<_>>() {
            graph.await.unwrap();
        }
    });
    drop(runtime);
    let graph = "auto: done\n  first: done\n    in first\n  left: done\n  right: done\n    in right\n  last: done\n";
    assert_eq!(recorder.story().tree(), graph.repeat(GRAPHS));
    assert!(recorder.story().spans.iter().all(|span| span.is_closed));
}
