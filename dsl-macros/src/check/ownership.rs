//! Who reads, changes and takes each value, and the proof that no two tasks get in each other's way.
//!
//! A task that changes a value must be ordered against all others that use it, the one that takes it must come after
//! them: then exclusive access is a matter of borrowing, and no lock is ever waited for.

use fixedbitset::FixedBitSet;

use super::Source;
use crate::ast::{Access, Auto, Binding, Dependency};
use crate::graph::Graph;
use crate::report::{Errors, Mistake};

/// The tasks that use the value of another, those that only come after it not counted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    /// All of them, earlier ones first.
    pub(crate) all: Vec<usize>,
    /// Those of them that get the value as `&mut T`.
    pub(crate) changers: Vec<usize>,
    /// The one that gets it as `T`.
    pub(crate) taker: Option<usize>,
}

impl Users {
    /// Whether a task has the value for itself while it runs.
    pub(crate) fn is_exclusive(&self, task: usize) -> bool {
        self.taker == Some(task) || self.changers.contains(&task)
    }

    /// Whether the value has to be passed on among these tasks: several of them use it, and one of those has it for
    /// itself.
    pub(crate) fn pass_on_among(&self, part: &FixedBitSet) -> bool {
        let users = || self.all.iter().copied().filter(|&task| part.contains(task));
        users().count() > 1 && users().any(|task| self.is_exclusive(task))
    }
}

/// The users of each task's value. An entry that is in conflict with another becomes a hole; what it orders stays.
pub(super) fn users(auto: &Auto, graph: &Graph, sources: &mut [Vec<Source>], errors: &mut Errors) -> Vec<Users> {
    let mut all = vec![Users::default(); auto.tasks.len()];
    for &task in graph.order() {
        let entries = auto.tasks[task].dependencies.iter().zip(&mut sources[task]);
        for (dependency, entry) in entries.filter(|(dependency, _)| dependency.is_use()) {
            let Some(source) = entry.task() else { continue };
            let users = &mut all[source];
            match (&dependency.access, users.taker) {
                (Access::Take(_), Some(taker)) => {
                    let hole = two_takers(auto, dependency, taker, task);
                    errors.push(hole.clone());
                    *entry = Source::Hole(hole);
                    continue;
                }
                (Access::Take(_), None) => users.taker = Some(task),
                (Access::Change(_), _) => users.changers.push(task),
                (Access::Read, _) => {}
            }
            users.all.push(task);
        }
    }
    for (source, users) in all.iter().enumerate() {
        order(auto, graph, source, users, sources, errors);
    }
    all
}

fn two_takers(auto: &Auto, dependency: &Dependency, first: usize, second: usize) -> Mistake {
    let name = &dependency.name;
    let (first, second) = (&auto.tasks[first].name, &auto.tasks[second].name);
    Mistake::new(
        dependency.place(),
        &format!("tasks `{first}` and `{second}` both take `{name}`"),
        &format!("only one can: write `[{name}]` in the other, which borrows it, or let `{name}` make two values"),
    )
}

/// Reports the users of one value that are not ordered as they have to be, with the edges that would order them, as few
/// as will do.
fn order(auto: &Auto, graph: &Graph, source: usize, users: &Users, sources: &mut [Vec<Source>], errors: &mut Errors) {
    let mut line: Vec<_> = users.all.iter().copied().filter(|&task| users.taker != Some(task)).collect();
    line.extend(users.taker);
    // What comes before what when all that was reported is put right.
    let mut before: Vec<_> = line.iter().map(|&task| graph.before(task).clone()).collect();
    for later in 1..line.len() {
        let task = line[later];
        let mut beside = Vec::new();
        for earlier in (0..later).rev() {
            let other = line[earlier];
            if before[later].contains(other) || !users.is_exclusive(other) && !users.is_exclusive(task) {
                continue;
            }
            if graph.before(other).contains(task) {
                // Only the taker stands in line after tasks that come after it.
                refuse(source, other, used_after(auto, source, task, other), sources, errors);
                continue;
            }
            let all_before = before[earlier].clone();
            before[later].union_with(&all_before);
            before[later].insert(other);
            beside.insert(0, other);
        }
        if !beside.is_empty() {
            refuse(source, task, unordered(auto, source, users, &beside, task), sources, errors);
        }
    }
}

/// Reports a use of `source` by `task`, and makes a hole of it.
fn refuse(source: usize, task: usize, mistake: Mistake, sources: &mut [Vec<Source>], errors: &mut Errors) {
    errors.push(mistake.clone());
    if let Some(entry) = sources[task].iter_mut().find(|entry| entry.task() == Some(source)) {
        *entry = Source::Hole(mistake);
    }
}

fn used_after(auto: &Auto, source: usize, taker: usize, user: usize) -> Mistake {
    let name = &auto.tasks[source].name;
    let (taker, user, entry) = (&auto.tasks[taker].name, &auto.tasks[user].name, entry(auto, user, source));
    let instead = match entry.access {
        Access::Read => name.to_string(),
        Access::Change(_) | Access::Take(_) => format!("mut {name}"),
    };
    Mistake::new(
        entry.place(),
        &format!("task `{user}` uses `{name}` after `{taker}` has taken it"),
        &format!("let `{taker}` borrow it, `{taker}: [{instead}]`, or end in a value that `{user}` can use instead"),
    )
}

fn unordered(auto: &Auto, source: usize, users: &Users, earlier: &[usize], later: usize) -> Mistake {
    let name_of = |task: usize| auto.tasks[task].name.to_string();
    let (exclusive, does) = match earlier {
        _ if users.taker == Some(later) => (later, "takes"),
        [one] if !users.is_exclusive(later) => (*one, "changes"),
        _ => (later, "changes"),
    };
    let names: Vec<_> = earlier.iter().map(|&task| format!("`{}`", name_of(task))).collect();
    let all = if earlier.len() == 1 { "both" } else { "all" };
    let mut entries: Vec<_> = auto.tasks[later].dependencies.iter().map(show).collect();
    entries.extend(earlier.iter().map(|&task| format!("{} as _", name_of(task))));
    let (name, later_name) = (name_of(source), name_of(later));
    Mistake::new(
        entry(auto, later, source).place(),
        &format!(
            "tasks {} and `{later_name}` {all} use `{name}` while `{}` {does} it",
            names.join(", "),
            name_of(exclusive)
        ),
        &format!("order them: `{later_name}: [{}]`", entries.join(", ")),
    )
}

/// The entry for `source` in the brackets of `task`.
fn entry(auto: &Auto, task: usize, source: usize) -> &Dependency {
    let name = crate::ast::unraw(&auto.tasks[source].name);
    let mut entries = auto.tasks[task].dependencies.iter();
    entries.find(|entry| crate::ast::unraw(&entry.name) == name).expect("a user of a value names it")
}

/// An entry as its user would write it, long patterns aside.
fn show(dependency: &Dependency) -> String {
    let Dependency { access, name, binding, .. } = dependency;
    let access = access.keyword().map(|keyword| format!("{keyword} ")).unwrap_or_default();
    let pattern = match binding {
        Binding::Name => String::new(),
        Binding::Order(_) => " as _".to_owned(),
        Binding::Pattern(pattern) => {
            let pattern = pattern.to_string();
            format!(" as {}", if pattern.len() <= 12 { &pattern } else { "…" })
        }
    };
    format!("{access}{name}{pattern}")
}
