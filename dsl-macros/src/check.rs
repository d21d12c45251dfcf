//! Names to indices, and everything that can be wrong with a graph whose tasks were read.
//!
//! An invalid dependency becomes an error placeholder, which is reported once. The task keeps its place and its body,
//! and other tasks are not affected.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};

use crate::ast::{Auto, Binding, unraw};
use crate::diagnostic::{Errors, Mistake, nearest};
use crate::graph::Graph;
use crate::syntax::code;

mod cycles;
mod each;
mod exits;
mod options;
mod ownership;
mod references;
pub(crate) mod shared;

pub(crate) use options::{Options, number};
pub(crate) use ownership::Users;

/// The checked graph, for the plan and the expansion.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) graph: Graph,
    /// The first task of each name.
    pub(crate) names: BTreeMap<String, usize>,
    /// For each task, for each of its entries in the brackets, where its value comes from.
    pub(crate) sources: Vec<Vec<Source>>,
    /// For each task, the users of its value.
    pub(crate) users: Vec<Users>,
    pub(crate) options: Options,
    /// Whether a `break` may end the graph.
    pub(crate) breaks: bool,
    /// For each task, the expression in its `#[limit(…)]`.
    pub(crate) limits: Vec<Option<TokenStream>>,
    /// The attributes of the result struct.
    pub(crate) attributes: Vec<TokenStream>,
}

impl Checked {
    /// Whether an earlier task has the same name.
    pub(crate) fn repeats(&self, name: &Ident, task: usize) -> bool {
        self.names.get(&unraw(name)) != Some(&task)
    }

    /// Whether the value of a task leaves the graph with the result. Under `#![settle]` every task has a field.
    pub(crate) fn is_in_result(&self, task: usize) -> bool {
        self.options.settle || self.users[task].taker.is_none()
    }

    /// Whether a task of `part` takes the value, so that it does not exist after the part.
    pub(crate) fn is_gone_after(&self, value: usize, part: &[usize]) -> bool {
        let taker = self.users[value].taker;
        !self.options.settle && taker.is_some_and(|taker| part.contains(&taker))
    }
}

/// Where the value of a dependency comes from.
#[derive(Debug)]
pub(crate) enum Source {
    Task(usize),
    Error(Mistake),
}

pub(crate) fn check(auto: &Auto, errors: &mut Errors) -> Checked {
    let names = names(auto, errors);
    let mut sources = sources(auto, &names, errors);
    cycles::break_cycles(auto, &mut sources, errors);
    exits::refuse_returns(auto, errors);
    each::refuse_continue(auto, errors);
    options::refuse_on_tasks(auto, errors);
    let limits = each::limits(auto, errors);
    let (options, attributes) = options::options(auto, errors);
    let breaks = exits::breaks(auto, &options, errors);
    let needs = sources.iter().map(|sources| {
        let mut needs: Vec<_> = sources.iter().filter_map(Source::task).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    });
    let graph = Graph::new(needs.collect());
    each::refuse_changes(auto, &mut sources, errors);
    let users = ownership::users(auto, &graph, &mut sources, errors);
    refuse_refutable(auto, &mut sources, errors);
    let checked = Checked {
        graph,
        names,
        sources,
        users,
        options,
        breaks,
        limits,
        attributes,
    };
    if auto.final_arm.is_none() {
        refuse_attributes_without_field(auto, &checked, errors);
    }
    checked
}

impl Source {
    pub(crate) fn task(&self) -> Option<usize> {
        match self {
            Source::Task(task) => Some(*task),
            Source::Error(_) => None,
        }
    }
}

fn names(auto: &Auto, errors: &mut Errors) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for (index, task) in auto.tasks.iter().enumerate() {
        let name = &task.name;
        if *names.entry(unraw(name)).or_insert(index) != index {
            errors.report(
                name.span(),
                &format!("two tasks are named `{name}`"),
                "rename this one",
            );
        }
    }
    names
}

