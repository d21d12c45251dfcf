//! The brackets of a task.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::names::{can_be_raw, quoted_name};
use super::{Parser, abbreviate, shorten};
use crate::ast::{Access, Binding, Body, Dependency};
use crate::body::{group, is_keyword, operator, punct, word};
use crate::report::Mistake;

/// What comes after a task's dependencies.
pub(super) enum Follows {
    Arrow,
    /// A body without its `=>`, which has been reported.
    Body,
    /// Nothing: the body was found elsewhere.
    Nothing(Body),
}

impl Parser<'_> {
    /// `: [a, b]`, and what people write instead.
    pub(super) fn dependencies(&mut self, name: &Ident) -> (Vec<Dependency>, Follows) {
        let colon = self.at;
        let has_colon = self.take_punct(':');
        let Some(found) = self.peek().cloned() else { return (Vec::new(), Follows::Arrow) };
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
                Some((dependencies, body)) => (dependencies, Follows::Nothing(body)),
                None => (self.list(list), Follows::Arrow),
            };
        }
        // `name: a => …`, `name: (a, b) => …` and `name(a, b) => …` name dependencies; `name: fetch()` is a body.
        let is_list =
            group(&found, Delimiter::Parenthesis).is_some() || has_colon && !matches!(found, TokenTree::Literal(_));
        if is_list && operator(&self.tokens, self.at + 1, ['=', '>']) {
            self.at += 1;
            return (self.unbracketed(name, &found), Follows::Arrow);
        }
        if !has_colon || punct(&found, ',') {
            return (Vec::new(), Follows::Arrow);
        }
        if operator(&self.tokens, self.at, ['=', '>']) {
            self.errors.report(
                &self.tokens[colon],
                "there are no dependencies after this `:`",
                &format!("write `{name} => …`, or `{name}: [dependency] => …`"),
            );
            return (Vec::new(), Follows::Arrow);
        }
        let body: TokenStream = self.tokens[self.at..self.body_end(self.at)].iter().cloned().collect();
        self.errors.report(
            &self.tokens[colon],
            &format!("expected dependencies in `[ ]` after `{name}:`, found `{}`", shorten(&found)),
            &format!("write `{name} => {}`", abbreviate(&body.to_string())),
        );
        (Vec::new(), Follows::Body)
    }

    /// `posts: [user, db.posts(user.id)]`: in the brackets, as `async.auto` in JavaScript has it, the body comes last.
    fn body_among(&mut self, name: &Ident, list: &Group) -> Option<(Vec<Dependency>, Body)> {
        let ends_here = self.peek().is_none_or(|token| punct(token, ','));
        let tokens: Vec<_> = list.stream().into_iter().collect();
        let start = tokens.iter().rposition(|token| punct(token, ',')).map_or(0, |comma| comma + 1);
        let (others, body) = tokens.split_at(start);
        if !ends_here || body.len() < 3 || body.iter().any(|token| word(token, "as")) {
            return None;
        }
        self.take_punct(',');
        let text: TokenStream = body.iter().cloned().collect();
        let listed = others.iter().map(|token| quoted_name(&token.to_string()).unwrap_or_else(|| token.to_string()));
        let listed: String = listed.filter(|token| token != ",").collect::<Vec<_>>().join(", ");
        let fact = format!("the body of `{name}` comes after its dependencies, not among them");
        let mistake =
            Mistake::new(body, &fact, &format!("write `{name}: [{listed}] => {}`", abbreviate(&text.to_string())));
        self.errors.push(mistake.clone());
        let dependencies = names_in_doubt(others.iter().cloned().collect(), &mistake);
        Some((dependencies, Body { tokens: body.to_vec(), loose: false }))
    }

    fn unbracketed(&mut self, name: &Ident, found: &TokenTree) -> Vec<Dependency> {
        let inside = match found {
            TokenTree::Group(group) => group.stream(),
            found => TokenStream::from(found.clone()),
        };
        let help = format!("write `{name}: [{inside}] => …`");
        let mistake = Mistake::new(found, "dependencies stand in square brackets", &help);
        self.errors.push(mistake.clone());
        names_in_doubt(inside, &mistake)
    }

    pub(super) fn list(&mut self, list: &Group) -> Vec<Dependency> {
        let tokens: Vec<_> = list.stream().into_iter().collect();
        let mut dependencies = Vec::new();
        let mut rest = &tokens[..];
        while let Some(first) = rest.first() {
            let end = rest.iter().position(|token| punct(token, ',')).unwrap_or(rest.len());
            if end == 0 {
                self.errors.report(first, "this `,` has no dependency before it", "remove it");
            } else {
                dependencies.extend(self.entry(&rest[..end]));
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        dependencies
    }

    /// One entry of the brackets. Of one that holds a mistake all names are kept, so that the body finds them.
    fn entry(&mut self, tokens: &[TokenTree]) -> Vec<Dependency> {
        let (access, rest) = access(tokens);
        let mistake = match rest {
            [TokenTree::Ident(name), rest @ ..] if !is_keyword(&name.to_string()) => match binding(name, rest) {
                Ok(binding) => return vec![Dependency { access, name: name.clone(), binding, mistake: None }],
                Err(mistake) => mistake,
            },
            [first, rest @ ..] => no_name(first, rest),
            [] => no_name(&tokens[0], &[]),
        };
        self.errors.push(mistake.clone());
        names_in_doubt(tokens.iter().cloned().collect(), &mistake)
    }
}

/// `move` or `mut` at the beginning of an entry, and the tokens after it.
fn access(tokens: &[TokenTree]) -> (Access, &[TokenTree]) {
    match tokens {
        [TokenTree::Ident(keyword), rest @ ..] if keyword == "mut" => (Access::Change(keyword.clone()), rest),
        [TokenTree::Ident(keyword), rest @ ..] if keyword == "move" => (Access::Take(keyword.clone()), rest),
        tokens => (Access::Read, tokens),
    }
}

/// All names in the tokens, but for those after a `.` and after `as`, as dependencies.
fn names_in_doubt(tokens: TokenStream, mistake: &Mistake) -> Vec<Dependency> {
    let mut names = Vec::new();
    let mut is_member = false;
    for token in tokens {
        let name = match &token {
            _ if is_member => None,
            TokenTree::Ident(name) if word(&token, "as") || word(&token, "ref") => {
                is_member = *name == "as";
                continue;
            }
            TokenTree::Ident(name) if !is_keyword(&name.to_string()) => Some(name.clone()),
            TokenTree::Literal(literal) => {
                quoted_name(&literal.to_string()).map(|name| Ident::new(&name, literal.span()))
            }
            TokenTree::Group(group) => {
                names.extend(names_in_doubt(group.stream(), mistake));
                None
            }
            _ => None,
        };
        let entry =
            |name| Dependency { access: Access::Read, name, binding: Binding::Name, mistake: Some(mistake.clone()) };
        names.extend(name.map(entry));
        is_member = punct(&token, '.');
    }
    names
}

/// What follows the name in an entry.
fn binding(name: &Ident, tokens: &[TokenTree]) -> Result<Binding, Mistake> {
    let (fact, help) = match tokens {
        [] => return Ok(Binding::Name),
        [keyword, underscore] if word(keyword, "as") && word(underscore, "_") => {
            return Ok(Binding::Order(underscore.clone().into()));
        }
        [keyword, pattern @ ..] if word(keyword, "as") && !pattern.is_empty() => {
            return Ok(Binding::Pattern(pattern.iter().cloned().collect()));
        }
        [keyword] if word(keyword, "as") => {
            ("there is no pattern after `as`".to_owned(), format!("write `{name} as PATTERN`, or `{name}` alone"))
        }
        [TokenTree::Ident(next), ..] => (
            format!("`,` is missing between the dependencies `{name}` and `{next}`"),
            format!("write `{name}, {next}`"),
        ),
        [equals, TokenTree::Ident(task)] if punct(equals, '=') => {
            (format!("a dependency gets another name by `as`, not by `{equals}`"), format!("write `{task} as {name}`"))
        }
        [colon, TokenTree::Ident(pattern)] if punct(colon, ':') || punct(colon, '@') => (
            format!("a dependency gets another name by `as`, not by `{colon}`"),
            format!("write `{name} as {pattern}`"),
        ),
        [unexpected, ..] => (
            format!("expected `,` or `as` after the dependency `{name}`, found `{}`", shorten(unexpected)),
            format!(
                "name the task alone, `{name}`, and take from it in the body, or by a pattern, `{name} as PATTERN`"
            ),
        ),
    };
    Err(Mistake::new(tokens, &fact, &help))
}

/// An entry that does not start with a name.
fn no_name(first: &TokenTree, rest: &[TokenTree]) -> Mistake {
    match first {
        TokenTree::Punct(ampersand) if ampersand.as_char() == '&' => {
            let text: TokenStream = rest.iter().cloned().collect();
            let fact = "a dependency is named without `&`: the body gets it as a reference anyway";
            Mistake::new(first, fact, &format!("write `{text}`"))
        }
        TokenTree::Ident(keyword) if (keyword == "move" || keyword == "mut") && rest.is_empty() => {
            let fact = format!("`{keyword}` stands before the name of a task");
            Mistake::new(first, &fact, &format!("write `{keyword} name`"))
        }
        TokenTree::Literal(literal) if let Some(name) = quoted_name(&literal.to_string()) => {
            let fact = "a dependency is the name of a task, without quotes";
            Mistake::new(first, fact, &format!("write `{name}`"))
        }
        _ => {
            let help = match first {
                TokenTree::Ident(keyword) if can_be_raw(&keyword.to_string()) => {
                    format!("write `r#{keyword}` if that is the task's name")
                }
                _ => "name the task that this one needs; all else around the macro is in scope anyway".to_owned(),
            };
            Mistake::new(first, &format!("expected the name of a task, found `{}`", shorten(first)), &help)
        }
    }
}
