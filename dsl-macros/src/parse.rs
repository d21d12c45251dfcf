//! Tokens to [`Auto`], reporting every mistake and going on behind it.
//!
//! Recovery is task by task: a broken head costs its own task, a broken body is kept as it is, as rustc reports it on
//! the user's tokens. Every loop takes at least one token.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use crate::ast::{Attribute, Auto, Binding, Body, Dependency, Task};
use crate::body::{closure_parameters_end, generics_end, group, is_keyword, operator, punct, word};
use crate::report::Errors;

/// Reads one call. `decided` says of the first `#[cfg]`s on tasks, in order, whether they hold; the first one beyond
/// them is returned instead of a graph, to be decided by rustc.
pub(crate) fn parse(tokens: TokenStream, decided: &[bool], errors: &mut Errors) -> Result<Auto, TokenStream> {
    let mut parser = Parser { tokens: tokens.into_iter().collect(), at: 0, errors };
    let mut decided = decided.iter();
    let mut auto = Auto { attributes: parser.inner_attributes(), ..Auto::default() };
    while !parser.is_at_end() {
        if parser.take_operator(['=', '>']) {
            auto.finish = Some(parser.finish());
            continue;
        }
        let Some((task, predicates)) = parser.task() else { continue };
        let mut present = true;
        for predicate in predicates {
            match decided.next() {
                Some(holds) => present &= holds,
                None => return Err(predicate),
            }
        }
        if present {
            auto.tasks.push(task);
        } else {
            auto.absent.push(task.name);
        }
    }
    Ok(auto)
}

struct Parser<'e> {
    tokens: Vec<TokenTree>,
    at: usize,
    errors: &'e mut Errors,
}

