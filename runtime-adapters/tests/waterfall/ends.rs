//! Tests graphs that do not end with all tasks done.

use std::panic::AssertUnwindSafe;

use conjoin::auto;
use conjoin_adapters::Waterfalls;
use conjoin_adapters::waterfall::{Outcome, Run};
use futures::FutureExt;
use tokio::time::timeout;
use tracing_subscriber::layer::{Identity, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use super::{ms, names, only, page, sleep, span, task, watch};

async fn fail(milliseconds: u64) -> Result<(), String> {
    sleep(milliseconds).await;
    Err("no <connection>".to_owned())
}

fn critical(run: &Run) -> Vec<&str> {
    run.critical_path().map(|task| task.name.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn failed_graph_has_the_failed_tasks_path() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let result = auto! {
        first => sleep(5).await,
        fails: [first as _] => fail(10).await?,
        slow => sleep(40).await,
        quick: [first as _] => sleep(2).await,
        never: [slow as _] => sleep(1).await,
    }
    .await;
    assert!(result.is_err());
    let run = only(&waterfalls);
    assert_eq!(
        (run.outcome, run.duration, run.not_started()),
        (Outcome::Failed, ms(15), 1)
    );
    assert_eq!(critical(&run), ["first", "fails"]);
    let fails = task(&run, "fails");
    assert_eq!(
        (fails.outcome, fails.error.as_deref()),
        (Outcome::Failed, Some("no <connection>"))
    );
    let slow = task(&run, "slow");
    assert_eq!(
        (slow.outcome, slow.end, slow.slack),
        (Outcome::Cancelled, ms(15), None)
    );
    assert_eq!(task(&run, "quick").slack, Some(ms(8)));
    assert_eq!(task(&run, "first").slack, Some(ms(0)));
}

#[tokio::test(start_paused = true)]
async fn dropped_graph_has_the_running_tasks_path() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    timeout(ms(25), page()).await.unwrap_err();
    let run = only(&waterfalls);
    assert_eq!((run.outcome, run.duration), (Outcome::Cancelled, ms(25)));
    assert_eq!(critical(&run), ["user", "posts"]);
    assert_eq!(task(&run, "posts").outcome, Outcome::Cancelled);
    assert_eq!(task(&run, "user").slack, Some(ms(0)));
}

#[tokio::test(start_paused = true)]
async fn tasks_dropped_with_a_graph_end_together() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graph = span!(2);
    let long = span!(&graph, "long", "");
    sleep(5).await;
    let late = span!(&graph, "late", "");
    // Dropping takes time.
    drop(long);
    sleep(1).await;
    drop((late, graph));
    assert_eq!(critical(&only(&waterfalls)), ["long"]);
}

#[tokio::test(start_paused = true)]
async fn the_first_failure_is_the_one_that_counts() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graph = span!(2);
    let (late, early) = (span!(&graph, "late", ""), span!(&graph, "early", ""));
    early.record("outcome", "failed");
    sleep(1).await;
    late.record("outcome", "failed");
    graph.record("outcome", "failed");
    drop((late, early, graph));
    assert_eq!(critical(&only(&waterfalls)), ["early"]);
}

