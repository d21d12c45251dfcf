//! Tests the Chrome trace, read as viewers read it.

use std::collections::{BTreeMap, BTreeSet};

use conjoin::auto;
use conjoin_adapters::Waterfalls;
use conjoin_adapters::waterfall::chrome_trace;
use serde_json::{Value, json};

use super::{ms, only, page, sleep, watch};

fn events(trace: &str) -> Vec<Value> {
    let trace: Value = serde_json::from_str(trace).unwrap();
    trace["traceEvents"].as_array().unwrap().clone()
}

fn of<'a>(events: &'a [Value], phase: &str) -> Vec<&'a Value> {
    events.iter().filter(|event| event["ph"] == phase).collect()
}

fn times(event: &Value) -> (f64, f64) {
    let start = event["ts"].as_f64().unwrap();
    (start, start + event["dur"].as_f64().unwrap())
}

/// Complete events of one thread must be nested or sequential, in the order of the file.
fn assert_nested(events: &[Value]) {
    let mut open: BTreeMap<(u64, u64), Vec<(f64, f64)>> = BTreeMap::new();
    for event in of(events, "X") {
        let (start, end) = times(event);
        let thread = (
            event["pid"].as_u64().unwrap(),
            event["tid"].as_u64().unwrap(),
        );
        let open = open.entry(thread).or_default();
        while open
            .last()
            .is_some_and(|around| around.1 <= start && *around != (start, end))
        {
            open.pop();
        }
        if let Some(around) = open.last() {
            assert!(
                around.0 <= start && end <= around.1,
                "{event} is not within {around:?}"
            );
        }
        open.push((start, end));
    }
}

#[tokio::test(start_paused = true)]
async fn the_page_is_exactly_these_events() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    sleep(3).await;
    page().await;
    let run = only(&waterfalls);
    let events = events(&run.chrome_trace());
    assert_eq!(
        events[..5],
        [
            json!({ "ph": "M", "name": "process_name", "pid": 1, "tid": 0, "args": { "name": "page" } }),
            json!({ "ph": "M", "name": "thread_name", "pid": 1, "tid": 0, "args": { "name": "graph" } }),
            json!({
                "ph": "X", "name": "auto", "cat": "graph", "pid": 1, "tid": 0, "ts": 3000.0, "dur": 40000.0,
                "args": { "outcome": "done", "tasks": 3, "not_started": 0, "omitted": 0, "labels": {}, "place": run.place },
            }),
            json!({ "ph": "M", "name": "thread_name", "pid": 1, "tid": 1, "args": { "name": "user" } }),
            json!({ "ph": "M", "name": "thread_sort_index", "pid": 1, "tid": 1, "args": { "sort_index": 1 } }),
        ]
    );
    let comments: Vec<_> = events
        .iter()
        .filter(|event| event["tid"] == 3)
        .skip(2)
        .collect();
    let slice = |name: &str, category: &str, start: f64, duration: f64, args: Value| {
        json!({
            "ph": "X", "name": name, "cat": category, "pid": 1, "tid": 3, "ts": start, "dur": duration, "args": args,
        })
    };
    let poll = json!({ "count": 1, "busy_us": 0.0 });
    let expected = [
        slice(
            "waiting",
            "wait",
            3_000.0,
            20_000.0,
            json!({ "for": ["user"] }),
        ),
        slice(
            "comments",
            "task",
            23_000.0,
            10_000.0,
            json!({
                "outcome": "done", "critical": false, "slack_us": 10_000.0, "polls": 2, "wakes": 1, "error": null,
                "skipped_for": null, "omitted_graphs": 0,
            }),
        ),
        slice("poll", "poll", 23_000.0, 0.0, poll.clone()),
        slice("poll", "poll", 33_000.0, 0.0, poll),
        json!({
            "ph": "i", "s": "t", "name": "wake", "cat": "wake", "pid": 1, "tid": 3, "ts": 33_000.0,
            "args": { "count": 1 },
        }),
        json!({
            "ph": "f", "bp": "e", "name": "dependency", "cat": "dependency", "pid": 1, "tid": 3, "id": "1.0.2",
            "ts": 23_000.0,
        }),
    ];
    assert_eq!(comments, expected.iter().collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn all_slices_are_nested_and_all_arrows_join_slices() {
    let waterfalls = Waterfalls::new();
    let _guard = watch(&waterfalls);
    auto! {
        first => page().await,
        second: [first as _] => { tokio::time::advance(ms(3)).await; page().await },
        third: [first as _] => sleep(1).await,
        last: [second as _, third as _] => page().await,
    }
    .await;
    page().await;
    let events = events(&chrome_trace(&waterfalls.runs()));
    assert_nested(&events);

    let pids: BTreeSet<_> = events
        .iter()
        .map(|event| event["pid"].as_u64().unwrap())
        .collect();
    assert_eq!(pids, BTreeSet::from([1, 2]));
    let tasks = events.iter().filter(|event| event["cat"] == "task").count();
    assert_eq!(
        (tasks, of(&events, "s").len(), of(&events, "f").len()),
        (4 + 9 + 3, 4 + 6 + 2, 12)
    );
    for arrow in of(&events, "s").into_iter().chain(of(&events, "f")) {
        let ts = arrow["ts"].as_f64().unwrap();
        let slices = of(&events, "X")
            .into_iter()
            .filter(|slice| slice["tid"] == arrow["tid"] && slice["pid"] == arrow["pid"]);
        assert!(
            slices
                .map(times)
                .any(|(start, end)| start <= ts && ts <= end),
            "{arrow}"
        );
    }
    let ids: BTreeSet<_> = of(&events, "s")
        .iter()
        .map(|arrow| arrow["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 12);
}

#[test]
fn no_runs_are_an_empty_trace() {
    let none: &[conjoin_adapters::waterfall::Run] = &[];
    assert_eq!(
        chrome_trace(none),
        r#"{"displayTimeUnit":"ms","traceEvents":[]}"#
    );
}
