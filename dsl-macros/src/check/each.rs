//! Tasks with `for`.

use proc_macro2::{Span, TokenStream};

use super::Source;
use super::options::{argument, number};
use crate::ast::{Access, Auto, Task};
use crate::diagnostic::{Errors, Mistake};

/// The expression in the `#[limit(…)]` of each task.
pub(super) fn limits(auto: &Auto, errors: &mut Errors) -> Vec<Option<TokenStream>> {
    auto.tasks.iter().map(|task| limit(task, errors)).collect()
}

fn limit(task: &Task, errors: &mut Errors) -> Option<TokenStream> {
    let mut found = None;
    let attributes = task.attributes.iter().filter(|it| it.path == "limit");
    for (index, attribute) in attributes.enumerate() {
        let (name, content) = (&task.name, &attribute.content);
        if task.each.is_none() {
            errors.report(
                attribute.span,
                &format!("`limit` on a task limits its items, but `{name}` has no `for`"),
                &format!(
                    "write `{name} for PATTERN in ITERABLE => …`; for the whole graph, write `#![{content}]` at the top of the graph"
                ),
            );
        } else if index > 0 {
            errors.report(
                attribute.span,
                &format!("`limit` is given twice for `{name}`"),
                "remove one of them",
            );
        } else {
            let what = "a number of items";
            found = argument(attribute, "#", what, "8", errors);
            if found.as_ref().and_then(number) == Some(0) {
                errors.report(
                    attribute.span,
                    "no item can run under a limit of 0",
                    "write `#[limit(1)]` to run one item at a time",
                );
                found = None;
            }
        }
    }
    found
}

/// Reports `[mut x]` on `for` tasks: items run concurrently, so none can change a value that all of them see.
pub(super) fn refuse_changes(auto: &Auto, sources: &mut [Vec<Source>], errors: &mut Errors) {
    for (task, sources) in auto.tasks.iter().zip(sources) {
        if task.each.is_none() {
            continue;
        }
        for (dependency, source) in task.dependencies.iter().zip(sources) {
            let (Access::Change(_), Source::Task(_)) = (&dependency.access, &*source) else {
                continue;
            };
            let name = &dependency.name;
            let mistake = Mistake::new(
                dependency.span(),
                &format!(
                    "the items of `{}` run concurrently and cannot all change `{name}`",
                    task.name
                ),
                &format!(
                    "write `[{name}]` so that every item can read it, or `[move {name}]` to give it to the iterable"
                ),
            );
            errors.push(mistake.clone());
            *source = Source::Error(mistake);
        }
    }
}

/// Reports a `continue` that leaves the body of a `for` task.
pub(super) fn refuse_continue(auto: &Auto, errors: &mut Errors) {
    for task in auto.tasks.iter().filter(|task| task.each.is_some()) {
        let found: Option<Span> = task.body.continue_keyword();
        if let Some(keyword) = found {
            errors.report(
                keyword,
                &format!("`continue` is not allowed in the items of `{}`", task.name),
                "end the body with the item's value, or with an `Option` that is `None` for this item",
            );
        }
    }
}
