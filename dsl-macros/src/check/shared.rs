//! Variables outside the graph that several of its tasks change.
//!
//! Bodies in one concurrent part cannot both borrow a variable mutably, even if one runs after the other. If that is
//! certain, this stage reports it with the fix, instead of rustc. If it depends on the type of the variable, the
//! expansion makes rustc check the type and report the same message.

use std::collections::{BTreeMap, BTreeSet};

use crate::ast::{Auto, Task, unraw};
use crate::diagnostic::Errors;
use crate::graph::Graph;
use crate::plan::Plan;
use crate::syntax::Change;

/// Two tasks that run concurrently and change a variable.
#[derive(Debug)]
pub(crate) struct Shared {
    /// Where the second one changes it.
    pub(crate) change: Change,
    pub(crate) fact: String,
    pub(crate) help: String,
}

/// Finds the first two tasks for each variable. Reports certain mistakes and returns uncertain ones.
pub(crate) fn refuse(
    auto: &Auto,
    graph: &Graph,
    plan: Option<&Plan>,
    errors: &mut Errors,
) -> Vec<Shared> {
    let (certain, uncertain): (Vec<_>, Vec<_>) = shared(auto, graph, plan)
        .into_iter()
        .partition(|shared| shared.change.is_certain);
    for Shared { change, fact, help } in certain {
        errors.report(change.name.span(), &fact, &help);
    }
    uncertain
}

fn shared(auto: &Auto, graph: &Graph, plan: Option<&Plan>) -> Vec<Shared> {
    let Some(plan) = plan else { return Vec::new() };
    let tasks: BTreeSet<_> = auto.tasks.iter().map(|task| unraw(&task.name)).collect();
    let mut changers: BTreeMap<String, Vec<(usize, Change)>> = BTreeMap::new();
    for (index, task) in auto.tasks.iter().enumerate() {
        for change in changes(task) {
            let text = unraw(&change.name);
            if tasks.contains(&text) {
                continue;
            }
            let changers = changers.entry(text).or_default();
            match changers.last_mut() {
                Some((last, known)) if *last == index => known.is_certain |= change.is_certain,
                _ => changers.push((index, change.clone())),
            }
        }
    }
    let mut found: Vec<_> = changers
        .values()
        .filter_map(|all| first_two(all, plan))
        .collect();
    found.sort_by_key(|[_, (second, _)]| *second);
    let shared = found.into_iter().map(|[first, second]| {
        let name = &second.1.name;
        let [a, b] = [first.0, second.0].map(|task| &auto.tasks[task].name);
        let (earlier, later) = if graph.before(first.0).contains(second.0) {
            (b, a)
        } else {
            (a, b)
        };
        Shared {
            change: Change {
                name: name.clone(),
                is_certain: first.1.is_certain && second.1.is_certain,
            },
            fact: format!("tasks `{a}` and `{b}` both change `{name}`, which is outside the graph"),
            help: format!(
                "make it the value of a task, `{name} => …`, and order the tasks that change it: \
                 `{earlier}: [mut {name}] => …`, `{later}: [mut {name}, {earlier} as _] => …`"
            ),
        }
    });
    shared.collect()
}

/// The outer variables that a task's code changes.
fn changes(task: &Task) -> impl Iterator<Item = &Change> {
    task.changes.iter().filter(|change| {
        let name = unraw(&change.name);
        let mut dependencies = task.dependencies.iter();
        !dependencies.any(|it| it.words().contains(&name))
    })
}

/// The first two of these tasks that run concurrently.
fn first_two<'c>(changers: &'c [(usize, Change)], plan: &Plan) -> Option<[&'c (usize, Change); 2]> {
    let mut pairs = changers
        .iter()
        .enumerate()
        .flat_map(|(at, second)| changers[..at].iter().map(move |first| [first, second]));
    pairs.find(|[first, second]| are_concurrent(plan, first.0, second.0))
}

/// Whether the futures of two tasks are alive at the same time.
fn are_concurrent(plan: &Plan, first: usize, second: usize) -> bool {
    let has_both = |part: &&Plan| {
        let tasks = part.tasks();
        tasks.contains(&first) && tasks.contains(&second)
    };
    match plan {
        Plan::Leaf(_) => false,
        Plan::Series(parts) => parts
            .iter()
            .find(has_both)
            .is_some_and(|part| are_concurrent(part, first, second)),
        Plan::Parallel(parts) => parts
            .iter()
            .find(has_both)
            .is_none_or(|part| are_concurrent(part, first, second)),
        Plan::Gated(_) => true,
    }
}
