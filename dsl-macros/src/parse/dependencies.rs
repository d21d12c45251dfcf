//! The brackets of a task.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use syn::Type;

use super::entries::names_in_doubt;
use super::names::quoted_name;
use super::{Parser, abbreviate, shorten};
use crate::ast::Dependency;
use crate::diagnostic::Mistake;
use crate::syntax::token::{group, operator, punct, word};
use crate::syntax::{Code, code};

/// The content of a task's brackets.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    pub(super) are_there: bool,
    pub(super) dependencies: Vec<Dependency>,
    /// `..`: the tasks that the body uses.
    pub(super) infer: bool,
    /// A misplaced condition inside the brackets, already reported.
    pub(super) condition: Option<Code>,
}

impl Brackets {
    fn of(dependencies: Vec<Dependency>) -> Self {
        Brackets {
            are_there: true,
            dependencies,
            infer: false,
            condition: None,
        }
    }
}

/// What comes after a task's dependencies.
pub(super) enum Follows {
    Arrow,
    /// A body whose missing `=>` is already reported.
    Body,
    /// Nothing: the body was found elsewhere.
    Nothing(Box<Code>),
}

impl Parser<'_, '_> {
    /// `: [a, b]`, or a common mistake in its place.
    pub(super) fn dependencies(&mut self, name: &Ident) -> (Brackets, Follows) {
        let colon = self.at;
        let has_colon = self.take_punct(':');
        let Some(found) = self.peek().cloned() else {
            return (Brackets::default(), Follows::Arrow);
        };
        if let Some(list) = group(&found, Delimiter::Bracket) {
            self.at += 1;
            if !has_colon {
                self.errors.report(
                    &found,
                    &format!("`:` is missing between `{name}` and its dependencies"),
                    &format!("write `{name}: {list} => …`"),
                );
            }
            return match self.body_in_brackets(name, list) {
                Some((dependencies, body)) => {
                    (Brackets::of(dependencies), Follows::Nothing(Box::new(body)))
                }
                None => (self.list(list, name), Follows::Arrow),
            };
        }
        if has_colon {
            if let Some(found) = self.typed(name) {
                return (found, Follows::Arrow);
            }
        }
        // `name: a => …`, `name: (a, b) => …` and `name(a, b) => …` name dependencies; `name: fetch()` is a body.
        let is_list = group(&found, Delimiter::Parenthesis).is_some()
            || has_colon && !matches!(found, TokenTree::Literal(_));
        if is_list && operator(self.tokens, self.at + 1, ['=', '>']) {
            self.at += 1;
            return (
                Brackets::of(self.unbracketed(name, &[found])),
                Follows::Arrow,
            );
        }
        if has_colon
            && (word(&found, "mut") || word(&found, "move"))
            && operator(self.tokens, self.at + 2, ['=', '>'])
        {
            let entry = [found, self.tokens[self.at + 1].clone()];
            self.at += 2;
            return (Brackets::of(self.unbracketed(name, &entry)), Follows::Arrow);
        }
        if has_colon && (word(&found, "if") || word(&found, "for")) {
            // The parsers of `if` and `for` report the colon.
            return (Brackets::default(), Follows::Arrow);
        }
        if !has_colon || punct(&found, ',') {
            return (Brackets::default(), Follows::Arrow);
        }
        if operator(self.tokens, self.at, ['=', '>']) {
            self.errors.report(
                &self.tokens[colon],
                "there are no dependencies after this `:`",
                &format!("write `{name} => …`, or `{name}: [dependency] => …`"),
            );
            return (Brackets::default(), Follows::Arrow);
        }
        let body: TokenStream = self.tokens[self.at..self.recovered_end(self.at)]
            .iter()
            .cloned()
            .collect();
        self.errors.report(
            &self.tokens[colon],
            &format!(
                "expected dependencies in `[ ]` after `{name}:`, found `{}`",
                shorten(&found)
            ),
            &format!("write `{name} => {}`", abbreviate(&code(&body))),
        );
        (Brackets::default(), Follows::Body)
    }

