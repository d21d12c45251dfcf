//! The entries of the brackets.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};

use super::dependencies::Brackets;
use super::names::{can_be_raw, quoted_name};
use super::{Parser, abbreviate, shorten};
use crate::ast::{Access, Binding, Dependency};
use crate::diagnostic::Mistake;
use crate::syntax::token::{is_keyword, operator, punct, word};
use crate::syntax::{Code, Pattern, code};

impl Parser<'_, '_> {
    /// The dependencies in the brackets of `task`.
    pub(super) fn list(&mut self, list: &Group, task: &Ident) -> Brackets {
        let tokens: Vec<_> = list.stream().into_iter().collect();
        let mut brackets = Brackets {
            are_there: true,
            ..Brackets::default()
        };
        let mut rest = &tokens[..];
        while let Some(first) = rest.first() {
            let end = entry_end(rest);
            if end == 0 {
                self.errors
                    .report(first, "this `,` has no dependency before it", "remove it");
            } else if end == 2 && operator(rest, 0, ['.', '.']) {
                if std::mem::replace(&mut brackets.infer, true) {
                    let fact = format!("task `{task}` lists `..` twice");
                    self.errors
                        .report(&rest[..end], &fact, "remove one of them");
                }
            } else {
                let keyword = rest[..end].iter().position(|token| word(token, "if"));
                let condition = keyword.map(|at| &rest[at + 1..end]);
                if let Some(condition) = condition.filter(|it| !it.is_empty()) {
                    brackets.condition = Some(Code::read(condition.to_vec()));
                }
                brackets.dependencies.extend(self.entry(&rest[..end], task));
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        brackets
    }

    /// Reads one entry of the brackets. If it holds a mistake, keeps all its names, so that the body finds them.
    fn entry(&mut self, tokens: &[TokenTree], task: &Ident) -> Vec<Dependency> {
        let (access, rest) = access(tokens);
        let mistake = match rest {
            [TokenTree::Ident(name), rest @ ..] if !is_keyword(name) => {
                match binding(&access, name, rest, task) {
                    Ok(binding) => {
                        return vec![Dependency {
                            access,
                            name: name.clone(),
                            binding,
                            is_inferred: false,
                            is_idle: false,
                            mistake: None,
                        }];
                    }
                    Err(mistake) => mistake,
                }
            }
            [first, rest @ ..] => no_name(&access, first, rest),
            [] => {
                let keyword = &tokens[0];
                let fact = format!("expected the name of a task after `{keyword}`");
                Mistake::new(keyword, &fact, &format!("write `{keyword} name`"))
            }
        };
        self.errors.push(mistake.clone());
        self.lost.extend_from_slice(tokens);
        let mut names = names_in_doubt(tokens.iter().cloned().collect(), &mistake);
        if let Some(first) = names.first_mut() {
            first.access = access;
        }
        names
    }
}

/// The index at which the entry that starts here ends: at the first comma outside a pattern's generic arguments.
fn entry_end(tokens: &[TokenTree]) -> usize {
    let (mut depth, mut first, mut is_pattern) = (0_usize, None, false);
    for (at, token) in tokens.iter().enumerate() {
        if punct(token, ',') {
            if depth == 0 {
                return at;
            }
            first = first.or(Some(at));
        } else if word(token, "as") {
            // This `as` belongs to the next entry.
            if first.is_some() {
                break;
            }
            is_pattern = true;
        } else if is_pattern && punct(token, '<') {
            depth += 1;
        } else if punct(token, '>') {
            depth = depth.saturating_sub(1);
        }
    }
    match first {
        Some(first) if depth > 0 => first,
        _ => tokens.len(),
    }
}

/// `move` or `mut` at the beginning of an entry, and the tokens after it.
fn access(tokens: &[TokenTree]) -> (Access, &[TokenTree]) {
    match tokens {
        [TokenTree::Ident(keyword), rest @ ..] if keyword == "mut" => {
            (Access::Change(keyword.clone()), rest)
        }
        [TokenTree::Ident(keyword), rest @ ..] if keyword == "move" => {
            (Access::Take(keyword.clone()), rest)
        }
        tokens => (Access::Read, tokens),
    }
}

/// All names in the tokens as dependencies, except after a `.` and after `as`.
pub(super) fn names_in_doubt(tokens: TokenStream, mistake: &Mistake) -> Vec<Dependency> {
    let mut names = Vec::new();
    let mut is_member = false;
    for token in tokens {
        let name = match &token {
            _ if is_member => None,
            TokenTree::Ident(name) if word(&token, "as") || word(&token, "ref") => {
                is_member = *name == "as";
                continue;
            }
            TokenTree::Ident(name) if !is_keyword(name) => Some(name.clone()),
            TokenTree::Literal(literal) => {
                quoted_name(&literal.to_string()).map(|name| Ident::new(&name, literal.span()))
            }
            TokenTree::Group(group) => {
                names.extend(names_in_doubt(group.stream(), mistake));
                None
            }
            _ => None,
        };
        let entry = |name| Dependency {
            access: Access::Read,
            name,
            binding: Binding::Name,
            is_inferred: false,
            is_idle: false,
            mistake: Some(mistake.clone()),
        };
        names.extend(name.map(entry));
        is_member = punct(&token, '.');
    }
    names
}

/// What follows the name in an entry of the brackets of `task`.
fn binding(
    access: &Access,
    name: &Ident,
    tokens: &[TokenTree],
    task: &Ident,
) -> Result<Binding, Mistake> {
    let (fact, help) = match tokens {
        [] => return Ok(Binding::Name),
        [keyword, underscore] if word(keyword, "as") && word(underscore, "_") => {
            return Ok(Binding::Order(underscore.clone().into()));
        }
        [keyword, pattern @ ..] if word(keyword, "as") && !pattern.is_empty() => {
            return Ok(Binding::Pattern(Box::new(Pattern::read(pattern))));
        }
        [keyword] if word(keyword, "as") => (
            "there is no pattern after `as`".to_owned(),
            format!("write `{access}{name} as PATTERN`, or `{access}{name}` alone"),
        ),
        [keyword] if word(keyword, "mut") || word(keyword, "move") => (
            format!("`{keyword}` must come before the name of a task"),
            format!("write `{keyword} {name}`"),
        ),
        [keyword, condition @ ..] if word(keyword, "if") => {
            let condition: TokenStream = condition.iter().cloned().collect();
            (
                format!("the condition of `{task}` must come after the brackets"),
                format!(
                    "write `{task}: [{access}{name}] if {} => …`",
                    abbreviate(&code(&condition))
                ),
            )
        }
        [keyword, rest @ ..] if word(keyword, "for") => {
            let rest: TokenStream = rest.iter().cloned().collect();
            (
                format!("the `for` of `{task}` must come after the brackets"),
                format!(
                    "write `{task}: [{access}{name}] for {} => …`",
                    abbreviate(&code(&rest))
                ),
            )
        }
        [TokenTree::Ident(next), ..] => (
            format!("`,` is missing between the dependencies `{name}` and `{next}`"),
            format!("write `{access}{name}, {next}`"),
        ),
        [equals, TokenTree::Ident(source)] if punct(equals, '=') => (
            format!("a dependency is renamed with `as`, not with `{equals}`"),
            format!("write `{access}{source} as {name}`"),
        ),
        [colon, TokenTree::Ident(pattern)] if punct(colon, ':') || punct(colon, '@') => (
            format!("a dependency is renamed with `as`, not with `{colon}`"),
            format!("write `{access}{name} as {pattern}`"),
        ),
        [unexpected, ..] => (
            format!(
                "expected `,` or `as` after the dependency `{name}`, found `{}`",
                shorten(unexpected)
            ),
            format!(
                "list the task alone, `{access}{name}`, and use its parts in the body, or bind them with a pattern, `{access}{name} as PATTERN`"
            ),
        ),
    };
    Err(Mistake::new(tokens, &fact, &help))
}

/// The mistake in an entry that has `first` in place of a name.
fn no_name(access: &Access, first: &TokenTree, rest: &[TokenTree]) -> Mistake {
    let name = |tokens: &[TokenTree]| {
        tokens
            .iter()
            .find_map(task_name)
            .unwrap_or_else(|| "name".to_owned())
    };
    let (fact, help) = match first {
        TokenTree::Punct(ampersand) if ampersand.as_char() == '&' => {
            let text: TokenStream = rest.iter().cloned().collect();
            let text = if access.keyword().is_some() {
                name(rest)
            } else {
                text.to_string()
            };
            (
                "`&` is not allowed before a dependency".to_owned(),
                format!("write `{access}{text}`"),
            )
        }
        TokenTree::Ident(keyword) if keyword == "mut" || keyword == "move" => {
            let name = name(rest);
            // A second keyword follows a first one here, as in `move mut`.
            if access.keyword().is_some_and(|first| first == keyword) {
                (
                    format!("`{keyword}` is written twice before `{name}`"),
                    format!("write `{keyword} {name}`"),
                )
            } else {
                (
                    format!("`mut` and `move` cannot both apply to `{name}`"),
                    format!(
                        "write `mut {name}` to change it, or `move {name}` to take it, which allows changes, too"
                    ),
                )
            }
        }
        TokenTree::Ident(keyword) if keyword == "ref" => {
            let name = name(rest);
            (
                format!("`ref` is not needed: the body gets `{name}` as a reference"),
                format!("write `{name}`"),
            )
        }
        TokenTree::Literal(literal) if quoted_name(&literal.to_string()).is_some() => {
            let name = quoted_name(&literal.to_string()).unwrap_or_default();
            (
                "a dependency is a task's name without quotes".to_owned(),
                format!("write `{access}{name}`"),
            )
        }
        _ => {
            let help = match first {
                TokenTree::Ident(keyword) if can_be_raw(&keyword.to_string()) => {
                    format!("write `{access}r#{keyword}` if that is the task's name")
                }
                _ => "list only tasks; everything else around the macro is in scope already"
                    .to_owned(),
            };
            (
                format!("expected the name of a task, found `{}`", shorten(first)),
                help,
            )
        }
    };
    Mistake::new(first, &fact, &help)
}

fn task_name(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(name) if !is_keyword(name) => Some(name.to_string()),
        _ => None,
    }
}
