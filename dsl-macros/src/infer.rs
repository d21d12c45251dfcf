//! Adds the dependencies that tasks use without listing them.
//!
//! With `[..]`, or without brackets in a graph with `#![infer]`, this stage adds them to the listed ones. Elsewhere,
//! the name of an unlisted task is a mistake: it would mean an outer variable, or nothing. A dependency that is listed
//! and not used only delays the task; [`idle`](crate::emit) warns of it.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Span, TokenTree};

use crate::ast::{Access, Auto, Binding, Dependency, Task, unraw};
use crate::diagnostic::{Errors, Mistake, nearest};
use crate::parse::abbreviate;
use crate::syntax::token::{is_name, punct};
use crate::syntax::{Certainty, Code, Names, Use, code};

/// The number of names to compare with each other, which takes quadratic time.
const MOST_COMPARED: usize = 32;

pub(crate) fn infer(auto: &mut Auto, errors: &mut Errors) {
    let in_all = auto.attributes.iter().any(|it| it.path == "infer");
    let names: BTreeSet<_> = auto.tasks.iter().map(|task| unraw(&task.name)).collect();
    for task in &mut auto.tasks {
        let infers = task.infers || in_all && !task.has_brackets;
        if !infers {
            move_late_brackets(task, &names, errors);
        }
        // While a pattern is being typed, it looks like an expression.
        let is_read = task
            .before_body()
            .into_iter()
            .chain([&task.body])
            .all(|code| code.tree().is_some());
        let mut names_in_code = task.names();
        task.changes = names_in_code.take_changes();
        let found = names_in_code.into_uses();
        let mentioned: BTreeSet<_> = found.iter().map(|it| &*it.text).collect();
        // The names that need no listing: the task's own, those in its brackets, and the bindings of patterns there.
        let mut known = BTreeSet::from([unraw(&task.name)]);
        for dependency in &mut task.dependencies {
            let name = unraw(&dependency.name);
            let is_listed =
                matches!(dependency.binding, Binding::Name) && dependency.mistake.is_none();
            dependency.is_idle = is_listed && !mentioned.contains(&*name);
            known.insert(name);
            if let Binding::Pattern(pattern) = &dependency.binding {
                known.extend(pattern.words());
            }
        }
        for Use {
            name,
            text,
            certainty,
            is_called,
        } in found
        {
            if known.contains(&text) || !names.contains(&text) || certainty == Certainty::Possible {
                continue;
            }
            // A misspelled entry is reported as such.
            let misspells = |entry: &Dependency| {
                let entry = unraw(&entry.name);
                !names.contains(&entry) && nearest(&entry, [&*text]).is_some()
            };
            let mistake = if infers || task.dependencies.iter().take(MOST_COMPARED).any(misspells) {
                None
            } else if is_read && certainty == Certainty::Certain && !is_called {
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
                is_idle: false,
                mistake,
            });
        }
    }
    let mut at_the_end = Names::default();
    if let Some(code) = &auto.final_arm {
        at_the_end.add(code.tokens(), code.tree());
    }
    let at_the_end = at_the_end.into_uses();
    auto.used_at_the_end = at_the_end.into_iter().map(|it| it.text).collect();
}

/// `c if ready [a] => …`: brackets with tasks at the end of a condition, which syn reads as an index.
fn move_late_brackets(task: &mut Task, names: &BTreeSet<String>, errors: &mut Errors) {
    let Some(condition) = task.condition.as_ref().filter(|_| !task.has_brackets) else {
        return;
    };
    let [before @ .., TokenTree::Group(list)] = condition.tokens() else {
        return;
    };
    let entries: Vec<_> = list.stream().into_iter().collect();
    let is_entry = |token: &TokenTree| match token {
        TokenTree::Ident(name) => {
            ["move", "mut"].iter().any(|it| name == it) || names.contains(&unraw(name))
        }
        token => punct(token, ','),
    };
    let is_list = list.delimiter() == Delimiter::Bracket && entries.iter().any(is_name);
    if !is_list || !entries.iter().all(is_entry) || before.is_empty() {
        return;
    }
    let text = abbreviate(&code(&before.iter().cloned().collect()));
    let mistake = Mistake::new(
        list.span(),
        &format!(
            "the dependencies of `{}` must come before its condition",
            task.name
        ),
        &format!("write `{}: {list} if {text} => …`", task.name),
    );
    errors.push(mistake.clone());
    let mut access = Access::Read;
    for token in entries {
        match token {
            TokenTree::Ident(keyword) if keyword == "mut" => access = Access::Change(keyword),
            TokenTree::Ident(keyword) if keyword == "move" => access = Access::Take(keyword),
            TokenTree::Ident(name) => task.dependencies.push(Dependency {
                access: std::mem::replace(&mut access, Access::Read),
                name,
                binding: Binding::Name,
                is_inferred: false,
                is_idle: false,
                mistake: Some(mistake.clone()),
            }),
            _ => {}
        }
    }
    task.has_brackets = true;
    task.condition = Some(Code::read(before.to_vec()));
}

fn unlisted(task: &Task, name: &str, at: Span) -> Mistake {
    let entries = task.dependencies.iter().map(ToString::to_string);
    let entries: Vec<_> = entries.chain([name.to_owned()]).collect();
    let entries = entries.join(", ");
    Mistake::new(
        at,
        &format!("task `{}` uses task `{name}` without listing it", task.name),
        &format!(
            "list it, `{}: [{entries}] => …`; if you mean a variable outside the graph, rename one of them",
            task.name
        ),
    )
}
