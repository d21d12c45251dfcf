//! Which tasks read, change and take each value, and the proof that conflicting tasks never overlap.
//!
//! A task that changes a value must be ordered against all its other users. The task that takes it must come after
//! them. Then exclusive access follows from the order, and no task waits for a lock.

use fixedbitset::FixedBitSet;

use super::Source;
use crate::ast::{Access, Auto, Dependency, unraw};
use crate::diagnostic::{Errors, Mistake};
use crate::graph::Graph;

/// The users of a value. Tasks that only wait for it (`as _`) do not count.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    /// All users, in topological order.
    pub(crate) all: Vec<usize>,
    /// The users that get the value as `&mut T`.
    pub(crate) changers: Vec<usize>,
    /// The user that gets it as `T`.
    pub(crate) taker: Option<usize>,
}

impl Users {
    /// Whether no task needs exclusive access to the value.
    pub(crate) fn only_read(&self) -> bool {
        self.taker.is_none() && self.changers.is_empty()
    }

    /// Whether a task needs exclusive access to the value: it changes or takes it.
    pub(crate) fn is_exclusive(&self, task: usize) -> bool {
        self.taker == Some(task) || self.changers.contains(&task)
    }
}

/// The users of each task's value. An entry that conflicts with another becomes an error placeholder. The order that it
/// gives stays.
pub(super) fn users(
    auto: &Auto,
    graph: &Graph,
    sources: &mut [Vec<Source>],
    errors: &mut Errors,
) -> Vec<Users> {
    let mut all = vec![Users::default(); auto.tasks.len()];
    for &task in graph.order() {
        let entries = auto.tasks[task].dependencies.iter().zip(&mut sources[task]);
        for (dependency, entry) in entries.filter(|(dependency, _)| dependency.is_use()) {
            let Some(source) = entry.task() else { continue };
            let users = &mut all[source];
            match (&dependency.access, users.taker) {
                (Access::Take(_), Some(taker)) => {
                    let mistake = two_takers(auto, dependency, taker, task);
                    errors.push(mistake.clone());
                    *entry = Source::Error(mistake);
                    continue;
                }
                (Access::Take(_), None) => users.taker = Some(task),
                (Access::Change(_), _) => users.changers.push(task),
                (Access::Read, _) => {}
            }
            users.all.push(task);
        }
    }
    if all.iter().all(Users::only_read) {
        return all;
    }
    let mut conflicts = Conflicts::new(auto, graph, sources);
    // A taker must come last, so place the takers first, then order the other users.
    for users in &all {
        conflicts.put_taker_last(users);
    }
    for (value, users) in all.iter().enumerate() {
        conflicts.order_changers(value, users);
    }
    for (value, users) in all.iter().enumerate() {
        conflicts.order_taker(value, users);
    }
    for (value, task, mistake) in conflicts.found {
        let Some(mistake) = mistake
            .inspect(|mistake| errors.push(mistake.clone()))
            .or_else(|| errors.first().cloned())
        else {
            continue;
        };
        if let Some(entry) = sources[task]
            .iter_mut()
            .find(|entry| entry.task() == Some(value))
        {
            *entry = Source::Error(mistake);
        }
    }
    all
}

fn two_takers(auto: &Auto, dependency: &Dependency, first: usize, second: usize) -> Mistake {
    let name = &dependency.name;
    let (first, second) = (&auto.tasks[first].name, &auto.tasks[second].name);
    Mistake::new(
        dependency.span(),
        &format!("tasks `{first}` and `{second}` both take `{name}`"),
        &format!(
            "only one task can take it: write `[{name}]` in the other to borrow it, or let `{name}` produce two values"
        ),
    )
}

/// Finds users of a value that lack an order, and the edges that would order them: as few as possible, and without a
/// cycle among them.
struct Conflicts<'a> {
    auto: &'a Auto,
    graph: &'a Graph,
    /// For each task, the tasks that complete before it starts, with the proposed edges.
    before: Vec<FixedBitSet>,
    /// The same, with every taker after the other users.
    forced: Vec<FixedBitSet>,
    /// Tasks whose predecessors are unknown because of another mistake.
    doubtful: FixedBitSet,
    /// The value, the task that uses it, and the mistake: `None` if it may follow from another mistake.
    found: Vec<(usize, usize, Option<Mistake>)>,
}

impl<'a> Conflicts<'a> {
    fn new(auto: &'a Auto, graph: &'a Graph, sources: &[Vec<Source>]) -> Self {
        let tasks = 0..auto.tasks.len();
        let names: Vec<_> = auto.tasks.iter().map(|task| unraw(&task.name)).collect();
        let is_doubtful = |task: &usize| {
            let has_error = sources[*task].iter().any(|source| source.task().is_none());
            let has_twin = names.iter().filter(|name| **name == names[*task]).count() > 1;
            let has_mistake = auto.tasks[*task]
                .dependencies
                .iter()
                .any(|dependency| dependency.mistake.is_some());
            auto.has_lost_tasks || has_error || has_mistake || has_twin
        };
        let mut doubtful: FixedBitSet = tasks.clone().filter(is_doubtful).collect();
        doubtful.grow(tasks.len());
        let before: Vec<_> = tasks.map(|task| graph.before(task).clone()).collect();
        Conflicts {
            auto,
            graph,
            forced: before.clone(),
            before,
            doubtful,
            found: Vec::new(),
        }
    }

