//! Names to indices, and everything that can be wrong with a graph whose tasks were read.
//!
//! A dependency that cannot be had becomes a hole, which is reported once: the task that wanted it keeps its place and
//! its body, and nobody else is in doubt for it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};

use crate::ast::{Attribute, Auto, Body, unraw};
use crate::graph::Graph;
use crate::report::{Errors, Mistake};
use crate::suggest::nearest;

/// What the checks leave for the plan and the expansion.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) graph: Graph,
    /// The first task of each name.
    pub(crate) names: BTreeMap<String, usize>,
    /// For each task, for each of its entries in the brackets, where its value comes from.
    pub(crate) sources: Vec<Vec<Source>>,
    /// The type in `#![error(…)]`.
    pub(crate) error: Option<TokenStream>,
    /// The attributes of the result struct.
    pub(crate) attributes: Vec<Attribute>,
}

impl Checked {
    /// Whether the task bears the name of one before it.
    pub(crate) fn repeats(&self, name: &Ident, task: usize) -> bool {
        self.names.get(&unraw(name)) != Some(&task)
    }
}

/// Where the value of a dependency comes from.
#[derive(Debug)]
pub(crate) enum Source {
    Task(usize),
    Hole(Mistake),
}

/// The options that are attributes of the graph itself; all others go to the result struct.
const OPTIONS: [&str; 4] = ["error", "limit", "name_errors", "settle"];

pub(crate) fn check(auto: &Auto, errors: &mut Errors) -> Checked {
    let names = names(auto, errors);
    let mut sources = sources(auto, &names, errors);
    break_cycles(auto, &mut sources, errors);
    for body in auto.bodies() {
        refuse_return(body, errors);
    }
    let (error, attributes) = options(auto, errors);
    let needs = sources.iter().map(|sources| {
        let mut needs: Vec<_> = sources.iter().filter_map(Source::task).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    });
    Checked { graph: Graph::new(needs.collect()), names, sources, error, attributes }
}

impl Source {
    pub(crate) fn task(&self) -> Option<usize> {
        match self {
            Source::Task(task) => Some(*task),
            Source::Hole(_) => None,
        }
    }
}

fn names(auto: &Auto, errors: &mut Errors) -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for (index, task) in auto.tasks.iter().enumerate() {
        let name = &task.name;
        if *names.entry(unraw(name)).or_insert(index) != index {
            errors.report(name.span(), &format!("two tasks are named `{name}`"), "give this one a name of its own");
        }
    }
    names
}

fn sources(auto: &Auto, names: &BTreeMap<String, usize>, errors: &mut Errors) -> Vec<Vec<Source>> {
    let mut all = Vec::with_capacity(auto.tasks.len());
    for (index, task) in auto.tasks.iter().enumerate() {
        let mut seen = BTreeSet::new();
        let sources = task.dependencies.iter().map(|dependency| {
            let name = &dependency.name;
            if !seen.insert(unraw(name)) && dependency.mistake.is_none() {
                errors.report(
                    name.span(),
                    &format!("task `{}` lists `{name}` twice", task.name),
                    "remove one of the two; one pattern can bind several parts",
                );
            }
            let hole = match names.get(&unraw(name)) {
                Some(&source) if source != index => return Source::Task(source),
                Some(_) => Mistake::new(
                    name.span(),
                    &format!("task `{name}` depends on itself"),
                    &format!("remove `{name}` from its brackets"),
                ),
                None => match &dependency.mistake {
                    Some(reported) => return Source::Hole(reported.clone()),
                    None => unknown(auto, index, name),
                },
            };
            errors.push(hole.clone());
            Source::Hole(hole)
        });
        all.push(sources.collect());
    }
    all
}

fn unknown(auto: &Auto, index: usize, name: &Ident) -> Mistake {
    let (task, text) = (&auto.tasks[index].name, unraw(name));
    if auto.absent.iter().any(|absent| unraw(absent) == text) {
        return Mistake::new(
            name.span(),
            &format!("task `{task}` depends on `{name}`, which is disabled by its `#[cfg]`"),
            &format!("give `{task}` the same `#[cfg(…)]`, or a twin without `{name}` under the opposite one"),
        );
    }
    let others: Vec<_> =
        auto.tasks.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, task)| unraw(&task.name)).collect();
    let help = match nearest(&text, others.iter().map(String::as_str)) {
        Some(near) => format!("a task with a similar name exists: `{near}`"),
        None if others.is_empty() => "there is no other task in this graph".to_owned(),
        None => format!(
            "declare it, `{name} => …`, or remove it: only tasks are listed, everything else is in scope anyway"
        ),
    };
    Mistake::new(name.span(), &format!("task `{task}` depends on `{name}`, and no task has that name"), &help)
}

