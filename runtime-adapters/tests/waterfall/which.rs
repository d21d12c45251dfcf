//! Tests which runs are recorded, kept, and delivered to whom.

use std::sync::Arc;

use conjoin::auto;
use conjoin_adapters::Waterfalls;
use conjoin_adapters::waterfall::{Run, Stats};
use futures::{FutureExt, StreamExt};
use tracing::{Instrument, info_span};
use tracing_subscriber::prelude::*;

use super::{names, only, page, sleep, task, watch};

fn stats(waterfalls: &Waterfalls) -> (usize, u64, u64, u64) {
    let Stats {
        open,
        recorded,
        unsampled,
        missed,
        ..
    } = waterfalls.stats();
    (open, recorded, unsampled, missed)
}

#[tokio::test(start_paused = true)]
async fn sampling_keeps_nested_graphs() {
    let waterfalls = Waterfalls::builder().sample(3).build();
    let _guard = watch(&waterfalls);
    for _ in 0..7 {
        auto! { outer => page().await }.await;
    }
    assert_eq!(stats(&waterfalls), (0, 3, 4, 0));
    for run in waterfalls.runs() {
        assert_eq!(names(&run), ["outer"]);
        assert_eq!(
            names(&task(&run, "outer").graphs[0]),
            ["user", "posts", "comments"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn innermost_labels_win() {
    let waterfalls = Waterfalls::builder()
        .label("request_id")
        .label("mode")
        .build();
    let _guard = watch(&waterfalls);
    let outer = info_span!("outer", request_id = 1, mode = "auto", secret = "s");
    let inner = tracing::debug_span!("inner", request_id = tracing::field::Empty);
    let between = info_span!("between");
    inner.record("request_id", "two");
    async { page().instrument(between).await }
        .instrument(inner)
        .instrument(outer.clone())
        .await;
    page().instrument(outer).await;
    let runs = waterfalls.runs();
    // The inner span was not created within the outer one, so it is not in it.
    assert_eq!(
        (runs[0].label("request_id"), runs[0].label("mode")),
        (Some("two"), None)
    );
    assert_eq!(
        (runs[1].label("request_id"), runs[1].label("mode")),
        (Some("1"), Some("auto"))
    );
    assert_eq!(runs[1].label("secret"), None);
    assert_eq!(
        serde_json::to_value(&*runs[1]).unwrap()["labels"]["mode"],
        "auto"
    );
}

#[tokio::test(start_paused = true)]
async fn the_inner_label_counts() {
    let waterfalls = Waterfalls::builder().label("id").build();
    let _guard = watch(&waterfalls);
    info_span!("outer", id = 1).in_scope(|| {
        info_span!("inner", id = 2).in_scope(|| drop(super::span!(0)));
        drop(tracing::info_span!(target: "conjoin", "auto", tasks = 0, id = 3));
    });
    let labels: Vec<_> = waterfalls
        .runs()
        .iter()
        .map(|run| run.label("id").unwrap().to_owned())
        .collect();
    assert_eq!(labels, ["2", "3"]);
}

#[tokio::test(start_paused = true)]
async fn graph_in_a_final_arm_inherits_labels() {
    let waterfalls = Waterfalls::builder().label("request_id").build();
    let _guard = watch(&waterfalls);
    let graph = auto! { one => 1, => { page().await; one } };
    graph
        .instrument(info_span!("request", request_id = 7))
        .await;
    let runs = waterfalls.runs();
    assert_eq!(
        runs.iter()
            .map(|run| run.label("request_id"))
            .collect::<Vec<_>>(),
        [Some("7"), Some("7")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_future_has_its_own_runs_whatever_the_sampling() {
    let waterfalls = Waterfalls::builder().sample(1_000).build();
    let _guard = watch(&waterfalls);
    page().await;
    let ((first, second), ()) = tokio::join!(
        async {
            tokio::join!(
                waterfalls.record(async {
                    page().await;
                    page().await;
                    7
                }),
                waterfalls.record(tokio::spawn(page().in_current_span())),
            )
        },
        page(),
    );
    assert_eq!((first.0, first.1.len()), (7, 2));
    // That task was created before the recording, so it is not in it.
    assert_eq!(second.1.len(), 0);
    let (_, third) = waterfalls
        .record(async { tokio::spawn(page().in_current_span()).await })
        .await;
    assert_eq!(third.len(), 1);
    assert_eq!(stats(&waterfalls), (0, 4, 2, 0));
    let ids = |runs: &[Arc<Run>]| runs.iter().map(|run| run.id).collect::<Vec<_>>();
    assert_eq!(
        ids(&waterfalls.runs())[1..],
        [ids(&first.1), ids(&third)].concat()
    );
}

#[tokio::test(start_paused = true)]
async fn a_recording_goes_where_its_future_goes() {
    fn is_static<T: Send + 'static>(recording: T) -> T {
        recording
    }
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let recording = is_static(waterfalls.record(page()));
    assert_eq!(tokio::spawn(recording).await.unwrap().1, waterfalls.runs());
}

#[tokio::test(start_paused = true)]
async fn a_recording_within_a_task_has_runs_of_its_own() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let result = auto! { inner => waterfalls.record(page()).await.1 }.await;
    assert_eq!(names(&result.inner[0]), ["user", "posts", "comments"]);
    let outer = &waterfalls.runs()[1];
    assert_eq!(
        (names(outer), task(outer, "inner").graphs.len()),
        (vec!["inner"], 0)
    );
}

#[tokio::test(start_paused = true)]
async fn recordings_of_several_waterfalls_are_kept_apart() {
    let (seen, unseen) = (Waterfalls::new(), Waterfalls::new());
    let _guard = watch(&seen);
    let (((), runs), ((), none)) =
        futures::join!(seen.record(super::sleep(100)), unseen.record(page()));
    assert_eq!((runs, none), (vec![], vec![]));
    assert_eq!(seen.runs().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_the_layer_a_recording_is_empty() {
    let waterfalls = Waterfalls::new();
    assert_eq!(
        waterfalls
            .record(async {
                page().await;
                1
            })
            .await,
        (1, vec![])
    );
}

#[tokio::test(start_paused = true)]
async fn subscribers_receive_each_run() {
    let waterfalls = Waterfalls::builder().runs(2).build();
    let guard = watch(&waterfalls);
    page().await;
    let mut runs = waterfalls.subscribe();
    assert!(runs.next().now_or_never().is_none());
    let (told, ()) = tokio::join!(runs.next(), page());
    assert_eq!(told, waterfalls.runs().last().cloned());
    for _ in 0..3 {
        page().await;
    }
    assert_eq!(
        (runs.dropped(), runs.next().await.map(|run| run.id)),
        (1, Some(waterfalls.runs()[0].id))
    );
    drop((guard, waterfalls));
    assert_eq!(runs.count().await, 1);
}

#[tokio::test(start_paused = true)]
async fn cleared_runs_are_not_kept() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    page().await;
    waterfalls.clear();
    assert_eq!(
        (waterfalls.runs().len(), stats(&waterfalls)),
        (0, (0, 1, 0, 0))
    );
    page().await;
    only(&waterfalls);
}

#[tokio::test(start_paused = true)]
async fn several_subscribers_feed_the_same_waterfalls() {
    let waterfalls = Waterfalls::new();
    for _ in 0..2 {
        let _guard = tracing_subscriber::registry()
            .with(waterfalls.layer())
            .set_default();
        page().await;
        sleep(1).await;
    }
    assert_eq!(waterfalls.runs().len(), 2);
}
