//! Bodies and the final arm, with the separators after them.

use proc_macro2::{Delimiter, Ident, TokenTree};
use quote::quote;

use super::Parser;
use crate::ast::Body;
use crate::body::{closure_parameters_end, group, operator, punct, word};
use crate::report::{Mistake, Place};

impl Parser<'_> {
    /// Reports a mistake and stands for the code that it is about: an expression that fits everywhere.
    pub(super) fn hole(&mut self, place: impl Into<Place>, fact: &str, help: &str) -> Body {
        let mistake = Mistake::new(place, fact, help);
        let tokens = mistake.to_expression().into_iter().collect();
        self.errors.push(mistake);
        Body {
            tokens,
            loose: false,
        }
    }

    /// A task's body with the separator after it, and its condition: the one that was found, or one in the wrong place.
    pub(super) fn body_and_condition(
        &mut self,
        name: &Ident,
        head: &str,
        found: Option<Body>,
    ) -> (Option<Body>, Body) {
        let mut condition = found.or_else(|| self.condition_after_arrow(head));
        let mut body = self.body(name);
        if condition.is_none() && !body.loose {
            condition = self.condition_of_body(head, &mut body.tokens);
        }
        (condition, body)
    }

    /// `=> if CONDITION => …`
    fn condition_after_arrow(&mut self, head: &str) -> Option<Body> {
        self.peek().filter(|token| word(token, "if"))?;
        let (start, end) = (self.at, self.body_end(self.at));
        let condition = self.tokens[start..end].to_vec();
        let is_whole = condition
            .last()
            .is_some_and(|last| group(last, Delimiter::Brace).is_some());
        if is_whole || condition.len() < 2 || !operator(&self.tokens, end, ['=', '>']) {
            return None;
        }
        self.refuse_late_condition(head, &condition, "…");
        self.at = end + 2;
        Some(Body {
            tokens: condition[1..].to_vec(),
            loose: false,
        })
    }

    fn body(&mut self, name: &Ident) -> Body {
        let start = self.at;
        let mut loose = false;
        let end = loop {
            let end = self.unfinished_end(start, self.body_end(self.at));
            self.at = end;
            if !self.take_punct(';') {
                break end;
            }
            let semicolon = &self.tokens[end];
            if self.is_at_end() || self.head_follows(self.at) {
                self.errors
                    .report(semicolon, "tasks are separated by `,`", "write `,` for `;`");
                break end;
            }
            if !loose {
                self.errors.report(
                    semicolon,
                    &format!("several statements in the body of `{name}` need a block"),
                    &format!("write `{name} => {{ … }}`"),
                );
                loose = true;
            }
        };
        let is_empty = start == end;
        if self.at == end && !self.take_punct(',') && !self.is_at_end() && !is_empty {
            let next = match self.peek() {
                Some(TokenTree::Ident(next)) => format!("task `{next}`"),
                Some(hash) if punct(hash, '#') => "the next task".to_owned(),
                _ => "the final arm".to_owned(),
            };
            self.errors.report(
                &self.tokens[self.at],
                &format!("`,` is missing between task `{name}` and {next}"),
                &format!("write `,` after the body of `{name}`"),
            );
        }
        let mut tokens = self.tokens[start..end].to_vec();
        if is_empty {
            let after = self
                .tokens
                .get(end)
                .filter(|token| !matches!(token, TokenTree::Ident(_)));
            return self.hole(
                after.unwrap_or(&self.tokens[end - 1]).span(),
                &format!("task `{name}` has an empty body"),
                &format!("write `{name} => (),` for a task that only marks a point in the order"),
            );
        }
        if self.is_never_run(name, &tokens) {
            // What was meant, for those that depend on it.
            tokens.extend(quote!(.await));
        }
        Body { tokens, loose }
    }

    /// Reports bodies that are well-formed and would never run: closures and, for which it is `true`, `async` blocks.
    fn is_never_run(&mut self, name: &Ident, tokens: &[TokenTree]) -> bool {
        let is = |at: usize, text: &str| {
            usize::from(tokens.get(at).is_some_and(|token| word(token, text)))
        };
        let is_async = is(0, "async");
        let code = is_async + is(is_async, "move");
        if closure_parameters_end(tokens, code).is_some() {
            self.errors.report(
                tokens,
                &format!("the body of `{name}` is a closure, which nothing calls"),
                &format!("write what it does, `{name} => …`; a closure that is meant as the value goes in parentheses"),
            );
            return false;
        }
        let is_block = is_async == 1
            && matches!(&tokens[code..], [block] if group(block, Delimiter::Brace).is_some());
        if is_block {
            self.errors.report(
                &tokens[0],
                &format!("the body of `{name}` is the inside of an `async` block already"),
                "remove the `async`; a future that is meant as the value goes in parentheses",
            );
        }
        is_block
    }

    /// The expression of the final arm, whose `=>` has been taken.
    pub(super) fn final_arm(&mut self) -> Body {
        let arrow = self.tokens[self.at - 2..self.at].to_vec();
        let end = self.body_end(self.at);
        let tokens = self.tokens[self.at..end].to_vec();
        self.at = end;
        if self.peek().is_some_and(|token| punct(token, ';')) {
            self.errors.report(
                &self.tokens[self.at],
                "the final arm ends without `;`",
                "remove it",
            );
            self.at += 1;
        }
        let comma = self.take_punct(',');
        if tokens.is_empty() {
            let help = "write the expression that the graph is to resolve to";
            return self.hole(&arrow[..], "the final arm is empty", help);
        }
        if !self.is_at_end() {
            let fact = if comma {
                "the final arm is the last thing in a graph"
            } else {
                "the final arm is one expression"
            };
            self.errors.report(
                &self.tokens[self.at],
                fact,
                "put the tasks before `=> …`, and several statements in a block `{ … }`",
            );
        }
        Body {
            tokens,
            loose: false,
        }
    }
}