fn sources(auto: &Auto, names: &BTreeMap<String, usize>, errors: &mut Errors) -> Vec<Vec<Source>> {
    let mut all = Vec::with_capacity(auto.tasks.len());
    let mut compared = 0;
    for (index, task) in auto.tasks.iter().enumerate() {
        let mut seen = BTreeSet::new();
        let sources = task.dependencies.iter().map(|dependency| {
            let name = &dependency.name;
            let text = unraw(name);
            let source = names.get(&text);
            if !seen.insert(text) && dependency.mistake.is_none() {
                let mistake = Mistake::new(
                    name.span(),
                    &format!("task `{}` lists `{name}` twice", task.name),
                    "remove one of them; a single pattern can bind several parts",
                );
                errors.push(mistake.clone());
                return Source::Error(mistake);
            }
            if let (true, Some(reported)) = (dependency.is_inferred, &dependency.mistake) {
                return Source::Error(reported.clone());
            }
            let mistake = match source {
                Some(&source) if source != index => return Source::Task(source),
                Some(_) => Mistake::new(
                    name.span(),
                    &format!("task `{name}` depends on itself"),
                    &format!("remove `{name}` from its brackets"),
                ),
                None => match &dependency.mistake {
                    Some(reported) => return Source::Error(reported.clone()),
                    None => unknown(auto, index, name, &mut compared),
                },
            };
            errors.push(mistake.clone());
            Source::Error(mistake)
        });
        all.push(sources.collect());
    }
    all
}

/// The number of unknown names for which the nearest name is looked up. The search takes quadratic time.
const MOST_COMPARED: usize = 64;

/// `compared` counts the names that were compared.
fn unknown(auto: &Auto, index: usize, name: &Ident, compared: &mut usize) -> Mistake {
    let (task, text) = (&auto.tasks[index].name, unraw(name));
    if auto.absent.iter().any(|absent| unraw(absent) == text) {
        return Mistake::new(
            name.span(),
            &format!("task `{task}` depends on `{name}`, which its `#[cfg]` disables"),
            &format!(
                "put the same `#[cfg(…)]` on `{task}`, or add a second `{task}` without `{name}` under the opposite `#[cfg(not(…))]`"
            ),
        );
    }
    *compared += 1;
    let others: Vec<_> = auto
        .tasks
        .iter()
        .enumerate()
        .filter(|(other, _)| *other != index && *compared <= MOST_COMPARED)
        .map(|(_, task)| unraw(&task.name))
        .collect();
    let help = match nearest(&text, others.iter().map(String::as_str)) {
        Some(near) => format!("write `{near}`"),
        None if auto.tasks.len() == 1 => "remove it: the graph has no other task".to_owned(),
        None => format!(
            "declare it, `{name} => …`, or remove it: list only tasks, everything else is in scope already"
        ),
    };
    Mistake::new(name.span(), &format!("no task is named `{name}`"), &help)
}

/// Reports patterns that match only `Some` or only `None`.
fn refuse_refutable(auto: &Auto, sources: &mut [Vec<Source>], errors: &mut Errors) {
    for (task, sources) in auto.tasks.iter().zip(sources) {
        for (dependency, source) in task.dependencies.iter().zip(sources) {
            let (Binding::Pattern(pattern), Some(of)) = (&dependency.binding, source.task()) else {
                continue;
            };
            if !pattern.is_some_or_none() {
                continue;
            }
            let name = &dependency.name;
            let text = code(&pattern.tokens);
            let pattern: Vec<_> = pattern.tokens.clone().into_iter().collect();
            let because = if auto.tasks[of].condition.is_some() {
                " because its task has a condition"
            } else {
                ""
            };
            let entries = task.dependencies.iter().map(|other| {
                if other.name == *name {
                    format!("{}{name}", other.access)
                } else {
                    other.to_string()
                }
            });
            let entries = entries.collect::<Vec<_>>().join(", ");
            let condition = if text.ends_with("None") {
                format!("{name}.is_none()")
            } else {
                format!("let {text} = {name}")
            };
            let and = if task.condition.is_some() {
                " && …"
            } else {
                ""
            };
            let mistake = Mistake::new(
                &pattern[..],
                &format!(
                    "the pattern `{text}` does not match every value of `{name}`, which is an `Option`{because}"
                ),
                &format!(
                    "test it in the body, or in a condition, which makes this value an `Option`, too: \
                     `{}: [{entries}] if {condition}{and} => …`",
                    task.name
                ),
            );
            errors.push(mistake.clone());
            *source = Source::Error(mistake);
        }
    }
}

/// Reports attributes on taken values, which have no field in the result struct.
fn refuse_attributes_without_field(auto: &Auto, checked: &Checked, errors: &mut Errors) {
    for (index, task) in auto
        .tasks
        .iter()
        .enumerate()
        .filter(|(index, _)| !checked.is_in_result(*index))
    {
        let taker = checked.users[index]
            .taker
            .map(|taker| auto.tasks[taker].name.to_string())
            .unwrap_or_default();
        for attribute in &task.attributes {
            let (path, name) = (&attribute.path, &task.name);
            let fact = format!(
                "`{path}` has no field to apply to: task `{taker}` takes the value of `{name}`"
            );
            options::refuse_without_target(attribute, &fact, "remove it", errors);
        }
    }
}