    /// `posts: [user, db.posts(user.id)]`: the body is the last entry, as in JavaScript's `async.auto`.
    fn body_in_brackets(&mut self, name: &Ident, list: &Group) -> Option<(Vec<Dependency>, Code)> {
        if !self.peek().is_none_or(|token| punct(token, ',')) {
            return None;
        }
        let tokens: Vec<_> = list.stream().into_iter().collect();
        let start = tokens
            .iter()
            .rposition(|token| punct(token, ','))
            .map_or(0, |comma| comma + 1);
        let (others, body) = tokens.split_at(start);
        if body.len() < 3 || body.iter().any(|token| word(token, "as")) {
            return None;
        }
        self.take_punct(',');
        let text: TokenStream = without_parameters(body).iter().cloned().collect();
        let listed = others
            .iter()
            .map(|token| quoted_name(&token.to_string()).unwrap_or_else(|| token.to_string()));
        let listed: String = listed
            .filter(|token| token != ",")
            .collect::<Vec<_>>()
            .join(", ");
        let fact = format!("the body of `{name}` must come after its brackets, not inside");
        let mistake = Mistake::new(
            body,
            &fact,
            &format!("write `{name}: [{listed}] => {}`", abbreviate(&code(&text))),
        );
        self.errors.push(mistake.clone());
        let dependencies = names_in_doubt(others.iter().cloned().collect(), &mistake);
        Some((dependencies, Code::read(body.to_vec())))
    }

    /// `name: Type => …` and `name: Type [a] => …`: a type in the place of the dependencies, as in a `let`.
    fn typed(&mut self, name: &Ident) -> Option<Brackets> {
        if !is_type(self.peek()?) {
            return None;
        }
        let start = self.at;
        let (_, end) = self.expression(Type::without_plus)?;
        let colon = self.tokens.get(end).is_some_and(|token| punct(token, ':'));
        let list = end + usize::from(colon);
        let has_list = self.brackets_and_arrow_follow(list);
        if !(has_list || operator(self.tokens, end, ['=', '>'])) {
            return None;
        }
        let types = &self.tokens[start..end];
        let text = code(&types.iter().cloned().collect());
        let brackets = if has_list {
            format!(": {}", self.tokens[list])
        } else {
            String::new()
        };
        self.errors.report(
            types,
            &format!("task `{name}` cannot declare a type"),
            &format!("write `{name}{brackets} => …`; to name the type, bind the value in the body: `{{ let {name}: {text} = …; {name} }}`"),
        );
        self.lost.extend_from_slice(&self.tokens[start..end]);
        self.at = list;
        let list = group(self.peek()?, Delimiter::Bracket).cloned();
        Some(match list {
            Some(list) => {
                self.at += 1;
                self.list(&list, name)
            }
            None => Brackets::default(),
        })
    }

    fn unbracketed(&mut self, name: &Ident, found: &[TokenTree]) -> Vec<Dependency> {
        let inside = match found {
            [TokenTree::Group(group)] => group.stream(),
            found => found.iter().cloned().collect(),
        };
        let help = format!("write `{name}: [{inside}] => …`");
        let mistake = Mistake::new(found, "dependencies go in square brackets", &help);
        self.errors.push(mistake.clone());
        names_in_doubt(inside, &mistake)
    }
}

/// Whether a type starts here instead of a dependency: a capitalized name, or a primitive type.
fn is_type(first: &TokenTree) -> bool {
    let TokenTree::Ident(name) = first else {
        return punct(first, '&');
    };
    let name = name.to_string();
    let primitives = [
        "bool", "char", "dyn", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "impl", "isize",
        "str", "u8", "u16", "u32", "u64", "u128", "usize",
    ];
    name.starts_with(char::is_uppercase) || primitives.contains(&&*name)
}

/// The body of a closure, `|user| posts(user)`: the brackets replace its parameters.
fn without_parameters(body: &[TokenTree]) -> &[TokenTree] {
    let is_bar = |token: &TokenTree| punct(token, '|');
    match body {
        [first, rest @ ..] if is_bar(first) => {
            let end = rest.iter().position(is_bar);
            end.map_or(body, |end| &rest[end + 1..])
        }
        body => body,
    }
}
