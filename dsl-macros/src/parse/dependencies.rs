//! The brackets of a task.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::entries::names_in_doubt;
use super::names::quoted_name;
use super::{Parser, abbreviate, shorten};
use crate::ast::Dependency;
use crate::diagnostic::Mistake;
use crate::syntax::Code;
use crate::syntax::token::{group, operator, punct, word};

/// What stands in the brackets of a task.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    pub(super) are_there: bool,
    pub(super) dependencies: Vec<Dependency>,
    /// `..`: those that the body uses.
    pub(super) infer: bool,
}

impl Brackets {
    fn of(dependencies: Vec<Dependency>) -> Self {
        Brackets {
            are_there: true,
            dependencies,
            infer: false,
        }
    }
}

/// What comes after a task's dependencies.
pub(super) enum Follows {
    Arrow,
    /// A body without its `=>`, which has been reported.
    Body,
    /// Nothing: the body was found elsewhere.
    Nothing(Box<Code>),
}

impl Parser<'_, '_> {
    /// `: [a, b]`, and what people write instead.
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
            return match self.body_among(name, list) {
                Some((dependencies, body)) => {
                    (Brackets::of(dependencies), Follows::Nothing(Box::new(body)))
                }
                None => (self.list(list, name), Follows::Arrow),
            };
        }
        // `name: a => …`, `name: (a, b) => …` and `name(a, b) => …` name dependencies; `name: fetch()` is a body.
        let is_list = group(&found, Delimiter::Parenthesis).is_some()
            || has_colon && !matches!(found, TokenTree::Literal(_));
        if is_list && operator(&self.tokens, self.at + 1, ['=', '>']) {
            self.at += 1;
            return (
                Brackets::of(self.unbracketed(name, &[found])),
                Follows::Arrow,
            );
        }
        if has_colon
            && (word(&found, "mut") || word(&found, "move"))
            && operator(&self.tokens, self.at + 2, ['=', '>'])
        {
            let entry = [found, self.tokens[self.at + 1].clone()];
            self.at += 2;
            return (Brackets::of(self.unbracketed(name, &entry)), Follows::Arrow);
        }
        if has_colon && word(&found, "if") {
            // The condition has its own word on it.
            return (Brackets::default(), Follows::Arrow);
        }
        if !has_colon || punct(&found, ',') {
            return (Brackets::default(), Follows::Arrow);
        }
        if operator(&self.tokens, self.at, ['=', '>']) {
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
            &format!("write `{name} => {}`", abbreviate(&body.to_string())),
        );
        (Brackets::default(), Follows::Body)
    }

    /// `posts: [user, db.posts(user.id)]`: in the brackets, as `async.auto` in JavaScript has it, the body comes last.
    fn body_among(&mut self, name: &Ident, list: &Group) -> Option<(Vec<Dependency>, Code)> {
        let ends_here = self.peek().is_none_or(|token| punct(token, ','));
        let tokens: Vec<_> = list.stream().into_iter().collect();
        let start = tokens
            .iter()
            .rposition(|token| punct(token, ','))
            .map_or(0, |comma| comma + 1);
        let (others, body) = tokens.split_at(start);
        if !ends_here || body.len() < 3 || body.iter().any(|token| word(token, "as")) {
            return None;
        }
        self.take_punct(',');
        let text: TokenStream = body.iter().cloned().collect();
        let listed = others
            .iter()
            .map(|token| quoted_name(&token.to_string()).unwrap_or_else(|| token.to_string()));
        let listed: String = listed
            .filter(|token| token != ",")
            .collect::<Vec<_>>()
            .join(", ");
        let fact = format!("the body of `{name}` comes after its dependencies, not among them");
        let mistake = Mistake::new(
            body,
            &fact,
            &format!(
                "write `{name}: [{listed}] => {}`",
                abbreviate(&text.to_string())
            ),
        );
        self.errors.push(mistake.clone());
        let dependencies = names_in_doubt(others.iter().cloned().collect(), &mistake);
        Some((dependencies, Code::read(body.to_vec())))
    }

    fn unbracketed(&mut self, name: &Ident, found: &[TokenTree]) -> Vec<Dependency> {
        let inside = match found {
            [TokenTree::Group(group)] => group.stream(),
            found => found.iter().cloned().collect(),
        };
        let help = format!("write `{name}: [{inside}] => …`");
        let mistake = Mistake::new(found, "dependencies stand in square brackets", &help);
        self.errors.push(mistake.clone());
        names_in_doubt(inside, &mistake)
    }
}
