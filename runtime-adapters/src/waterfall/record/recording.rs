//! A run that is being recorded.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::fields::SpanFields;
use super::merged::MergedList;
use super::open_run::{OpenGraph, OpenRun, OpenTask, SpanEnd};
use super::scope::RecordScope;
use super::store::{OpenRecording, RunStore};
use crate::sync::{Arc, Mutex, lock};
use crate::waterfall::model::run::{Outcome, Wake};

/// How deeply nested graphs are recorded: drawing and dropping a run are recursive.
const MAX_DEPTH: usize = 16;

/// A root graph with everything nested in it. Its spans own it, so it ends at the latest with the last of them.
pub(super) struct Recording {
    pub(super) id: u64,
    pub(super) store: Arc<RunStore>,
    pub(super) scope: Option<Arc<RecordScope>>,
    /// The origin of the parts' times.
    started: Instant,
    labels: BTreeMap<String, String>,
    /// `None` after its end.
    parts: Mutex<Option<OpenRun>>,
}

/// The part of a recording that a span stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum PartId {
    Graph(usize),
    Task(usize),
}

impl Recording {
    /// Starts to record a root graph. `None` if there is no room.
    pub(super) fn begin(
        store: &Arc<RunStore>,
        graph: (String, usize),
        now: Instant,
        labels: BTreeMap<String, String>,
        scope: Option<Arc<RecordScope>>,
    ) -> Option<Arc<Self>> {
        store.open(now, |id| {
            Recording::new((id, Arc::clone(store)), graph, now, labels, scope)
        })
    }

    fn new(
        (id, store): (u64, Arc<RunStore>),
        (place, declared): (String, usize),
        started: Instant,
        labels: BTreeMap<String, String>,
        scope: Option<Arc<RecordScope>>,
    ) -> Self {
        let root = OpenGraph {
            place,
            function: String::new(),
            names: String::new(),
            declared,
            task: None,
            depth: 0,
            start: Duration::ZERO,
            end: None,
            omitted: 0,
        };
        let parts = OpenRun {
            graphs: vec![root],
            ..OpenRun::default()
        };
        Recording {
            id,
            store,
            scope,
            started,
            labels,
            parts: Mutex::new(Some(parts)),
        }
    }

    fn with<R>(&self, now: Instant, change: impl FnOnce(&mut OpenRun, Duration) -> R) -> Option<R> {
        let at = now.saturating_duration_since(self.started);
        lock(&self.parts).as_mut().map(|parts| change(parts, at))
    }

    pub(super) fn has_ended(&self) -> bool {
        lock(&self.parts).is_none()
    }

