//! Bodies and the final arm, with the separators after them.

use std::fmt::Display;

use proc_macro2::{Delimiter, Group, Ident, TokenTree};
use quote::quote;
use syn::Expr;
use syn::parse::Parse as _;

use super::Parser;
use super::each::Middle;
use super::names::MOVE_HELP;
use crate::diagnostic::{Mistake, SpanRange};
use crate::syntax::Code;
use crate::syntax::token::{group, is_name, operator, punct, word};

impl Parser<'_, '_> {
    /// Reports a mistake and returns a placeholder for the broken code: an expression of any type.
    pub(super) fn placeholder(&mut self, at: impl Into<SpanRange>, fact: &str, help: &str) -> Code {
        let mistake = Mistake::new(at, fact, help);
        let tokens = mistake.to_placeholder().into_iter().collect();
        self.errors.push(mistake);
        Code::read(tokens)
    }

    /// A task's body with the separator after it, and its condition or `for`: `middle`, or a misplaced one in the body.
    pub(super) fn body_and_middle(
        &mut self,
        name: &Ident,
        head: &dyn Display,
        Middle { condition, each }: Middle,
    ) -> (Middle, Code) {
        let is_found = condition.is_some() || each.is_some();
        let each = each.or_else(|| {
            if is_found {
                None
            } else {
                self.each_after_arrow(head)
            }
        });
        let condition = condition.or_else(|| {
            if each.is_some() {
                None
            } else {
                self.condition_after_arrow(head)
            }
        });
        let body = self.body(name);
        if condition.is_some() || each.is_some() || body.tree().is_some() {
            return (Middle { condition, each }, body);
        }
        let (each, body) = self.each_of_body(head, body);
        if each.is_some() {
            return (Middle { condition, each }, body);
        }
        let (condition, body) = self.condition_of_body(head, body);
        (Middle { condition, each }, body)
    }

    /// `=> if CONDITION => …`
    fn condition_after_arrow(&mut self, head: &dyn Display) -> Option<Code> {
        self.peek().filter(|token| word(token, "if"))?;
        if self.expression(Expr::parse).is_some() {
            return None;
        }
        let (start, end) = (self.at, self.recovered_end(self.at));
        let condition = self.tokens[start..end].to_vec();
        let is_whole = condition
            .last()
            .is_some_and(|last| group(last, Delimiter::Brace).is_some());
        if is_whole || condition.len() < 2 || !operator(self.tokens, end, ['=', '>']) {
            return None;
        }
        self.refuse_late_condition(head, &condition, "…");
        self.at = end + 2;
        Some(Code::read(condition[1..].to_vec()))
    }

    fn body(&mut self, name: &Ident) -> Code {
        let start = self.at;
        let read = self.expression(Expr::parse);
        let is_whole = self.skip_code(read.as_ref());
        let end = self.at;
        if self.peek().is_some_and(|token| punct(token, ';')) {
            return self.statements(name, start);
        }
        if start == end {
            return self.empty_body(name);
        }
        let tree = match read {
            Some((tree, end)) if self.is_else(end) => {
                return self.without_else(name, start, tree, end);
            }
            read => read.filter(|_| is_whole).map(|(tree, _)| tree),
        };
        self.comma_after(name);
        let code = Code::new(self.tokens[start..end].to_vec(), tree);
        self.refuse_code_that_never_runs(name, code)
    }

