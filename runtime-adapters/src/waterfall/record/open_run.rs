//! The graphs and tasks of an open run, and their conversion to a run.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use super::merged::MergedList;
use crate::waterfall::model::critical_path;
use crate::waterfall::model::run::{Outcome, Poll, Run, Task, Wake};

/// The graphs and tasks, to which spans refer by index. The first graph is the root.
#[derive(Default)]
pub(super) struct OpenRun {
    pub(super) graphs: Vec<OpenGraph>,
    pub(super) tasks: Vec<OpenTask>,
    /// How many tasks of the root have not ended.
    pub(super) running: usize,
}

pub(super) struct OpenGraph {
    pub(super) place: String,
    pub(super) function: String,
    /// The names of its tasks, joined by `, `.
    pub(super) names: String,
    pub(super) declared: usize,
    /// The task that it is nested in.
    pub(super) task: Option<usize>,
    pub(super) depth: usize,
    pub(super) start: Duration,
    pub(super) end: Option<(Duration, Outcome)>,
    pub(super) omitted: usize,
}

pub(super) struct OpenTask {
    pub(super) graph: usize,
    pub(super) name: Cow<'static, str>,
    pub(super) dependencies: String,
    pub(super) start: Duration,
    pub(super) end: Option<(Duration, Outcome)>,
    pub(super) error: Option<String>,
    pub(super) skipped_for: Option<String>,
    /// How many times its span is currently entered, and since when. More than once if its body spawns within it.
    pub(super) entered: usize,
    pub(super) entered_at: Duration,
    pub(super) polls: MergedList<Poll>,
    pub(super) wakes: MergedList<Wake>,
    pub(super) omitted_graphs: usize,
    /// The nested graph that represents its items, if it has any.
    pub(super) items: Option<usize>,
}

/// The fields that a span records at its end, or before.
pub(super) struct SpanEnd {
    pub(super) outcome: Option<Outcome>,
    pub(super) error: Option<String>,
    pub(super) skipped_for: Option<String>,
}

impl OpenRun {
    pub(super) fn end_task(
        &mut self,
        index: usize,
        ending: SpanEnd,
        outcome: Option<Outcome>,
        at: Duration,
    ) {
        let task = &mut self.tasks[index];
        task.error = ending.error.or(task.error.take());
        task.skipped_for = ending.skipped_for.or(task.skipped_for.take());
        if let (None, Some(outcome)) = (task.end, outcome) {
            if task.entered > 0 {
                task.end_poll(at);
            }
            task.entered = 0;
            // Tokio's paused clock differs on threads outside of the runtime.
            task.end = Some((at.max(task.start), outcome));
            if let Some(items) = task.items {
                self.graphs[items].end = task.end;
            }
            self.running -= usize::from(task.graph == 0);
        }
    }

    /// Converts it to a tree of runs. Graphs come after the graphs around them, so they are placed from the last to the
    /// first.
    pub(super) fn into_run(self, now: Duration, start: Duration, id: u64) -> Run {
        let mut runs: Vec<Run> = self
            .graphs
            .iter()
            .map(|graph| graph.run(now, start, id))
            .collect();
        let mut places = Vec::with_capacity(self.tasks.len());
        for task in self.tasks {
            let graph = &self.graphs[task.graph];
            let run = &mut runs[task.graph];
            places.push((task.graph, run.tasks.len()));
            let end = graph.end.map_or(now, |(end, _)| end);
            run.tasks.push(task.ended(graph.start, end));
        }
        while let (Some(mut run), Some(graph)) = (runs.pop(), self.graphs.get(runs.len())) {
            let last = run.tasks.iter().map(|task| task.end).max();
            run.duration = run.duration.max(last.unwrap_or_default());
            critical_path::mark(&mut run);
            // They were added from the last to the first.
            run.tasks.iter_mut().for_each(|task| task.graphs.reverse());
            let Some(task) = graph.task else { return run };
            let (outer, task) = places[task];
            runs[outer].tasks[task].graphs.push(run);
        }
        unreachable!("the first graph is in no task")
    }
}

impl OpenGraph {
    fn run(&self, now: Duration, start: Duration, id: u64) -> Run {
        let (end, outcome) = self.end.unwrap_or((now, Outcome::Unfinished));
        Run {
            id,
            place: self.place.clone(),
            function: self.function.clone(),
            names: split(&self.names),
            labels: BTreeMap::new(),
            start: start + self.start,
            duration: end.saturating_sub(self.start),
            outcome,
            declared: self.declared,
            tasks: Vec::new(),
            omitted: self.omitted,
        }
    }
}

impl OpenTask {
    pub(super) fn end_poll(&mut self, at: Duration) {
        self.entered = 0;
        // Threads may get here in another order than they read the clock.
        let (start, end) = (self.entered_at, at.max(self.entered_at));
        self.polls.push(Poll {
            start,
            end,
            busy: end.saturating_sub(start),
            count: 1,
        });
    }

    /// Converts it to a task, with times from the start of its graph.
    fn ended(self, origin: Duration, graph_end: Duration) -> Task {
        let since = |time: Duration| time.saturating_sub(origin);
        let (end, outcome) = self
            .end
            .unwrap_or((graph_end.max(self.start), Outcome::Unfinished));
        let polls = self.polls.into_vec().into_iter();
        let wakes = self.wakes.into_vec().into_iter();
        Task {
            name: self.name.into_owned(),
            dependencies: split(&self.dependencies),
            waited: since(self.start),
            end: since(end),
            outcome,
            error: self.error,
            skipped_for: self.skipped_for,
            polls: polls
                .map(|poll| Poll {
                    start: since(poll.start),
                    end: since(poll.end),
                    ..poll
                })
                .collect(),
            wakes: wakes
                .map(|wake| Wake {
                    at: since(wake.at),
                    ..wake
                })
                .collect(),
            slack: None,
            is_critical: false,
            graphs: Vec::new(),
            omitted_graphs: self.omitted_graphs,
        }
    }
}

/// Names that are joined by `, `.
fn split(names: &str) -> Vec<String> {
    let names = names.split(", ").filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}