    fn put_taker_last(&mut self, users: &Users) {
        let Some(taker) = users.taker else { return };
        for &user in users.all.iter().filter(|&&user| user != taker) {
            if !self.forced[user].contains(taker) {
                add_edge(&mut self.forced, user, taker);
            }
        }
    }

    fn order_taker(&mut self, value: usize, users: &Users) {
        let Some(taker) = users.taker else { return };
        let mut beside = Vec::new();
        for &user in users.all.iter().rev().filter(|&&user| user != taker) {
            if self.before[user].contains(taker) {
                self.found
                    .push((value, user, Some(used_after(self.auto, value, taker, user))));
            } else {
                beside.push(user);
            }
        }
        self.order(value, users, &beside, taker);
    }

    fn order_changers(&mut self, value: usize, users: &Users) {
        if users.changers.is_empty() {
            return;
        }
        let mut rest: Vec<_> = users
            .all
            .iter()
            .copied()
            .filter(|&task| users.taker != Some(task))
            .collect();
        let mut line = Vec::with_capacity(rest.len());
        while let Some(next) = rest
            .iter()
            .position(|&task| !rest.iter().any(|&other| self.forced[task].contains(other)))
        {
            line.push(rest.remove(next));
        }
        for at in 1..line.len() {
            let later = line[at];
            let beside = line[..at].iter().rev().copied();
            let beside =
                beside.filter(|&earlier| users.is_exclusive(earlier) || users.is_exclusive(later));
            let beside: Vec<_> = beside.collect();
            self.order(value, users, &beside, later);
        }
    }

    /// Orders `task` after all of `earlier`, which lists the last ones first.
    fn order(&mut self, value: usize, users: &Users, earlier: &[usize], task: usize) {
        let mut missing = Vec::new();
        for &user in earlier {
            if !self.before[task].contains(user) {
                missing.insert(0, user);
                add_edge(&mut self.before, user, task);
                add_edge(&mut self.forced, user, task);
            }
        }
        let is_certain = |task: usize| {
            !self.doubtful.contains(task) && self.doubtful.is_disjoint(self.graph.before(task))
        };
        if !missing.is_empty() && is_certain(task) && missing.iter().all(|&user| is_certain(user)) {
            let mistake = unordered(self.auto, value, users, &missing, task);
            self.found.push((value, task, Some(mistake)));
        } else if !earlier
            .iter()
            .all(|&user| self.graph.before(task).contains(user))
        {
            self.found.push((value, task, None));
        }
    }
}

/// Orders `later` and its successors after `earlier` and its predecessors.
fn add_edge(before: &mut [FixedBitSet], earlier: usize, later: usize) {
    let mut all = before[earlier].clone();
    all.insert(earlier);
    for (task, before) in before.iter_mut().enumerate() {
        if task == later || before.contains(later) {
            before.union_with(&all);
        }
    }
}

fn used_after(auto: &Auto, source: usize, taker: usize, user: usize) -> Mistake {
    let name = &auto.tasks[source].name;
    let entry = entry(auto, user, source);
    let borrowed = match entry.access {
        Access::Read => name.to_string(),
        Access::Change(_) | Access::Take(_) => format!("mut {name}"),
    };
    let entries = auto.tasks[taker].dependencies.iter();
    let entries = entries.map(|entry| {
        if entry.name == *name {
            borrowed.clone()
        } else {
            entry.to_string()
        }
    });
    let entries = entries.collect::<Vec<_>>().join(", ");
    let (taker, user) = (&auto.tasks[taker].name, &auto.tasks[user].name);
    Mistake::new(
        entry.span(),
        &format!("task `{user}` uses `{name}` after `{taker}` takes it"),
        &format!(
            "let `{taker}` borrow it, `{taker}: [{entries}]`, or end `{taker}` with a value that `{user}` can use"
        ),
    )
}

fn unordered(
    auto: &Auto,
    source: usize,
    users: &Users,
    earlier: &[usize],
    later: usize,
) -> Mistake {
    let name_of = |task: usize| auto.tasks[task].name.to_string();
    let (exclusive, does) = match earlier {
        _ if users.taker == Some(later) => (later, "takes"),
        [one] if !users.is_exclusive(later) => (*one, "changes"),
        _ => (later, "changes"),
    };
    let names: Vec<_> = earlier
        .iter()
        .map(|&task| format!("`{}`", name_of(task)))
        .collect();
    let all = if earlier.len() == 1 { "both" } else { "all" };
    let mut entries: Vec<_> = auto.tasks[later]
        .dependencies
        .iter()
        .map(ToString::to_string)
        .collect();
    entries.extend(
        earlier
            .iter()
            .map(|&task| format!("{} as _", name_of(task))),
    );
    let (name, later_name) = (name_of(source), name_of(later));
    Mistake::new(
        entry(auto, later, source).span(),
        &format!(
            "tasks {} and `{later_name}` must run in order: {all} use `{name}`, and `{}` {does} it",
            names.join(", "),
            name_of(exclusive)
        ),
        &format!("write `{later_name}: [{}]`", entries.join(", ")),
    )
}

/// The entry for the value of `source` in the brackets of `task`.
fn entry(auto: &Auto, task: usize, source: usize) -> &Dependency {
    let name = unraw(&auto.tasks[source].name);
    let mut entries = auto.tasks[task].dependencies.iter();
    entries
        .find(|entry| unraw(&entry.name) == name)
        .expect("a user of a value names it")
}