    fn is_else(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|token| word(token, "else"))
    }

    /// `if CONDITION => BODY else OTHER`: a condition has no `else`. The body is from `start` to `end`.
    fn without_else(&mut self, name: &Ident, start: usize, tree: Expr, end: usize) -> Code {
        self.errors.report(
            &self.tokens[end],
            &format!("the condition of `{name}` cannot have an `else`"),
            "write the `if` in the body, `=> if CONDITION { … } else { … }`; a condition before `=>` makes the value an `Option`",
        );
        let code = self.tokens[start..end].to_vec();
        self.lost.extend_from_slice(&self.tokens[end..self.at]);
        self.comma_after(name);
        Code::new(code, Some(tree))
    }

    /// Skips the body or final arm that starts here, at whose beginning syn has `read` an expression. Returns whether
    /// that is all of it.
    fn skip_code(&mut self, read: Option<&(Expr, usize)>) -> bool {
        let end = read.map(|(_, end)| *end);
        let end = end.filter(|&end| self.ends_body(end));
        self.at = end.unwrap_or_else(|| self.recovered_end(self.at));
        end.is_some()
    }

    /// Whether a body that syn has read up to here ends here. It does not end before an `=>`: its last token may be the
    /// name of the next task.
    fn ends_body(&self, at: usize) -> bool {
        self.tokens.get(at).is_none_or(|next| {
            let separates = [',', ';', '#'].iter().any(|&char| punct(next, char));
            separates
                || self.starts_head(at)
                || is_name(next) && self.brackets_and_arrow_follow(at + 1)
        })
    }

    fn comma_after(&mut self, name: &Ident) {
        if self.take_punct(',') || self.is_at_end() {
            return;
        }
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

    fn empty_body(&mut self, name: &Ident) -> Code {
        let end = self.at;
        self.take_punct(',');
        let after = self.tokens.get(end);
        let after = after.filter(|token| !matches!(token, TokenTree::Ident(_)));
        self.placeholder(
            after.unwrap_or(&self.tokens[end - 1]).span(),
            &format!("task `{name}` has an empty body"),
            &format!("write `{name} => (),` for a task that only orders others"),
        )
    }

    /// A body from `start` to a `;` here. After the `;` comes another task, or another statement.
    fn statements(&mut self, name: &Ident, start: usize) -> Code {
        let first = self.at;
        let mut are_several = false;
        let mut end = first;
        while self.take_punct(';') {
            if self.is_at_end() || self.starts_task(self.at) {
                let semicolon = &self.tokens[end];
                self.errors.report(
                    semicolon,
                    "tasks are separated by `,`",
                    "write `,` instead of `;`",
                );
                break;
            }
            are_several = true;
            end = self.recovered_end(self.at);
            self.at = end;
        }
        if self.at == end {
            self.take_punct(',');
        }
        if are_several {
            self.errors.report(
                &self.tokens[first],
                &format!("several statements in the body of `{name}` need a block"),
                &format!("write `{name} => {{ … }}`"),
            );
        }
        let tokens = self.tokens[start..end].to_vec();
        match tokens.last() {
            None => self.empty_body(name),
            Some(last) if are_several => {
                let mut block = Group::new(Delimiter::Brace, tokens.iter().cloned().collect());
                block.set_span(last.span());
                Code::read(vec![block.into()])
            }
            Some(_) => Code::read(tokens),
        }
    }

    /// Reports bodies that compile but never run: closures and `async` blocks.
    fn refuse_code_that_never_runs(&mut self, name: &Ident, code: Code) -> Code {
        match code.tree() {
            Some(Expr::Closure(_)) => {
                self.errors.report(
                    code.tokens(),
                    &format!("the body of `{name}` is a closure that nothing calls"),
                    &format!("write the closure's code, `{name} => …`; if the closure is the value, put it in parentheses"),
                );
                code
            }
            Some(Expr::Async(_)) => {
                self.errors.report(
                    &code.tokens()[0],
                    &format!("the body of `{name}` is already inside an `async` block"),
                    "remove `async`; if the future is the value, put it in parentheses",
                );
                // The intended body, so that the tasks that depend on it get the right type.
                Code::read(
                    code.tokens()
                        .iter()
                        .cloned()
                        .chain(quote!(.await))
                        .collect(),
                )
            }
            _ => code,
        }
    }

    /// The expression of the final arm, whose `=>` has been taken.
    pub(super) fn final_arm(&mut self) -> Code {
        let start = self.at;
        let arrow = self.tokens[start - 2..start].to_vec();
        // rustc suggests `move` here for a graph without tasks that outlives its borrows.
        if let Some(keyword) = self.peek().filter(|token| word(token, "move")).cloned() {
            if !self
                .tokens
                .get(start + 1)
                .is_some_and(|next| punct(next, '|'))
            {
                self.errors.report(
                    &keyword,
                    "`move` is not allowed before a final arm",
                    MOVE_HELP,
                );
                self.lost.push(keyword);
                self.at += 1;
            }
        }
        let start = self.at;
        let read = self.expression(Expr::parse);
        let is_whole = self.skip_code(read.as_ref());
        let tree = read.filter(|_| is_whole).map(|(tree, _)| tree);
        let end = self.at;
        if self.peek().is_some_and(|token| punct(token, ';')) {
            self.errors.report(
                &self.tokens[self.at],
                "the final arm takes no `;`",
                "remove it",
            );
            self.at += 1;
        }
        let comma = self.take_punct(',');
        if start == end {
            let help = "write the expression that the graph resolves to";
            return self.placeholder(&arrow[..], "the final arm is empty", help);
        }
        if !self.is_at_end() {
            let fact = if comma {
                "the final arm must come last"
            } else {
                "the final arm must be one expression"
            };
            self.errors.report(
                &self.tokens[self.at],
                fact,
                "put the tasks before `=> …`, and several statements in a block `{ … }`",
            );
        }
        Code::new(self.tokens[start..end].to_vec(), tree)
    }
}
