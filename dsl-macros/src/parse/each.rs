//! `for PATTERN in ITERABLE`, between a task's brackets and its `=>`.

use std::fmt::Display;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::{Expr, Pat};

use super::conditions::Head;
use super::dependencies::Brackets;
use super::{Parser, abbreviate};
use crate::ast::Each;
use crate::syntax::token::{ends_operand, group, operator, punct, word};
use crate::syntax::{Code, Pattern, code};

mod misplaced;

/// The part between a task's brackets and its body: a condition, a `for`, or nothing.
#[derive(Default)]
pub(super) struct Middle {
    pub(super) condition: Option<Code>,
    pub(super) each: Option<Each>,
}

/// Where the parts of a `for` are: after the keyword, after `in`, and at the end.
struct Place {
    pattern: usize,
    iterable: Option<usize>,
    end: usize,
    tree: Option<Expr>,
}

impl Parser<'_, '_> {
    /// The condition or the `for`, if there is one, and the `=>` after it, or an error placeholder if no body follows.
    pub(super) fn middle_and_arrow(
        &mut self,
        name: &Ident,
        brackets: &mut Brackets,
    ) -> (Middle, Option<Code>) {
        self.skip_condition_before_for(name, brackets);
        let Some(keyword) = self.peek().filter(|token| word(token, "for")).cloned() else {
            let (condition, arrow) = self.condition_and_arrow(name, brackets);
            let each = None;
            return (Middle { condition, each }, arrow);
        };
        let colon = self.tokens[..self.at].last();
        let colon = colon.filter(|token| punct(token, ':')).cloned();
        self.at += 1;
        let place = self.place_of_for();
        self.at = place.end;
        let has_arrow = operator(self.tokens, place.end, ['=', '>']);
        let is_lost = place.end == place.pattern && !has_arrow;
        let each = self.each(name, &keyword, place, brackets);
        let head = head_with(&Head { name, brackets }, &each);
        if let Some(colon) = colon {
            let fact = "there are no dependencies after this `:`";
            self.errors
                .report(&colon, fact, &format!("write `{head} => …`"));
        }
        let each = Some(each);
        let condition = None;
        if is_lost {
            self.take_punct(',');
            // The missing part is already reported.
            let body = each.as_ref().map(|each| each.iterable.tokens().to_vec());
            return (
                Middle { condition, each },
                Some(Code::read(body.unwrap_or_default())),
            );
        }
        (Middle { condition, each }, self.arrow(name, &head))
    }

    /// Finds the parts of a `for` whose keyword has been taken.
    fn place_of_for(&mut self) -> Place {
        let pattern = self.at;
        let read = self.expression(Pat::parse_multi_with_leading_vert);
        let read = read.map(|(_, end)| end);
        let read = read.filter(|&end| self.tokens.get(end).is_some_and(|it| word(it, "in")));
        let limit = self.end_of_middle(pattern);
        let is_in = |at: &usize| word(&self.tokens[*at], "in");
        let keyword = read.or_else(|| (pattern..limit).find(is_in));
        let Some(keyword) = keyword else {
            return Place {
                pattern,
                iterable: None,
                end: limit,
                tree: None,
            };
        };
        let iterable = keyword + 1;
        self.at = iterable;
        let read = self.expression(Expr::parse_without_eager_brace);
        let read = read.filter(|(_, end)| operator(self.tokens, *end, ['=', '>']));
        match read {
            Some((tree, end)) => Place {
                pattern,
                iterable: Some(iterable),
                end,
                tree: Some(tree),
            },
            None => Place {
                pattern,
                iterable: Some(iterable),
                end: self.end_of_middle(iterable),
                tree: None,
            },
        }
    }

    /// The index of the `=>`, or of a common mistake in its place.
    fn end_of_middle(&self, start: usize) -> usize {
        let end = self.recovered_condition_end(start);
        if operator(self.tokens, end, ['=', '>']) {
            return end;
        }
        let instead = (start..end).find(|&at| operator(self.tokens, at, ['-', '>']));
        instead.unwrap_or(end)
    }

    /// Builds the `for` at this place, after the tokens before it have been read.
    fn each(
        &mut self,
        name: &Ident,
        keyword: &TokenTree,
        place: Place,
        brackets: &mut Brackets,
    ) -> Each {
        let has_arrow = operator(self.tokens, place.end, ['=', '>']);
        let span = keyword.span();
        let Some(start) = place.iterable else {
            let tokens = self.tokens[place.pattern..place.end].to_vec();
            // The message does not depend on whether a pattern exists: it is printed before the pattern.
            let fact = format!("task `{name}` has no `in ITERABLE` after `for`");
            let help = format!(
                "write `{} for PATTERN in ITERABLE => …`",
                Head { name, brackets }
            );
            let iterable = self.placeholder(keyword, &fact, &help);
            let pattern = if tokens.is_empty() {
                no_pattern()
            } else {
                Pattern::read(&tokens)
            };
            return Each {
                span,
                pattern,
                iterable,
            };
        };
        let mut tokens = self.tokens[start..place.end].to_vec();
        self.brackets_after_for(name, &mut tokens, place.pattern, brackets);
        self.condition_after_for(name, &mut tokens, place.pattern, brackets);
        if !has_arrow && ends_in_block(&tokens) {
            // The last block is the body, without an `=>`.
            tokens.pop();
            self.at -= 1;
        }
        let pattern = self.tokens[place.pattern..start - 1].to_vec();
        let text = |tokens: &[TokenTree], instead: &str| {
            if tokens.is_empty() {
                instead.to_owned()
            } else {
                abbreviate(&code(&tokens.iter().cloned().collect()))
            }
        };
        let help = format!(
            "write `{} for {} in {} => …`",
            Head { name, brackets },
            text(&pattern, "PATTERN"),
            text(&tokens, "ITERABLE")
        );
        if pattern.is_empty() {
            let fact = format!("task `{name}` has no pattern after `for`");
            self.errors.report(keyword, &fact, &help);
        }
        let iterable = if tokens.is_empty() {
            let fact = format!("task `{name}` has no iterable after `in`");
            self.placeholder(&self.tokens[start - 1].clone(), &fact, &help)
        } else if tokens.len() == place.end - start {
            Code::new(tokens, place.tree)
        } else {
            Code::read(tokens)
        };
        let pattern = if pattern.is_empty() {
            no_pattern()
        } else {
            Pattern::read(&pattern)
        };
        Each {
            span,
            pattern,
            iterable,
        }
    }
}

/// A task up to its `=>`, as source text.
fn head_with(head: &dyn Display, each: &Each) -> String {
    let iterable: TokenStream = each.iterable.tokens().iter().cloned().collect();
    format!(
        "{head} for {} in {}",
        abbreviate(&code(&each.pattern.tokens)),
        abbreviate(&code(&iterable))
    )
}

fn ends_in_block(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [.., before, block] if ends_operand(before) && group(block, Delimiter::Brace).is_some())
}

fn no_pattern() -> Pattern {
    Pattern::read(&[Ident::new("_", Span::mixed_site()).into()])
}
