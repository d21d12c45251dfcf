//! Tests what is recorded of a graph.

use conjoin::auto;
use conjoin_adapters::Waterfalls;
use conjoin_adapters::waterfall::{Outcome, Run};

use super::{ms, names, only, page, sleep, task, watch};

#[tokio::test(start_paused = true)]
async fn run_has_times_of_waits_polls_and_wakes() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    sleep(7).await;
    page().await;
    let run = only(&waterfalls);

    assert!(
        run.place.ends_with(&format!("main.rs:{}", super::PAGE)),
        "{}",
        run.place
    );
    assert_eq!(
        (run.start, run.duration, run.outcome),
        (ms(7), ms(40), Outcome::Done)
    );
    assert_eq!(run.function, "waterfall::page");
    assert_eq!((run.declared, run.not_started(), run.omitted), (3, 0, 0));
    assert_eq!(run.names, ["user", "posts", "comments"]);
    assert_eq!(names(&run), ["user", "posts", "comments"]);

    let comments = task(&run, "comments");
    assert_eq!(comments.dependencies, ["user"]);
    assert_eq!(
        (comments.waited, comments.end, comments.duration()),
        (ms(20), ms(30), ms(10))
    );
    assert_eq!(
        (comments.outcome, comments.slack, comments.is_critical),
        (Outcome::Done, Some(ms(10)), false)
    );
    let polls: Vec<_> = comments
        .polls
        .iter()
        .map(|poll| (poll.start, poll.end, poll.count))
        .collect();
    assert_eq!(polls, [(ms(20), ms(20), 1), (ms(30), ms(30), 1)]);
    let wakes: Vec<_> = comments
        .wakes
        .iter()
        .map(|wake| (wake.at, wake.count))
        .collect();
    assert_eq!(wakes, [(ms(30), 1)]);

    let critical: Vec<_> = run.critical_path().map(|task| task.name.as_str()).collect();
    assert_eq!(critical, ["user", "posts"]);
    assert_eq!(task(&run, "posts").slack, Some(ms(0)));
}

#[tokio::test(start_paused = true)]
async fn polls_are_measured() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    auto! {
        busy => tokio::time::advance(ms(5)).await,
        other => sleep(1).await,
    }
    .await;
    let run = only(&waterfalls);
    // It moves the clock in its first poll.
    let busy = task(&run, "busy");
    assert_eq!(
        (busy.polls[0].start, busy.polls[0].end, busy.polls[0].busy),
        (ms(0), ms(5), ms(5))
    );
    assert_eq!(busy.busy(), ms(5));
    assert_eq!(task(&run, "other").waited, ms(5));
}

#[tokio::test(start_paused = true)]
async fn nested_enters_are_one_poll() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let graph = super::span!(1);
    let task = super::span!(&graph, "task", "");
    let outer = task.enter();
    sleep(1).await;
    let inner = task.enter();
    sleep(1).await;
    drop(inner);
    sleep(1).await;
    drop(outer);
    graph.record("outcome", "done");
    task.record("outcome", "done");
    let run = only(&waterfalls);
    let polls: Vec<_> = run.tasks[0]
        .polls
        .iter()
        .map(|poll| (poll.start, poll.end, poll.count))
        .collect();
    assert_eq!(polls, [(ms(0), ms(3), 1)]);
}

#[tokio::test(start_paused = true)]
async fn a_run_is_json_and_comes_back() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    page().await;
    let run = only(&waterfalls);
    let json = serde_json::to_value(&*run).unwrap();
    assert_eq!(json["duration_ns"], 40_000_000);
    assert_eq!(json["outcome"], "done");
    assert_eq!(json["tasks"][2]["slack_ns"], 10_000_000);
    assert_eq!(
        json["tasks"][2]["wakes"],
        serde_json::json!([{ "at_ns": 30_000_000, "count": 1 }])
    );
    assert_eq!(serde_json::from_value::<Run>(json).unwrap(), *run);
}

#[test]
fn every_outcome_has_one_name_as_text_and_as_json() {
    use Outcome::{Cancelled, Done, Failed, NotRun, Panicked, Skipped, Unfinished, Unknown};
    for outcome in [
        Done, Failed, Skipped, NotRun, Cancelled, Panicked, Unfinished, Unknown,
    ] {
        assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.to_string());
        assert_eq!(
            serde_json::from_value::<Outcome>(outcome.to_string().into()).unwrap(),
            outcome
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_graph_without_tasks_is_a_run() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    drop(super::span!(0));
    let run = only(&waterfalls);
    assert_eq!((run.tasks.len(), run.outcome), (0, Outcome::Cancelled));
    assert!(
        run.to_string().ends_with(": cancelled after 0, 0 tasks\n"),
        "{run}"
    );
    assert!(roxmltree::Document::parse(&run.svg()).is_ok());
}

#[tokio::test(start_paused = true)]
async fn an_own_clock_is_the_one_that_counts() {
    let start = std::time::Instant::now();
    let time = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let own = std::sync::Arc::clone(&time);
    let clock = move || start + ms(own.load(std::sync::atomic::Ordering::Relaxed));
    let waterfalls = Waterfalls::builder().clock(clock).build();
    let _guard = watch(&waterfalls);
    auto! { task => time.store(3, std::sync::atomic::Ordering::Relaxed) }.await;
    assert_eq!(only(&waterfalls).duration, ms(3));
}

#[tokio::test(start_paused = true)]
async fn task_ends_after_its_start_on_any_clock() {
    let start = std::time::Instant::now();
    let time = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let own = std::sync::Arc::clone(&time);
    let clock = move || start + ms(own.load(std::sync::atomic::Ordering::Relaxed));
    let at = |milliseconds| time.store(milliseconds, std::sync::atomic::Ordering::Relaxed);
    let waterfalls = Waterfalls::builder().clock(clock).build();
    let _guard = watch(&waterfalls);
    let graph = super::span!(1);
    at(50);
    let task = super::span!(&graph, "task", "");
    at(10);
    drop(task);
    at(100);
    drop(graph);
    let run = only(&waterfalls);
    assert_eq!((run.tasks[0].waited, run.tasks[0].end), (ms(50), ms(50)));
    assert!(run.to_string().contains("task"));
}

#[tokio::test(start_paused = true)]
async fn tasks_that_did_not_start_have_names() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    let failed = auto! {
        first => Err::<(), _>("no")?,
        second: [first] => first,
        third: [second as _] => 3,
        => third
    };
    assert!(failed.await.is_err());
    let mut dropped = Box::pin(auto! {
        first => sleep(1).await,
        last: [first as _] => 1,
    });
    assert!(futures::poll!(&mut dropped).is_pending());
    drop(dropped);
    for (run, names) in waterfalls
        .runs()
        .iter()
        .zip([vec!["second", "third"], vec!["last"]])
    {
        assert_eq!(run.not_started(), names.len());
        assert_eq!(run.names_not_started(), Some(names));
        assert!(
            run.to_string()
                .starts_with("tasks_that_did_not_start_have_names (")
        );
    }
}