impl Parser<'_> {
    fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn peek(&self) -> Option<&TokenTree> {
        self.tokens.get(self.at)
    }

    fn take_punct(&mut self, char: char) -> bool {
        let taken = self.peek().is_some_and(|token| punct(token, char));
        self.at += usize::from(taken);
        taken
    }

    fn take_operator(&mut self, halves: [char; 2]) -> bool {
        let taken = operator(&self.tokens, self.at, halves);
        self.at += 2 * usize::from(taken);
        taken
    }

    fn inner_attributes(&mut self) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        while let Some([hash, bang, TokenTree::Group(group)]) = self.tokens.get(self.at..self.at + 3) {
            if !punct(hash, '#') || !punct(bang, '!') {
                break;
            }
            attributes.push(attribute(hash, group));
            self.at += 3;
        }
        attributes
    }

    fn outer_attributes(&mut self) -> Vec<Attribute> {
        let mut attributes = Vec::new();
        while self.peek().is_some_and(|token| punct(token, '#')) {
            let rest = &self.tokens[self.at..];
            match rest {
                [hash, TokenTree::Group(group), ..] => {
                    attributes.push(attribute(hash, group));
                    self.at += 2;
                }
                [_, bang, TokenTree::Group(_), ..] if punct(bang, '!') => {
                    self.errors.report(
                        &rest[..3],
                        "an option of the graph stands before its first task",
                        "move it to the top, or write `#[…]`, without the `!`, for an attribute of this task",
                    );
                    self.at += 3;
                }
                _ => {
                    self.errors.report(&rest[0], "`#` starts no attribute here", "write `#[…]` before the task's name");
                    self.at += 1;
                }
            }
        }
        attributes
    }

    /// One task with the predicates of its `#[cfg]`s, or `None` when what stood here has no name.
    fn task(&mut self) -> Option<(Task, Vec<TokenStream>)> {
        let mut attributes = self.outer_attributes();
        let predicates =
            attributes.extract_if(.., |it| it.path == "cfg").map(|it| it.arguments.unwrap_or_default()).collect();
        let name = self.name()?;
        let dependencies = self.dependencies(&name);
        let body = self.arrow(&name).then(|| self.body(&name));
        let body = body.unwrap_or_else(|| Body { tokens: Vec::new(), loose: false });
        Some((Task { attributes, name, dependencies, body }, predicates))
    }

    /// The task's name. On anything else: reports it and skips to behind the next comma.
    fn name(&mut self) -> Option<Ident> {
        let Some(token) = self.peek().cloned() else {
            let last = &self.tokens[self.at - 1];
            self.errors.report(
                last,
                "there is no task behind this attribute",
                "write the task, `name => …`, or take the attribute away",
            );
            return None;
        };
        match &token {
            TokenTree::Ident(ident) if !is_keyword(&ident.to_string()) => {
                self.at += 1;
                return Some(ident.clone());
            }
            TokenTree::Ident(keyword) => {
                let help = if matches!(keyword.to_string().as_str(), "self" | "Self" | "super" | "crate" | "_") {
                    "choose another name".to_owned()
                } else {
                    format!("write `r#{keyword}`, or choose another name")
                };
                self.errors.report(&token, &format!("`{keyword}` cannot name a task"), &help);
                if self.head_follows(self.at) {
                    self.at += 1;
                    return Some(Ident::new("_unnamed", keyword.span()));
                }
            }
            TokenTree::Literal(literal) => {
                let name = quoted_name(&literal.to_string());
                let help = name.clone().unwrap_or_else(|| "name".to_owned());
                self.errors.report(
                    &token,
                    &format!("a task's name is an identifier, not `{literal}`"),
                    &format!("write `{help} => …`"),
                );
                if let Some(name) = name {
                    self.at += 1;
                    return Some(Ident::new(&name, literal.span()));
                }
            }
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                self.errors.report(&token, "this `,` has no task before it", "take it away");
                self.at += 1;
                return None;
            }
            _ => {
                let fact = format!("expected a task, found `{}`", shorten(&token));
                self.errors.report(
                    &token,
                    &fact,
                    "a task is `name => …`, or `name: [dependency] => …`; several statements go in a block `{ … }`",
                );
            }
        }
        self.skip_to_next();
        None
    }

    /// Skips at least one token, and on to behind the next comma or `;`.
    fn skip_to_next(&mut self) {
        self.at += 1;
        while let Some(token) = self.peek() {
            let separates = punct(token, ',') || punct(token, ';');
            self.at += 1;
            if separates {
                break;
            }
        }
    }

    /// `: [a, b]`, and what people write instead.
    fn dependencies(&mut self, name: &Ident) -> Vec<Dependency> {
        let colon = self.take_punct(':');
        let list = self.peek().and_then(|token| group(token, Delimiter::Bracket)).cloned();
        if let Some(list) = list {
            if !colon {
                self.errors.report(
                    list.span(),
                    &format!("`:` is missing between `{name}` and its dependencies"),
                    &format!("write `{name}: {list} => …`"),
                );
            }
            self.at += 1;
            return self.list(&list);
        }
        if !colon {
            return Vec::new();
        }
        // `name: a, b => …` and `name: a => …` name dependencies; `name: fetch()` is a body.
        let end = self.body_end(self.at);
        let Some(found) = self.peek().cloned() else {
            self.errors.report(name.span(), &format!("task `{name}` has no body"), &format!("write `{name} => …`"));
            return Vec::new();
        };
        if operator(&self.tokens, self.at, ['=', '>']) {
            self.errors.report(
                &self.tokens[self.at - 1],
                "there are no dependencies behind this `:`",
                &format!("write `{name} => …`, or `{name}: [dependency] => …`"),
            );
            return Vec::new();
        }
        let arrow = (self.at..self.tokens.len()).take_while(|&at| !punct(&self.tokens[at], ','));
        let arrow = arrow.into_iter().find(|&at| operator(&self.tokens, at, ['=', '>']));
        match arrow {
            Some(arrow) if matches!(found, TokenTree::Group(_) | TokenTree::Ident(_)) && arrow == self.at + 1 => {
                let inside = match &found {
                    TokenTree::Group(group) => group.stream(),
                    _ => TokenStream::from(found.clone()),
                };
                self.errors.report(
                    &found,
                    "dependencies stand in square brackets",
                    &format!("write `{name}: [{inside}] => …`"),
                );
                self.at = arrow;
                self.list(&Group::new(Delimiter::Bracket, inside))
            }
            _ => {
                let text: TokenStream = self.tokens[self.at..end].iter().cloned().collect();
                self.errors.report(
                    &self.tokens[self.at - 1],
                    &format!("expected dependencies in `[ ]` behind `{name}:`, found `{}`", shorten(&found)),
                    &format!("write `{name} => {}`", abbreviate(&text.to_string())),
                );
                // The body follows as if the arrow stood there.
                Vec::new()
            }
        }
    }

    fn list(&mut self, list: &Group) -> Vec<Dependency> {
        let tokens: Vec<_> = list.stream().into_iter().collect();
        let mut dependencies = Vec::new();
        let mut rest = &tokens[..];
        while let Some(first) = rest.first() {
            let end = rest.iter().position(|token| punct(token, ',')).unwrap_or(rest.len());
            if end == 0 {
                self.errors.report(first, "this `,` has no dependency before it", "take it away");
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
                        "there is no pattern behind `as`",
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
                    &format!("expected `,` or `as` behind the dependency `{name}`, found `{}`", shorten(unexpected)),
                    &format!("name the task alone, `{name}`, and take from it in the body, or with a pattern: `{name} as PATTERN`"),
                );
                Binding::Name
            }
        };
        Some(Dependency { name, binding })
    }

    /// `=>`, and what people write instead. `false` when no body follows.
    fn arrow(&mut self, name: &Ident) -> bool {
        if self.peek().is_some_and(|token| word(token, "if")) {
            let arrow = (self.at..self.tokens.len()).find(|&at| operator(&self.tokens, at, ['=', '>']));
            self.errors.report(
                &self.tokens[self.at],
                "conditions on tasks are not supported yet",
                &format!("write `{name} => if … {{ Some(…) }} else {{ None }}`"),
            );
            self.at = arrow.unwrap_or(self.at + 1);
        }
        if self.take_operator(['=', '>']) {
            return true;
        }
        for (halves, length) in [(['-', '>'], 2), (['=', '='], 2), (['>', '='], 2)] {
            if operator(&self.tokens, self.at, halves) {
                let [left, right] = halves;
                self.errors.report(
                    &self.tokens[self.at..self.at + length],
                    &format!("`{left}{right}` stands where `=>` belongs"),
                    &format!("write `{name} => …`"),
                );
                self.at += length;
                return true;
            }
        }
        let here = self.at;
        if self.take_punct('=') {
            self.errors.report(&self.tokens[here], "`=` stands where `=>` belongs", &format!("write `{name} => …`"));
            return true;
        }
        match self.peek().cloned() {
            // Reported with the dependencies.
            Some(_) if here > 0 && punct(&self.tokens[here - 1], ':') => true,
            Some(token) if !punct(&token, ',') => {
                let fact = format!("`=>` is missing between task `{name}` and its body");
                self.errors.report(&token, &fact, &format!("write `{name} => …`"));
                true
            }
            _ => {
                if here > 0 && !punct(&self.tokens[here - 1], ':') {
                    self.errors.report(
                        name.span(),
                        &format!("task `{name}` has no body"),
                        &format!("write `{name} => …`"),
                    );
                }
                self.take_punct(',');
                false
            }
        }
    }

    /// A task's body and the separator behind it.
    fn body(&mut self, name: &Ident) -> Body {
        let (start, end) = (self.at, self.body_end(self.at));
        let mut tokens = self.tokens[start..end].to_vec();
        self.at = end;
        let mut loose = false;
        while self.peek().is_some_and(|token| punct(token, ';')) {
            let semicolon = self.tokens[self.at].clone();
            self.at += 1;
            if self.is_at_end() || self.head_follows(self.at) {
                self.errors.report(&semicolon, "tasks are separated by `,`", "write `,` for `;`");
                self.check_body(name, &tokens);
                return Body { tokens, loose };
            }
            if !loose {
                self.errors.report(
                    &semicolon,
                    &format!("several statements in the body of `{name}` need a block"),
                    &format!("write `{name} => {{ … }}`"),
                );
            }
            loose = true;
            tokens.push(semicolon);
            let end = self.body_end(self.at);
            tokens.extend_from_slice(&self.tokens[self.at..end]);
            self.at = end;
        }
        if !self.take_punct(',') && !self.is_at_end() {
            let next = match self.peek() {
                Some(TokenTree::Ident(next)) => format!("task `{next}`"),
                _ => "the final arm".to_owned(),
            };
            self.errors.report(
                &self.tokens[self.at],
                &format!("`,` is missing between task `{name}` and {next}"),
                &format!("write `,` behind the body of `{name}`"),
            );
        }
        self.check_body(name, &tokens);
        Body { tokens, loose }
    }

    /// Bodies that are well-formed and not what was meant.
    fn check_body(&mut self, name: &Ident, tokens: &[TokenTree]) {
        let after_move = usize::from(tokens.first().is_some_and(|token| word(token, "move")));
        let after_async = usize::from(tokens.first().is_some_and(|token| word(token, "async")));
        let moves = usize::from(tokens.get(after_async).is_some_and(|token| word(token, "move")));
        match tokens {
            [] => self.errors.report(
                &self.tokens[self.at.min(self.tokens.len()) - 1],
                &format!("task `{name}` has an empty body"),
                &format!("write `{name} => (),` for a task that only marks a point in the order"),
            ),
            _ if closure_parameters_end(tokens, after_move.max(after_async + moves)).is_some() => {
                self.errors.report(
                    tokens,
                    &format!("the body of `{name}` is a closure, which nothing calls"),
                    &format!(
                        "write what it does, `{name} => …`; a closure that is meant as the value goes in parentheses"
                    ),
                );
            }
            _ if after_async == 1
                && tokens.len() == after_async + moves + 1
                && group(&tokens[after_async + moves], Delimiter::Brace).is_some() =>
            {
                self.errors.report(
                    &tokens[0],
                    &format!("the body of `{name}` is the inside of an `async` block already"),
                    "take the `async` away; a future that is meant as the value goes in parentheses",
                );
            }
            _ => {}
        }
    }

    /// The expression of the final arm, whose `=>` has been taken.
    fn finish(&mut self) -> Body {
        let arrow = self.tokens[self.at - 2..self.at].to_vec();
        let end = self.body_end(self.at);
        let tokens = self.tokens[self.at..end].to_vec();
        self.at = end;
        let comma = self.take_punct(',');
        if tokens.is_empty() {
            self.errors.report(
                &arrow[..],
                "the final arm is empty",
                "write the expression that the graph is to resolve to",
            );
        }
        if !self.is_at_end() {
            let fact =
                if comma { "the final arm is the last thing in a graph" } else { "the final arm is one expression" };
            self.errors.report(
                &self.tokens[self.at],
                fact,
                "put the tasks before `=> …`, and several statements in a block `{ … }`",
            );
        }
        Body { tokens, loose: false }
    }

    /// The index at which the body that starts here ends: at the next comma outside of generic arguments and closure
    /// parameters, at a `;`, or before the head of a task that a comma was forgotten before.
    fn body_end(&self, start: usize) -> usize {
        let tokens = &self.tokens;
        let mut at = start;
        while let Some(token) = tokens.get(at) {
            if let Some(end) = closure_parameters_end(tokens, at).filter(|_| at <= start + 2) {
                at = end;
            } else if operator(tokens, at, [':', ':']) && tokens.get(at + 2).is_some_and(|token| punct(token, '<'))
                || at == start && punct(token, '<')
            {
                let open = if at == start { at } else { at + 2 };
                let close = generics_end(tokens, open);
                // Unclosed generics end at the next task, as everything does.
                at = (open..close).find(|&at| punct(&tokens[at], ',') && self.arrow_follows(at + 1)).unwrap_or(close);
            } else if punct(token, ',') || punct(token, ';') {
                return at;
            } else if operator(tokens, at, ['=', '>']) {
                return self.head_before(start, at);
            } else {
                at += 1;
            }
        }
        tokens.len()
    }

    /// Where the head of the task starts whose `=>` was found at `arrow` in a body that starts at `start`.
    fn head_before(&self, start: usize, arrow: usize) -> usize {
        let tokens = &self.tokens;
        let list = group(&tokens[arrow - 1], Delimiter::Bracket).is_some();
        let name = match arrow.checked_sub(if list { 3 } else { 1 }) {
            Some(name) if name > start && (!list || punct(&tokens[arrow - 2], ':')) => name,
            _ => return arrow,
        };
        let names_a_task = matches!(&tokens[name], TokenTree::Ident(ident) if !is_keyword(&ident.to_string()));
        let ends_a_body = !matches!(&tokens[name - 1], TokenTree::Punct(before) if before.as_char() != '?');
        if !names_a_task || !ends_a_body {
            return arrow;
        }
        // Attributes belong to the head.
        let mut head = name;
        while head >= start + 3
            && punct(&tokens[head - 2], '#')
            && group(&tokens[head - 1], Delimiter::Bracket).is_some()
        {
            head -= 2;
        }
        head
    }

    /// Whether a task's head, an attribute or the final arm starts here.
    fn head_follows(&self, at: usize) -> bool {
        let Some(first) = self.tokens.get(at) else { return false };
        punct(first, '#') || operator(&self.tokens, at, ['=', '>']) || self.arrow_follows(at)
    }

    /// Whether `NAME =>`, or `NAME:` and no path, stands here.
    fn arrow_follows(&self, at: usize) -> bool {
        matches!(self.tokens.get(at), Some(TokenTree::Ident(_)))
            && (operator(&self.tokens, at + 1, ['=', '>'])
                || self.tokens.get(at + 1).is_some_and(|token| punct(token, ':'))
                    && !operator(&self.tokens, at + 1, [':', ':']))
    }
}