/// Walks the dependencies depth first; each edge back to a task on the current path closes a cycle, is reported with the
/// whole path and becomes a hole.
fn break_cycles(auto: &Auto, sources: &mut [Vec<Source>], errors: &mut Errors) {
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
        // The path from the root, each task with the entry of its brackets that is next to be followed.
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
                    let cycle = path.iter().map(|(task, _)| *task).skip_while(|&task| task != next).chain([next]);
                    let names: Vec<_> = cycle.map(|task| auto.tasks[task].name.to_string()).collect();
                    let hole = Mistake::new(
                        auto.tasks[task].dependencies[at].name.span(),
                        &format!("tasks wait for each other in a cycle: `{}`", names.join(" -> ")),
                        &format!(
                            "one of them must do without: remove `{}` from the brackets of `{}`, or split a task in two",
                            auto.tasks[next].name, auto.tasks[task].name
                        ),
                    );
                    errors.push(hole.clone());
                    sources[task][at] = Source::Hole(hole);
                }
                _ => {}
            }
        }
    }
}

fn refuse_return(body: &Body, errors: &mut Errors) {
    if let Some(place) = body.return_keyword() {
        errors.report(
            place,
            "`return` cannot leave a task",
            "let the body end in the value; for an error write `Err(error)?` and name its type, `#![error(Type)]`; to leave \
             early, put the code in an `async fn`, or in a labelled block and `break 'label value`",
        );
    }
}

fn options(auto: &Auto, errors: &mut Errors) -> (Option<TokenStream>, Vec<Attribute>) {
    let mut error = None;
    let mut passed_on = Vec::new();
    let mut seen = BTreeSet::new();
    for attribute in &auto.attributes {
        let path = attribute.path.as_str();
        if OPTIONS.contains(&path) && !seen.insert(path) {
            errors.report(attribute.span, &format!("the option `{path}` is given twice"), "remove one of the two");
            continue;
        }
        match path {
            "error" => match attribute.arguments.as_ref().filter(|arguments| !arguments.is_empty()) {
                Some(arguments) => error = Some(arguments.clone()),
                None => errors.report(attribute.span, "`error` needs the error's type", "write `#![error(AppError)]`"),
            },
            "limit" | "name_errors" | "settle" => {
                errors.report(attribute.span, &format!("the option `{path}` is not supported yet"), "remove it");
            }
            "cfg" => errors.report(
                attribute.span,
                "`cfg` cannot take a whole graph out",
                "write `#[cfg(…)]` on a task, or on the statement around the macro",
            ),
            _ => match misspelled(path) {
                Some(near) => errors.report(
                    attribute.span,
                    &format!("unknown option `{path}`"),
                    &format!("an option with a similar name exists: `#![{near}]`"),
                ),
                None => passed_on.push(attribute.clone()),
            },
        }
    }
    if auto.final_arm.is_some() {
        refuse_attributes_without_struct(auto, &passed_on, errors);
    }
    (error, passed_on)
}

/// The option that an attribute's name was meant to be. Attributes that exist are not in doubt.
fn misspelled(path: &str) -> Option<&'static str> {
    let known = [
        "allow",
        "cfg_attr",
        "deny",
        "derive",
        "doc",
        "expect",
        "forbid",
        "must_use",
        "non_exhaustive",
        "repr",
        "serde",
        "warn",
    ];
    if known.contains(&path) { None } else { nearest(path, OPTIONS) }
}

fn refuse_attributes_without_struct(auto: &Auto, passed_on: &[Attribute], errors: &mut Errors) {
    let on_fields = auto.tasks.iter().flat_map(|task| &task.attributes);
    for attribute in passed_on.iter().chain(on_fields) {
        if attribute.path != "doc" && !attribute.is_lint_level() {
            errors.report(
                attribute.span,
                &format!("there is no struct for `{}` in a graph with a final arm", attribute.path),
                "remove it, or remove the final arm",
            );
        }
    }
}