    /// Adds the labels of this run to those of a run within its spans, whose own labels take precedence.
    pub(super) fn lend_labels(&self, labels: &mut BTreeMap<String, String>) {
        for (name, value) in &self.labels {
            labels.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }

    /// Adds a graph within a task. `None` if it is left out.
    pub(super) fn nest(
        &self,
        task: usize,
        (place, declared): (String, usize),
        now: Instant,
    ) -> Option<PartId> {
        self.with(now, |parts, start| {
            let depth = parts.graphs[parts.tasks[task].graph].depth + 1;
            if depth > MAX_DEPTH || parts.graphs.len() > self.store.limits.tasks {
                parts.tasks[task].omitted_graphs += 1;
                return None;
            }
            parts.graphs.push(OpenGraph {
                place,
                function: String::new(),
                names: String::new(),
                declared,
                task: Some(task),
                depth,
                start,
                end: None,
                omitted: 0,
            });
            Some(PartId::Graph(parts.graphs.len() - 1))
        })?
    }

    /// Adds what the span of a graph says about it.
    pub(super) fn describe(&self, graph: usize, fields: &mut SpanFields, now: Instant) {
        let (function, names) = (fields.function.take(), fields.names.take());
        if function.is_none() && names.is_none() {
            return;
        }
        self.with(now, |parts, _| {
            let graph = &mut parts.graphs[graph];
            graph.function = function.unwrap_or(std::mem::take(&mut graph.function));
            graph.names = names.unwrap_or(std::mem::take(&mut graph.names));
        });
    }

    /// Adds a task of a graph. `None` if it is left out.
    pub(super) fn start(
        &self,
        graph: usize,
        name: impl Into<Cow<'static, str>>,
        dependencies: String,
        now: Instant,
    ) -> Option<PartId> {
        let limits = &self.store.limits;
        self.with(now, |parts, start| {
            if parts.tasks.len() >= limits.tasks {
                parts.graphs[graph].omitted += 1;
                return None;
            }
            parts.running += usize::from(graph == 0);
            parts.tasks.push(OpenTask {
                graph,
                name: name.into(),
                dependencies,
                start,
                end: None,
                error: None,
                skipped_for: None,
                entered: 0,
                entered_at: start,
                polls: MergedList::new(limits.polls),
                wakes: MergedList::new(limits.polls),
                omitted_graphs: 0,
                items: None,
            });
            Some(PartId::Task(parts.tasks.len() - 1))
        })?
    }

    /// Records that a task has items, if the fields say so. They are drawn as the tasks of a nested graph.
    pub(super) fn has_items(
        &self,
        task: usize,
        place: Option<String>,
        fields: &SpanFields,
        now: Instant,
    ) {
        let number = |field: Option<u64>| usize::try_from(field?).ok();
        let Some(count) = number(fields.items).filter(|&count| count > 0) else {
            // The number of items without a span is recorded after the number of all items.
            if let Some(without) = number(fields.items_without_span) {
                self.with(now, |parts, _| {
                    if let Some(items) = parts.tasks[task].items {
                        parts.graphs[items].omitted += without;
                    }
                });
            }
            return;
        };
        let graph = self.nest(task, (place.unwrap_or_default(), count), now);
        if let Some(PartId::Graph(graph)) = graph {
            self.with(now, |parts, _| parts.tasks[task].items = Some(graph));
        }
    }

    /// Adds an item of a task. `None` if it is left out.
    pub(super) fn start_item(
        &self,
        task: usize,
        name: &'static str,
        item: u64,
        now: Instant,
    ) -> Option<PartId> {
        let graph = self.with(now, |parts, _| parts.tasks[task].items)??;
        self.start(graph, format!("{name}[{item}]"), String::new(), now)
    }

    pub(super) fn enter(&self, task: usize, now: Instant) {
        self.with(now, |parts, at| {
            let task = &mut parts.tasks[task];
            if task.end.is_none() {
                task.entered += 1;
                if task.entered == 1 {
                    task.entered_at = at;
                }
            }
        });
    }

    pub(super) fn exit(&self, task: usize, now: Instant) {
        self.with(now, |parts, at| {
            let task = &mut parts.tasks[task];
            match task.entered {
                0 => {}
                1 => task.end_poll(at),
                _ => task.entered -= 1,
            }
        });
    }

    pub(super) fn wake(&self, task: usize, now: Instant) {
        self.with(now, |parts, at| {
            let task = &mut parts.tasks[task];
            // Wakers may outlive their task and be used after it.
            if task.end.is_none() {
                task.wakes.push(Wake { at, count: 1 });
            }
        });
    }

    /// Ends a part, if its span has an outcome or is closed. Ends the run with its root and the root's last task.
    pub(super) fn end(&self, part: PartId, ending: SpanEnd, is_closed: bool, now: Instant) {
        let outcome = ending.outcome.or(is_closed.then_some(Outcome::Cancelled));
        let is_over = self.with(now, |parts, at| {
            match part {
                PartId::Graph(graph) => {
                    let end = &mut parts.graphs[graph].end;
                    *end = end.or(outcome.map(|outcome| (at, outcome)));
                }
                PartId::Task(task) => parts.end_task(task, ending, outcome, at),
            }
            // The run does not wait until the root is closed: a span that something keeps, in the root or in a task,
            // would keep it open. But a graph that failed records its error after its outcome.
            let root = parts.graphs[0].end.map(|(_, outcome)| outcome);
            let is_root_closed = is_closed && matches!(part, PartId::Graph(0));
            is_root_closed
                || (root.is_some_and(|outcome| outcome != Outcome::Failed) && parts.running == 0)
        });
        if is_over == Some(true) {
            self.finish(now);
        }
    }
}

impl OpenRecording for Recording {
    fn scope(&self) -> Option<&RecordScope> {
        self.scope.as_deref()
    }

    /// Ends the run if its root and the root's tasks have ended, even if one of their spans is still open.
    fn finish_if_over(&self, now: Instant) {
        let is_over = |parts: &mut OpenRun, _| parts.running == 0 && parts.graphs[0].end.is_some();
        if self.with(now, is_over) == Some(true) {
            self.finish(now);
        }
    }

    /// Ends the run, with everything in it that has not ended.
    fn finish(&self, now: Instant) {
        let parts = lock(&self.parts).take();
        let Some(mut parts) = parts else { return };
        let now = now.saturating_duration_since(self.started);
        for task in &mut parts.tasks {
            if task.entered > 0 {
                task.end_poll(now);
            }
        }
        let start = self.started.saturating_duration_since(self.store.built);
        let mut run = parts.into_run(now, start, self.id);
        run.labels.clone_from(&self.labels);
        self.store.publish(&Arc::new(run), self.scope.as_deref());
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.store.forget(self.id);
    }
}