fn attribute(hash: &TokenTree, group: &Group) -> Attribute {
    let content: Vec<_> = group.stream().into_iter().collect();
    let path_end = content
        .iter()
        .position(|token| matches!(token, TokenTree::Group(_)) || punct(token, '='))
        .unwrap_or(content.len());
    let path = content[..path_end].iter().map(ToString::to_string).collect();
    let arguments = match content.get(path_end) {
        Some(TokenTree::Group(arguments)) => Some(arguments.stream()),
        _ => None,
    };
    let tokens = [hash.clone(), group.clone().into()].into_iter().collect();
    Attribute { path, arguments, tokens, span: group.span() }
}

/// The name in a string literal, if there is one.
fn quoted_name(literal: &str) -> Option<String> {
    let name = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    (starts && letters.all(|letter| letter.is_alphanumeric() || letter == '_') && !is_keyword(name))
        .then(|| name.to_owned())
}

/// A token as it can be quoted in a message: of a group, the brackets.
fn shorten(token: &TokenTree) -> String {
    match token {
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Parenthesis => "( )".to_owned(),
            Delimiter::Brace => "{ }".to_owned(),
            Delimiter::Bracket => "[ ]".to_owned(),
            Delimiter::None => group.to_string(),
        },
        token => token.to_string(),
    }
}

/// Code for a one-line help: the whole where it is short.
fn abbreviate(code: &str) -> String {
    if code.len() <= 40 && !code.contains('\n') { code.to_owned() } else { "…".to_owned() }
}
