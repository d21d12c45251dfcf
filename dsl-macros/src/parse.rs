//! Tokens to [`Auto`], reporting every mistake and continuing after it.
//!
//! syn reads the code: a body ends where its expression ends. Recovery is task by task. A broken head costs its own task;
//! a broken body keeps its tokens, and rustc reports it. Every loop consumes a token.

use std::fmt::Display;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::parse::{ParseBuffer, ParseStream, Parser as _};

use crate::ast::{Auto, Task};
use crate::diagnostic::Errors;
use crate::syntax::Code;
use crate::syntax::recovery::is_too_deep;
use crate::syntax::token::{is_keyword, operator, punct};

mod attributes;
mod bodies;
mod conditions;
mod dependencies;
mod each;
mod ends;
mod entries;
mod names;
mod variables;

use conditions::Head;
use dependencies::Follows;
use each::Middle;

/// Reads one call, whose tokens hold no invisible groups. `decided` holds the answers for the first `#[cfg]`s on tasks,
/// in order. If there are more `#[cfg]`s, returns the predicate of the next one instead of a graph, for rustc to
/// decide.
pub(crate) fn parse(
    tokens: &[TokenTree],
    decided: &[bool],
    errors: &mut Errors,
) -> Result<Auto, TokenStream> {
    if is_too_deep(tokens.iter().cloned()) {
        return Parser::new(tokens, None, errors).graph(decided);
    }
    let mut graph = None;
    let read = |input: ParseStream<'_>| {
        graph = Some(Parser::new(tokens, Some(input.fork()), errors).graph(decided));
        Ok(())
    };
    // The parser reads a fork, so syn reports the stream itself as unread. That is no error here.
    let _ = read.parse2(tokens.iter().cloned().collect());
    graph.expect("the stream is read once")
}

struct Parser<'s, 'e> {
    tokens: &'s [TokenTree],
    at: usize,
    /// The tokens from `stream_at` on, as syn reads them. `None` if they nest too deeply.
    stream: Option<ParseBuffer<'s>>,
    stream_at: usize,
    /// Tokens that were skipped.
    lost: Vec<TokenTree>,
    errors: &'e mut Errors,
}

impl<'s, 'e> Parser<'s, 'e> {
    fn new(
        tokens: &'s [TokenTree],
        stream: Option<ParseBuffer<'s>>,
        errors: &'e mut Errors,
    ) -> Self {
        Parser {
            tokens,
            at: 0,
            stream,
            stream_at: 0,
            lost: Vec::new(),
            errors,
        }
    }

    fn graph(mut self, decided: &[bool]) -> Result<Auto, TokenStream> {
        let mut decided = decided.iter();
        let mut auto = Auto {
            attributes: self.inner_attributes(),
            ..Auto::default()
        };
        while !self.is_at_end() {
            if self.take_operator(['=', '>']) {
                let body = self.final_arm();
                match auto.final_arm {
                    None => auto.final_arm = Some(body),
                    Some(_) => self.lost.extend(body.tokens().iter().cloned()),
                }
                continue;
            }
            let Some((task, predicates)) = self.task() else {
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
        auto.lost = self.lost;
        Ok(auto)
    }

    /// The syntax that starts here, read by `parse`, and the index after it.
    fn expression<T>(
        &mut self,
        parse: fn(ParseStream<'_>) -> syn::Result<T>,
    ) -> Option<(T, usize)> {
        let stream = self.stream.as_ref()?;
        while self.stream_at < self.at {
            stream
                .step(|cursor| {
                    cursor
                        .token_tree()
                        .map(|(_, rest)| ((), rest))
                        .ok_or_else(|| cursor.error(""))
                })
                .ok()?;
            self.stream_at += 1;
        }
        let fork = stream.fork();
        let expression = parse(&fork).ok()?;
        let (mut rest, end) = (stream.cursor(), fork.cursor());
        let mut at = self.at;
        while rest != end {
            rest = rest.token_tree()?.1;
            at += 1;
        }
        Some((expression, at))
    }
}

impl Parser<'_, '_> {
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
        let taken = operator(self.tokens, self.at, halves);
        self.at += 2 * usize::from(taken);
        taken
    }

    /// One task with the predicates of its `#[cfg]`s, or `None` if there is no task name here.
    fn task(&mut self) -> Option<(Task, Vec<TokenStream>)> {
        let attributes = self.outer_attributes().into_iter();
        let (conditions, attributes): (Vec<_>, Vec<_>) =
            attributes.partition(|it| it.path == "cfg");
        let predicates = conditions.into_iter().map(attributes::predicate);
        let predicates: Vec<_> = predicates.collect();
        if self.is_at_end() && attributes.is_empty() && predicates.is_empty() {
            // There is only a misplaced option here, already reported.
            return None;
        }
        if let Some(task) = self.variable() {
            return Some((task, predicates));
        }
        let name = self.name()?;
        let (mut brackets, follows) = self.dependencies(&name);
        let (Middle { condition, each }, body) = match follows {
            Follows::Arrow => {
                let (middle, arrow) = self.middle_and_arrow(&name, &mut brackets);
                match arrow {
                    Some(placeholder) => (middle, placeholder),
                    None => self.body_and_middle(
                        &name,
                        &Head {
                            name: &name,
                            brackets: &brackets,
                        },
                        middle,
                    ),
                }
            }
            Follows::Body => self.body_and_middle(&name, &name, Middle::default()),
            Follows::Nothing(body) => (Middle::default(), *body),
        };
        Some((
            Task {
                attributes,
                name,
                has_brackets: brackets.are_there,
                infers: brackets.infer,
                dependencies: brackets.dependencies,
                condition,
                each,
                body,
                changes: Vec::new(),
            },
            predicates,
        ))
    }

    /// Skips at least one token, to after the next comma or `;`.
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

    /// `=>` after a task's `head`, or a common mistake in its place. Returns an error placeholder if no body follows.
    fn arrow(&mut self, name: &Ident, head: &dyn Display) -> Option<Code> {
        let here = self.at;
        // A name without `=>` before another task is a task that is still being typed.
        let is_unfinished = |token: &&TokenTree| match token {
            TokenTree::Ident(next) => !is_keyword(next) && self.starts_head(here),
            token => punct(token, ','),
        };
        let Some(found) = self.peek().filter(|token| !is_unfinished(token)).cloned() else {
            self.take_punct(',');
            let (fact, help) = (
                format!("task `{name}` has no body"),
                format!("write `{head} => …`"),
            );
            return Some(self.placeholder(name.span(), &fact, &help));
        };
        if self.take_operator(['=', '>']) {
            return None;
        }
        let instead = ['-', '=', '>']
            .into_iter()
            .flat_map(|first| [[first, '>'], [first, '=']]);
        let instead =
            instead.into_iter().any(|halves| self.take_operator(halves)) || self.take_punct('=');
        let end = self.recovered_end(self.at);
        let fact = if instead {
            let found: String = self.tokens[here..self.at]
                .iter()
                .map(ToString::to_string)
                .collect();
            format!("expected `=>`, found `{found}`")
        } else if operator(self.tokens, end, ['=', '>']) {
            // Stray tokens before the arrow.
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
        None
    }
}

/// A token as messages quote it: a group is only its brackets.
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

/// Code for a one-line help: all of it if it is short.
pub(crate) fn abbreviate(code: &str) -> String {
    if code.len() <= 40 && !code.contains('\n') {
        code.to_owned()
    } else {
        "…".to_owned()
    }
}
