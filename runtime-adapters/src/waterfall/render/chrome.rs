//! The Trace Event Format of `chrome://tracing`, which Perfetto reads too.

use std::borrow::Borrow;
use std::time::Duration;

use serde_json::{Value, json};

use super::rows::{Row, rows};
use crate::waterfall::model::run::Run;

/// Runs as JSON in the [Trace Event Format], for [Perfetto](https://ui.perfetto.dev) and `chrome://tracing`.
///
/// | part | event | note |
/// | --- | --- | --- |
/// | a run | a process, named by metadata (`M`) | runs are shown one below the other, each with its tasks |
/// | the graph | a complete event (`X`) on thread 0 | |
/// | a task | `X` on a thread of its own | overlapping tasks that are not nested do not fit on one thread |
/// | waiting for dependencies | `X` before it, on the same thread | |
/// | a poll | `X` within it | one event for begin and end, so none can remain open |
/// | a wake | an instant event (`i`) of the thread | |
/// | a dependency | a flow (`s`, `f`), from the last poll of the one to the start of the other | arrows |
///
/// Times are microseconds since the [`Waterfalls`](crate::waterfall::Waterfalls) were built, with nanoseconds as
/// decimals, so runs that overlapped also overlap in the picture. Tasks of a nested graph have threads below that of
/// their outer task. `args` hold the outcome, the slack, the labels, and how many polls or wakes were merged.
///
/// [Trace Event Format]: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
#[must_use]
pub fn chrome_trace(runs: &[impl Borrow<Run>]) -> String {
    let events: Vec<Value> = runs
        .iter()
        .zip(1..)
        .flat_map(|(run, pid)| {
            TraceProcess {
                run: run.borrow(),
                pid,
            }
            .events()
        })
        .collect();
    json!({ "displayTimeUnit": "ms", "traceEvents": events }).to_string()
}

impl Run {
    /// This run as a [Chrome trace](crate::waterfall::chrome_trace()).
    #[must_use]
    pub fn chrome_trace(&self) -> String {
        chrome_trace(std::slice::from_ref(self))
    }
}

struct TraceProcess<'a> {
    run: &'a Run,
    pid: usize,
}

impl TraceProcess<'_> {
    fn events(&self) -> Vec<Value> {
        let run = self.run;
        let mut events = vec![
            self.name("process_name", 0, run.title()),
            self.name("thread_name", 0, "graph"),
            self.slice(
                0,
                "auto",
                "graph",
                Duration::ZERO..run.duration,
                &json!({
                    "outcome": run.outcome.to_string(), "tasks": run.declared, "not_started": run.not_started(),
                    "omitted": run.omitted, "labels": run.labels, "place": run.place,
                }),
            ),
        ];
        let rows = rows(run);
        for (tid, row) in (1..).zip(&rows) {
            self.task(&mut events, tid, row);
        }
        self.dependencies(&mut events, &rows);
        events
    }

    fn task(&self, events: &mut Vec<Value>, tid: usize, row: &Row<'_>) {
        let task = row.task;
        let at = |time| row.origin + time;
        events.push(self.name("thread_name", tid, &task.name));
        events.push(json!({
            "ph": "M", "name": "thread_sort_index", "pid": self.pid, "tid": tid, "args": { "sort_index": tid },
        }));
        if !task.waited.is_zero() {
            let waited = row.origin..at(task.waited);
            events.push(self.slice(
                tid,
                "waiting",
                "wait",
                waited,
                &json!({ "for": task.dependencies }),
            ));
        }
        let args = json!({
            "outcome": task.outcome.to_string(), "critical": row.is_critical, "slack_us": task.slack.map(micros),
            "polls": task.poll_count(), "wakes": task.wake_count(), "error": task.error,
            "skipped_for": task.skipped_for, "omitted_graphs": task.omitted_graphs,
        });
        events.push(self.slice(
            tid,
            &task.name,
            "task",
            at(task.waited)..at(task.end),
            &args,
        ));
        for poll in &task.polls {
            let args = json!({ "count": poll.count, "busy_us": micros(poll.busy) });
            events.push(self.slice(tid, "poll", "poll", at(poll.start)..at(poll.end), &args));
        }
        for wake in &task.wakes {
            events.push(json!({
                "ph": "i", "s": "t", "name": "wake", "cat": "wake", "pid": self.pid, "tid": tid,
                "ts": self.ts(at(wake.at)), "args": { "count": wake.count },
            }));
        }
    }

    fn dependencies(&self, events: &mut Vec<Value>, rows: &[Row<'_>]) {
        for (to, row) in rows.iter().enumerate() {
            for &from in &row.dependencies {
                let task = rows[from].task;
                // An arrow must start inside a slice, and its end is not inside.
                let last = task.polls.last().map_or(task.waited, |poll| poll.start);
                let arrow = |phase: &str, row: usize, time: Duration| {
                    json!({
                        "ph": phase, "bp": "e", "name": "dependency", "cat": "dependency", "pid": self.pid,
                        "tid": row + 1, "id": format!("{}.{from}.{to}", self.pid),
                        "ts": self.ts(rows[row].origin + time),
                    })
                };
                events.extend([arrow("s", from, last), arrow("f", to, row.task.waited)]);
            }
        }
    }

    fn name(&self, what: &str, tid: usize, name: &str) -> Value {
        json!({ "ph": "M", "name": what, "pid": self.pid, "tid": tid, "args": { "name": name } })
    }

    fn slice(
        &self,
        tid: usize,
        name: &str,
        category: &str,
        time: std::ops::Range<Duration>,
        args: &Value,
    ) -> Value {
        json!({
            "ph": "X", "name": name, "cat": category, "pid": self.pid, "tid": tid,
            "ts": self.ts(time.start), "dur": micros(time.end.saturating_sub(time.start)), "args": args,
        })
    }

    fn ts(&self, time: Duration) -> f64 {
        micros(self.run.start + time)
    }
}

#[allow(clippy::cast_precision_loss, reason = "exact up to 104 days")]
fn micros(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e3
}
