//! Tokens to [`Auto`], reporting every mistake and going on after it.
//!
//! Recovery is task by task: a broken head costs its own task, a broken body is kept as it is, as rustc reports it on
//! the user's tokens. Every loop takes at least one token.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use crate::ast::{Attribute, Auto, Body, Task};
use crate::body::{is_keyword, operator, punct};
use crate::invisible::make_visible;
use crate::report::Errors;

mod bodies;
mod conditions;
mod dependencies;
mod entries;
mod extent;
mod names;

use conditions::head;
use dependencies::Follows;

/// Reads one call. `decided` says of the first `#[cfg]`s on tasks, in order, whether they hold; the first one beyond
/// them is returned instead of a graph, to be decided by rustc.
pub(crate) fn parse(
    tokens: TokenStream,
    decided: &[bool],
    errors: &mut Errors,
) -> Result<Auto, TokenStream> {
    let mut parser = Parser {
        tokens: make_visible(tokens),
        at: 0,
        lost: Vec::new(),
        errors,
    };
    let mut decided = decided.iter();
    let mut auto = Auto {
        attributes: parser.inner_attributes(),
        ..Auto::default()
    };
    while !parser.is_at_end() {
        if parser.take_operator(['=', '>']) {
            let body = parser.final_arm();
            match auto.final_arm {
                None => auto.final_arm = Some(body),
                Some(_) => parser.lost.extend(body.tokens),
            }
            continue;
        }
        let Some((task, predicates)) = parser.task() else {
            auto.has_lost_tasks = true;
            continue;
        };
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
    auto.lost = parser.lost;
    Ok(auto)
}

struct Parser<'e> {
    tokens: Vec<TokenTree>,
    at: usize,
    /// Tokens that were passed over.
    lost: Vec<TokenTree>,
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
        while let Some([hash, bang, TokenTree::Group(group)]) =
            self.tokens.get(self.at..self.at + 3)
        {
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
                    self.errors.report(
                        &rest[0],
                        "expected an attribute after `#`",
                        "write `#[…]` before the task's name",
                    );
                    self.at += 1;
                }
            }
        }
        attributes
    }

    /// One task with the predicates of its `#[cfg]`s, or `None` when what stood here has no name.
    fn task(&mut self) -> Option<(Task, Vec<TokenStream>)> {
        let mut attributes = self.outer_attributes();
        let conditions = attributes.extract_if(.., |it| it.path == "cfg");
        let predicates: Vec<_> = conditions
            .map(|it| it.arguments.unwrap_or_default())
            .collect();
        if self.is_at_end() && attributes.is_empty() && predicates.is_empty() {
            // Only a misplaced option stood here, which has been reported.
            return None;
        }
        let name = self.name()?;
        let (mut dependencies, follows) = self.dependencies(&name);
        let (condition, body) = match follows {
            Follows::Arrow => {
                let (condition, arrow) = self.condition_and_arrow(&name, &mut dependencies);
                match arrow {
                    Err(hole) => (condition, hole),
                    Ok(()) => {
                        self.body_and_condition(&name, &head(&name, &dependencies), condition)
                    }
                }
            }
            Follows::Body => self.body_and_condition(&name, &name.to_string(), None),
            Follows::Nothing(body) => (None, body),
        };
        Some((
            Task {
                attributes,
                name,
                dependencies,
                condition,
                body,
            },
            predicates,
        ))
    }

    /// Skips at least one token, and on to after the next comma or `;`.
    fn skip_to_next(&mut self) {
        let start = self.at;
        self.at += 1;
        while let Some(token) = self.peek() {
            let separates = punct(token, ',') || punct(token, ';');
            self.at += 1;
            if separates {
                break;
            }
        }
        self.lost.extend_from_slice(&self.tokens[start..self.at]);
    }

    /// `=>` after a task's `head`, and what people write instead; a hole when no body follows.
    fn arrow(&mut self, name: &Ident, head: &str) -> Result<(), Body> {
        let here = self.at;
        // Before another task a name stands alone while it is being written.
        let is_unfinished = |token: &&TokenTree| match token {
            TokenTree::Ident(next) => !is_keyword(&next.to_string()) && self.arrow_follows(here),
            token => punct(token, ','),
        };
        let Some(found) = self.peek().filter(|token| !is_unfinished(token)).cloned() else {
            self.take_punct(',');
            let (fact, help) = (
                format!("task `{name}` has no body"),
                format!("write `{head} => …`"),
            );
            return Err(self.hole(name.span(), &fact, &help));
        };
        if self.take_operator(['=', '>']) {
            return Ok(());
        }
        let instead = ['-', '=', '>']
            .into_iter()
            .flat_map(|first| [[first, '>'], [first, '=']]);
        let instead =
            instead.into_iter().any(|halves| self.take_operator(halves)) || self.take_punct('=');
        let end = self.body_end(self.at);
        let fact = if instead {
            let found: String = self.tokens[here..self.at]
                .iter()
                .map(ToString::to_string)
                .collect();
            format!("expected `=>`, found `{found}`")
        } else if operator(&self.tokens, end, ['=', '>']) {
            // Something that does not belong there, and then the arrow.
            self.lost.extend_from_slice(&self.tokens[here..end]);
            self.at = end + 2;
            format!("expected `=>`, found `{}`", shorten(&found))
        } else {
            format!(
                "`=>` is missing between task `{name}` and its body, which starts with `{}`",
                shorten(&found)
            )
        };
        let place_end = if instead { self.at } else { here + 1 };
        self.errors.report(
            &self.tokens[here..place_end],
            &fact,
            &format!("write `{head} => …`"),
        );
        Ok(())
    }
}

fn attribute(hash: &TokenTree, group: &Group) -> Attribute {
    let mut content: Vec<_> = group.stream().into_iter().collect();
    // What a `$attribute:meta` of a `macro_rules!` stands for comes in a group of its own.
    if let [TokenTree::Group(meta)] = &content[..]
        && meta.delimiter() == Delimiter::None
    {
        content = meta.stream().into_iter().collect();
    }
    let path_end = content
        .iter()
        .position(|token| matches!(token, TokenTree::Group(_)) || punct(token, '='))
        .unwrap_or(content.len());
    let path = content[..path_end]
        .iter()
        .map(ToString::to_string)
        .collect();
    let arguments = match content.get(path_end) {
        Some(TokenTree::Group(arguments)) => Some(arguments.stream()),
        _ => None,
    };
    let tokens = [hash.clone(), group.clone().into()].into_iter().collect();
    Attribute {
        path,
        content,
        arguments,
        tokens,
        span: group.span(),
    }
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
    if code.len() <= 40 && !code.contains('\n') {
        code.to_owned()
    } else {
        "…".to_owned()
    }
}
