//! The tasks of a run and of the graphs in it, as the rows of a picture on one time axis.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use crate::waterfall::model::run::{Run, Task};

pub(super) struct Row<'a> {
    pub(super) task: &'a Task,
    /// How many graphs enclose its own.
    pub(super) depth: usize,
    /// When its graph started, from the start of the run.
    pub(super) origin: Duration,
    /// Whether it is on the critical path of its graph, and its graph's task is on that of the enclosing one.
    pub(super) is_critical: bool,
    /// The row of the task before it on the critical path.
    pub(super) after: Option<usize>,
    /// The rows of its dependencies.
    pub(super) dependencies: Vec<usize>,
}

pub(super) fn rows(run: &Run) -> Vec<Row<'_>> {
    let mut rows = Vec::with_capacity(run.tasks.len());
    add(&mut rows, run, run, 0, true);
    rows
}

fn add<'a>(rows: &mut Vec<Row<'a>>, root: &Run, run: &'a Run, depth: usize, is_critical: bool) {
    let mut last = None;
    let mut known = HashMap::new();
    let origin = run.start.saturating_sub(root.start);
    for task in &run.tasks {
        let is_critical = is_critical && task.is_critical;
        let after = if is_critical {
            last.replace(rows.len())
        } else {
            None
        };
        let dependencies = task
            .dependencies
            .iter()
            .filter_map(|name| known.get(name).copied())
            .collect();
        known.insert(&task.name, rows.len());
        rows.push(Row {
            task,
            depth,
            origin,
            is_critical,
            after,
            dependencies,
        });
        for graph in &task.graphs {
            add(rows, root, graph, depth + 1, is_critical);
        }
    }
}

/// The names of the last rows, for the tasks that did not start: one for each task, or one for all if their names are not
/// known.
pub(super) fn not_started(run: &Run) -> Vec<Cow<'_, str>> {
    if let Some(names) = run.names_not_started() {
        return names.into_iter().map(Cow::Borrowed).collect();
    }
    match run.not_started() {
        0 => Vec::new(),
        1 => vec![Cow::Borrowed("1 task")],
        tasks => vec![Cow::Owned(format!("{tasks} tasks"))],
    }
}

/// Sentences for what the rows do not show.
pub(super) fn notes(run: &Run, rows: &[Row<'_>]) -> Vec<String> {
    let mut notes = Vec::new();
    for Row { task, .. } in rows {
        if let Some(error) = &task.error {
            notes.push(format!("{} {}: {error}", task.name, task.outcome));
        }
        if let Some(dependency) = &task.skipped_for {
            notes.push(format!("{} was skipped for {dependency}.", task.name));
        }
    }
    let merged = rows
        .iter()
        .any(|row| row.task.poll_count() > row.task.polls.len() as u64);
    let (omitted, graphs) = omitted(run);
    if omitted > 0 {
        notes.push(format!(
            "{omitted} tasks are left out: there were too many."
        ));
    }
    if graphs > 0 {
        notes.push(format!(
            "{graphs} graphs are left out: they were nested too deep, or too many."
        ));
    }
    if merged {
        notes.push("Some polls are drawn as one, paler: there were too many.".to_owned());
    }
    notes
}

fn omitted(run: &Run) -> (usize, usize) {
    run.tasks
        .iter()
        .fold((run.omitted, 0), |(tasks, graphs), task| {
            let within = task.graphs.iter().map(omitted);
            let sum = (tasks, graphs.saturating_add(task.omitted_graphs));
            within.fold(sum, |sum, more| {
                (sum.0.saturating_add(more.0), sum.1.saturating_add(more.1))
            })
        })
}
