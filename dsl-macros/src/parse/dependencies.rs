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
        let tokens = self.without_mode(tokens);
        let (first, rest) = tokens.split_first()?;
        let name = self.dependency_name(first)?;
        let binding = self.binding(&name, rest);
        Some(Dependency { name, binding })
    }

    /// What is left of an entry without `&`, `&mut`, `move` and `mut`, none of which goes there, or not yet.
    fn without_mode<'t>(&mut self, tokens: &'t [TokenTree]) -> &'t [TokenTree] {
        match tokens {
            [ampersand, rest @ ..] if punct(ampersand, '&') => {
                let rest = if rest.first().is_some_and(|token| word(token, "mut")) { &rest[1..] } else { rest };
                let text: TokenStream = rest.iter().cloned().collect();
                self.errors.report(
                    ampersand,
                    "a dependency is named without `&`: the body gets it as a reference anyway",
                    &format!("write `{text}`"),
                );
                rest
            }
            [mode, TokenTree::Ident(name), ..] if word(mode, "move") || word(mode, "mut") => {
                self.errors.report(
                    mode,
                    &format!("`{mode}` on a dependency is not supported yet"),
                    &format!("write `{name}`, which the body gets as a reference"),
                );
                &tokens[1..]
            }
            tokens => tokens,
        }
    }

    fn dependency_name(&mut self, token: &TokenTree) -> Option<Ident> {
        match token {
            TokenTree::Ident(name) if !is_keyword(&name.to_string()) => Some(name.clone()),
            TokenTree::Literal(literal) => {
                let name = quoted_name(&literal.to_string());
                let help = name.as_ref().map_or_else(|| "write its name".to_owned(), |name| format!("write `{name}`"));
                self.errors.report(token, "a dependency is the name of a task, without quotes", &help);
                name.map(|name| Ident::new(&name, literal.span()))
            }
            token => {
                let help = match token {
                    TokenTree::Ident(keyword)
                        if !matches!(keyword.to_string().as_str(), "move" | "mut" | "self" | "_") =>
                    {
                        format!("write `r#{keyword}` if that is the task's name")
                    }
                    _ => "name the task that this one needs; all else around the macro is in scope anyway".to_owned(),
                };
                self.errors.report(token, &format!("expected the name of a task, found `{}`", shorten(token)), &help);
                None
            }
        }
    }

    /// What follows the name in an entry.
    fn binding(&mut self, name: &Ident, tokens: &[TokenTree]) -> Binding {
        match tokens {
            [] => Binding::Name,
            [keyword] if word(keyword, "as") => {
                let help = format!("write `{name} as PATTERN`, or `{name}` alone");
                self.errors.report(keyword, "there is no pattern after `as`", &help);
                Binding::Name
            }
            [keyword, underscore] if word(keyword, "as") && word(underscore, "_") => {
                Binding::Order(underscore.clone().into())
            }
            [keyword, pattern @ ..] if word(keyword, "as") => Binding::Pattern(pattern.iter().cloned().collect()),
            [unexpected, ..] => {
                self.errors.report(
                    tokens,
                    &format!("expected `,` or `as` after the dependency `{name}`, found `{}`", shorten(unexpected)),
                    &format!("name the task alone, `{name}`, and take from it in the body, or by a pattern, `{name} as PATTERN`"),
                );
                Binding::Name
            }
        }
    }
}
