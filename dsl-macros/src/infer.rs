//! The dependencies that a task does not list but uses.
//!
//! With `[..]`, or in a graph with `#![infer]` without brackets, they are added to those listed. Elsewhere, the name of a
//! task that is not listed is a mistake: it would be another variable of that name, or none.

use std::collections::BTreeSet;

use crate::ast::{Access, Auto, Binding, Dependency, Task, unraw};
use crate::diagnostic::{Errors, Mistake, nearest};
use crate::syntax::{Names, Use};

pub(crate) fn infer(auto: &mut Auto, errors: &mut Errors) {
    let in_all = auto.attributes.iter().any(|it| it.path == "infer");
    let names: BTreeSet<_> = auto.tasks.iter().map(|task| unraw(&task.name)).collect();
    for task in &mut auto.tasks {
        let infers = task.infers || in_all && !task.has_brackets;
        let mut known = known(task);
        for Use {
            name,
            is_certain,
            is_called,
        } in uses(task)
        {
            let text = unraw(&name);
            if !names.contains(&text) || known.contains(&text) {
                continue;
            }
            // A misspelled entry is reported as such.
            let misspells = |entry: &Dependency| {
                let entry = unraw(&entry.name);
                !names.contains(&entry) && nearest(&entry, [&*text]).is_some()
            };
            let mistake = if infers || task.dependencies.iter().any(misspells) {
                None
            } else if is_certain && !is_called {
                let mistake = unlisted(task, &name.to_string(), name.span());
                errors.push(mistake.clone());
                Some(mistake)
            } else {
                continue;
            };
            known.insert(text);
            task.dependencies.push(Dependency {
                access: Access::Read,
                name,
                binding: Binding::Name,
                is_inferred: true,
                mistake,
            });
        }
    }
}

/// The names in a task's code that it does not bind itself.
fn uses(task: &Task) -> Vec<Use> {
    let mut names = Names::default();
    for code in task.condition.iter().chain([&task.body]) {
        names.add(code.tokens(), code.tree());
    }
    names.into_uses()
}

/// The names that are no uses of a task: the task's own, those in its brackets, and what patterns there bind.
fn known(task: &Task) -> BTreeSet<String> {
    let mut known = BTreeSet::from([unraw(&task.name)]);
    for dependency in &task.dependencies {
        known.insert(unraw(&dependency.name));
        if let Binding::Pattern(pattern) = &dependency.binding {
            known.extend(pattern.words());
        }
    }
    known
}

fn unlisted(task: &Task, name: &str, at: proc_macro2::Span) -> Mistake {
    let entries = task.dependencies.iter().map(ToString::to_string);
    let entries: Vec<_> = entries.chain([name.to_owned()]).collect();
    let entries = entries.join(", ");
    Mistake::new(
        at,
        &format!("task `{}` uses task `{name}` without listing it", task.name),
        &format!(
            "list it, `{}: [{entries}] => …`; if a variable outside the graph is meant, rename one of the two",
            task.name
        ),
    )
}
