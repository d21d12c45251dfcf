//! The brackets of a task.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::{Parser, abbreviate, quoted_name, shorten};
use crate::ast::{Binding, Dependency};
use crate::body::{group, is_keyword, operator, punct, word};

impl Parser<'_> {
    /// `: [a, b]`, and what people write instead.
    ///
    /// `true` when what follows is a body that lacks its `=>`, which has been reported.
    pub(super) fn dependencies(&mut self, name: &Ident) -> (Vec<Dependency>, bool) {
        let colon = self.at;
        let has_colon = self.take_punct(':');
        let Some(found) = self.peek().cloned() else { return (Vec::new(), false) };
        if let Some(list) = group(&found, Delimiter::Bracket) {
            if !has_colon {
                self.errors.report(
                    &found,
                    &format!("`:` is missing between `{name}` and its dependencies"),
                    &format!("write `{name}: {list} => …`"),
                );
            }
            self.at += 1;
            return (self.list(list), false);
        }
        if !has_colon || punct(&found, ',') {
            return (Vec::new(), false);
        }
        if operator(&self.tokens, self.at, ['=', '>']) {
            self.errors.report(
                &self.tokens[colon],
                "there are no dependencies after this `:`",
                &format!("write `{name} => …`, or `{name}: [dependency] => …`"),
            );
            return (Vec::new(), false);
        }
        // `name: a => …` and `name: (a, b) => …` name dependencies; `name: fetch()` is a body.
        if operator(&self.tokens, self.at + 1, ['=', '>']) && !matches!(found, TokenTree::Literal(_)) {
            let inside = match &found {
                TokenTree::Group(group) => group.stream(),
                _ => TokenStream::from(found.clone()),
            };
            self.errors.report(
                &found,
                "dependencies stand in square brackets",
                &format!("write `{name}: [{inside}] => …`"),
            );
            self.at += 1;
            return (self.list(&Group::new(Delimiter::Bracket, inside)), false);
        }
        let body: TokenStream = self.tokens[self.at..self.body_end(self.at)].iter().cloned().collect();
        self.errors.report(
            &self.tokens[colon],
            &format!("expected dependencies in `[ ]` after `{name}:`, found `{}`", shorten(&found)),
            &format!("write `{name} => {}`", abbreviate(&body.to_string())),
        );
        (Vec::new(), true)
    }

    fn list(&mut self, list: &Group) -> Vec<Dependency> {
        let tokens: Vec<_> = list.stream().into_iter().collect();
        let mut dependencies = Vec::new();
        let mut rest = &tokens[..];
        while let Some(first) = rest.first() {
            let end = rest.iter().position(|token| punct(token, ',')).unwrap_or(rest.len());
            if end == 0 {
                self.errors.report(first, "this `,` has no dependency before it", "remove it");
            } else {
                dependencies.extend(self.dependency(&rest[..end]));
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        dependencies
    }

    /// One entry of the brackets.
    fn dependency(&mut self, tokens: &[TokenTree]) -> Option<Dependency> {
        let place = tokens;
        let mut tokens = tokens;
        if let [ampersand, rest @ ..] = tokens
            && punct(ampersand, '&')
        {
            let rest = if rest.first().is_some_and(|token| word(token, "mut")) { &rest[1..] } else { rest };
            let text: TokenStream = rest.iter().cloned().collect();
            self.errors.report(
                ampersand,
                "a dependency is named without `&`: the body gets it as a reference anyway",
                &format!("write `{text}`"),
            );
            tokens = rest;
        }
        if let [first, second, ..] = tokens
            && (word(first, "move") || word(first, "mut"))
            && matches!(second, TokenTree::Ident(_))
        {
            self.errors.report(
                first,
                &format!("`{first}` on a dependency is not supported yet"),
                &format!("write `{second}`, which the body gets as a reference"),
            );
            tokens = &tokens[1..];
        }
        let name = match tokens.first() {
            Some(TokenTree::Ident(name)) if !is_keyword(&name.to_string()) => name.clone(),
            Some(TokenTree::Literal(literal)) => {
                let name = quoted_name(&literal.to_string());
                let help = name.as_ref().map_or_else(|| "write its name".to_owned(), |name| format!("write `{name}`"));
                self.errors.report(literal.span(), "a dependency is the name of a task, without quotes", &help);
                Ident::new(&name?, literal.span())
            }
            Some(token) => {
                let fact = format!("expected the name of a task, found `{}`", shorten(token));
                let help = match token {
                    TokenTree::Ident(keyword) if matches!(keyword.to_string().as_str(), "move" | "mut" | "self") => {
                        "name the task that this one needs".to_owned()
                    }
                    TokenTree::Ident(keyword) if keyword != "_" => {
                        format!("write `r#{keyword}` if that is the task's name")
                    }
                    _ => "name the task that this one needs; other values of the function are in scope without"
                        .to_owned(),
                };
                self.errors.report(place, &fact, &help);
                return None;
            }
            None => return None,
        };
        let binding = match &tokens[1..] {
            [] => Binding::Name,
            [keyword, pattern @ ..] if word(keyword, "as") => match pattern {
                [] => {
                    self.errors.report(
                        keyword,
                        "there is no pattern after `as`",
                        &format!("write `{name} as PATTERN`, or `{name}` alone"),
                    );
                    Binding::Name
                }
                [underscore] if word(underscore, "_") => Binding::Order(underscore.clone().into()),
                pattern => Binding::Pattern(pattern.iter().cloned().collect()),
            },
            [unexpected, ..] => {
                self.errors.report(
                    &tokens[1..],
                    &format!("expected `,` or `as` after the dependency `{name}`, found `{}`", shorten(unexpected)),
                    &format!("name the task alone, `{name}`, and take from it in the body, or with a pattern: `{name} as PATTERN`"),
                );
                Binding::Name
            }
        };
        Some(Dependency { name, binding })
    }
}
