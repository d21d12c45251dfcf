//! Cycles: tasks that depend on each other.

use super::Source;
use crate::ast::Auto;
use crate::diagnostic::{Errors, Mistake};

/// Walks the dependencies depth first; an edge back to a task on the current path closes a cycle. It is reported with
/// the whole path and becomes an error placeholder.
pub(super) fn break_cycles(auto: &Auto, sources: &mut [Vec<Source>], errors: &mut Errors) {
    #[derive(Clone, Copy, PartialEq)]
    enum Visit {
        New,
        OnPath,
        Done,
    }
    let mut visits = vec![Visit::New; sources.len()];
    for root in 0..sources.len() {
        if visits[root] != Visit::New {
            continue;
        }
        // The path from the root: each task with the index of its next unvisited entry.
        let mut path = vec![(root, 0)];
        visits[root] = Visit::OnPath;
        while let Some((task, entry)) = path.last_mut() {
            let (task, at) = (*task, *entry);
            *entry += 1;
            let Some(source) = sources[task].get(at) else {
                visits[task] = Visit::Done;
                path.pop();
                continue;
            };
            match source.task() {
                Some(next) if visits[next] == Visit::New => {
                    visits[next] = Visit::OnPath;
                    path.push((next, 0));
                }
                Some(next) if visits[next] == Visit::OnPath => {
                    let cycle = path
                        .iter()
                        .map(|(task, _)| *task)
                        .skip_while(|&task| task != next)
                        .chain([next]);
                    let names: Vec<_> = cycle
                        .map(|task| auto.tasks[task].name.to_string())
                        .collect();
                    let mistake = Mistake::new(
                        auto.tasks[task].dependencies[at].name.span(),
                        &format!(
                            "tasks depend on each other in a cycle: `{}`",
                            names.join(" -> ")
                        ),
                        &how_to_break(auto, task, at),
                    );
                    errors.push(mistake.clone());
                    sources[task][at] = Source::Error(mistake);
                }
                _ => {}
            }
        }
    }
}

/// The help for a cycle: how to remove the dependency that closes it.
fn how_to_break(auto: &Auto, task: usize, entry: usize) -> String {
    let (name, entry) = (
        &auto.tasks[task].name,
        &auto.tasks[task].dependencies[entry],
    );
    let needed = &entry.name;
    let how = if entry.is_inferred {
        format!("do not use `{needed}` in the body of `{name}`")
    } else {
        format!("remove `{needed}` from the brackets of `{name}`")
    };
    format!("{how}, or split a task in two")
}
