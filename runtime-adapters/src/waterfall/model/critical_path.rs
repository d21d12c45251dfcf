//! The critical path and the slack of the other tasks.

use std::collections::HashMap;
use std::time::Duration;

use super::run::{Outcome, Run, Task};

/// Marks the critical path and computes the slack, by the critical path method, from the measured durations.
pub(in crate::waterfall) fn mark(run: &mut Run) {
    let Some(last) = last(run) else { return };
    let dependencies = dependencies(&run.tasks);
    let horizon = end(run, last);

    // The last dependency to end is the one that started the task.
    let latest = |task: usize| {
        let of = &dependencies[task];
        of.iter().copied().reduce(|best, other| {
            if end(run, other) > end(run, best) {
                other
            } else {
                best
            }
        })
    };
    // How late each task may end. Dependencies come first in the list, so going backwards, everything that follows a
    // task is known.
    let mut may_end = vec![horizon; run.tasks.len()];
    for task in (0..run.tasks.len())
        .rev()
        .filter(|&task| counts(run, &run.tasks[task]))
    {
        let Some(latest) = latest(task) else { continue };
        // The gap between the two, such as the wait for a permit, counts as part of the task.
        let takes = end(run, task).saturating_sub(end(run, latest));
        let may_start = may_end[task].saturating_sub(takes);
        for &dependency in &dependencies[task] {
            may_end[dependency] = may_end[dependency].min(may_start);
        }
    }
    let critical: Vec<usize> = std::iter::successors(Some(last), |&task| latest(task)).collect();

    let slack: Vec<_> = (0..run.tasks.len())
        .map(|task| may_end[task].saturating_sub(end(run, task)))
        .collect();
    for (task, slack) in run.tasks.iter_mut().zip(slack) {
        task.slack = task.outcome.is_own_end().then_some(slack);
    }
    for task in critical {
        run.tasks[task].is_critical = true;
    }
}

/// The task that determined the graph's end: the one that made it fail, else the last to end, and the first of several.
fn last(run: &Run) -> Option<usize> {
    let mut tasks = run
        .tasks
        .iter()
        .enumerate()
        .filter(|(_, task)| counts(run, task));
    let failed = tasks
        .clone()
        .filter(|(_, task)| matches!(task.outcome, Outcome::Failed | Outcome::Panicked));
    if is_cut_short(run) {
        if let Some((failed, _)) = failed.min_by_key(|(_, task)| task.end) {
            return Some(failed);
        }
    }
    let first = tasks.next()?.0;
    Some(tasks.fold(first, |best, (task, _)| {
        if end(run, task) > end(run, best) {
            task
        } else {
            best
        }
    }))
}

/// Whether a task's failure ended the graph.
fn is_cut_short(run: &Run) -> bool {
    matches!(run.outcome, Outcome::Failed | Outcome::Panicked)
}

/// Whether the graph's end waited for this task. It did not for tasks that it dropped or that did not run.
fn counts(run: &Run, task: &Task) -> bool {
    task.outcome.is_own_end()
        || (!matches!(task.outcome, Outcome::Skipped | Outcome::NotRun) && !is_cut_short(run))
}

/// When a task ended. Tasks that are dropped with the graph end together, in whatever order they are dropped.
fn end(run: &Run, task: usize) -> Duration {
    let task = &run.tasks[task];
    if task.outcome.is_own_end() || is_cut_short(run) {
        task.end
    } else {
        run.duration
    }
}

/// The dependencies of each task, all of which are before it in the list.
fn dependencies(tasks: &[Task]) -> Vec<Vec<usize>> {
    let mut known = HashMap::new();
    let mut all = Vec::with_capacity(tasks.len());
    for (index, task) in tasks.iter().enumerate() {
        all.push(
            task.dependencies
                .iter()
                .filter_map(|name| known.get(name.as_str()).copied())
                .collect(),
        );
        known.insert(task.name.as_str(), index);
    }
    all
}