#[tokio::test(start_paused = true)]
async fn record_returns_failed_runs_with_kept_spans() {
    let waterfalls = Waterfalls::new();
    // A second layer, which also enables the spans of others.
    let _guard = tracing_subscriber::registry()
        .with(waterfalls.layer())
        .with(Identity::new())
        .set_default();
    let mut kept = None;
    let failing = async {
        auto! {
            user => {
                // Like a driver that sends the query to its own thread.
                kept = Some(tracing::info_span!("query"));
                fail(10).await?
            },
            posts: [user as _] => sleep(1).await,
        }
        .await
    };
    let (result, runs) = waterfalls.record(failing).await;
    assert!(result.is_err() && kept.is_some());
    let [run] = runs.as_slice() else {
        panic!("{runs:?}")
    };
    assert_eq!((run.outcome, run.duration), (Outcome::Failed, ms(10)));
    assert_eq!(task(run, "user").outcome, Outcome::Failed);
    assert!(task(run, "user").error.is_some());
    drop(kept);
    assert_eq!(waterfalls.runs().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_a_task_and_its_graph() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graph = async {
        auto! {
            fine => sleep(1).await,
            bad: [fine as _] => panic!("as it is wanted"),
        }
        .await;
    };
    AssertUnwindSafe(graph).catch_unwind().await.unwrap_err();
    let run = only(&waterfalls);
    assert_eq!(
        (run.outcome, task(&run, "bad").outcome),
        (Outcome::Panicked, Outcome::Panicked)
    );
    assert_eq!(critical(&run), ["fine", "bad"]);
}

#[tokio::test(start_paused = true)]
async fn skipped_task_names_its_cause() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    auto! {
        #![settle]
        fails => fail(30).await?,
        skipped: [fails as _] => sleep(1).await,
        fine => sleep(10).await,
    }
    .await;
    let run = only(&waterfalls);
    let skipped = task(&run, "skipped");
    assert_eq!(
        (skipped.outcome, skipped.skipped_for.as_deref()),
        (Outcome::Skipped, Some("fails"))
    );
    assert!(
        run.to_string()
            .contains("\nskipped was skipped for fails.\n"),
        "{run}"
    );
    assert_eq!(
        (skipped.slack, skipped.waited, skipped.end),
        (None, ms(30), ms(30))
    );
    assert_eq!(
        (run.outcome, critical(&run)),
        (Outcome::Done, vec!["fails"])
    );
    assert_eq!(task(&run, "fine").slack, Some(ms(20)));
}

#[tokio::test(start_paused = true)]
async fn a_task_whose_condition_does_not_hold_does_not_run() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let is_wanted = false;
    auto! {
        user => sleep(1).await,
        badge: [user as _] if is_wanted => sleep(9).await,
    }
    .await;
    let run = only(&waterfalls);
    assert_eq!(
        (task(&run, "badge").outcome, run.duration),
        (Outcome::NotRun, ms(1))
    );
    assert_eq!(critical(&run), ["user"]);
}

#[tokio::test(start_paused = true)]
async fn wait_for_the_limit_counts_as_the_tasks_own() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    auto! {
        #![limit(1)]
        a => sleep(10).await,
        b => sleep(10).await,
        c: [a as _] => sleep(10).await,
    }
    .await;
    let run = only(&waterfalls);
    assert_eq!((task(&run, "c").waited, run.duration), (ms(20), ms(30)));
    assert_eq!(critical(&run), ["a", "c"]);
    assert_eq!(task(&run, "a").slack, Some(ms(0)));
}

#[tokio::test(start_paused = true)]
async fn a_span_that_is_kept_does_not_keep_the_run_open() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let connection = auto! {
        connect => {
            // Like a connection pool, for work in the background.
            sleep(1).await;
            span!(tracing::Span::current().id(), "background", "")
        },
        => connect,
    }
    .await;
    assert_eq!(
        (only(&waterfalls).duration, waterfalls.stats().open),
        (ms(1), 0)
    );
    sleep(10).await;
    drop(connection);
    assert_eq!(only(&waterfalls).duration, ms(1));
}

#[tokio::test(start_paused = true)]
async fn records_after_a_tasks_end_are_ignored() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graph = span!(2);
    let (first, second) = (span!(&graph, "first", ""), span!(&graph, "second", ""));
    let entered = first.enter();
    sleep(1).await;
    first.record("outcome", "done");
    sleep(1).await;
    drop(entered);
    drop(first.enter());
    tracing::trace!(target: "conjoin", parent: &first, "woken");
    first.record("outcome", "failed");
    second.record("outcome", "gone wild");
    graph.record("outcome", "done");
    drop(graph);
    let run = only(&waterfalls);
    assert_eq!(names(&run), ["first", "second"]);
    let first = task(&run, "first");
    assert_eq!(
        (first.outcome, first.end, first.poll_count(), first.busy()),
        (Outcome::Done, ms(1), 1, ms(1))
    );
    assert_eq!(first.wake_count(), 0);
    assert_eq!(task(&run, "second").outcome, Outcome::Unknown);
}
