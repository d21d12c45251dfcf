//! A misplaced `for`, and misplaced parts around a `for`.

use std::fmt::Display;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::Expr;
use syn::parse::Parse as _;

use super::ends_in_block;
use crate::ast::Each;
use crate::parse::conditions::Head;
use crate::parse::dependencies::Brackets;
use crate::parse::{Parser, abbreviate};
use crate::syntax::token::{ends_operand, group, operator, punct, word};
use crate::syntax::{Code, Pattern, code};

impl Parser<'_, '_> {
    /// `if CONDITION for …`: a task cannot have both.
    pub(super) fn skip_condition_before_for(&mut self, name: &Ident, brackets: &Brackets) {
        if !self.peek().is_some_and(|token| word(token, "if")) {
            return;
        }
        let start = self.at;
        self.at += 1;
        let read = self.expression(Expr::parse_without_eager_brace);
        let end = read.map(|(_, end)| end);
        let end = end.filter(|&end| self.tokens.get(end).is_some_and(|it| word(it, "for")));
        let Some(end) = end else {
            self.at = start;
            return;
        };
        self.at = end + 1;
        let place = self.place_of_for();
        self.at = end;
        let text = |tokens: &[TokenTree]| abbreviate(&code(&tokens.iter().cloned().collect()));
        let condition = text(&self.tokens[start + 1..end]);
        let (pattern, iterable) = match place.iterable {
            Some(iterable) => (
                text(&self.tokens[place.pattern..iterable - 1]),
                text(&self.tokens[iterable..place.end]),
            ),
            None => ("PATTERN".to_owned(), "ITERABLE".to_owned()),
        };
        let tokens = self.tokens[start..end].to_vec();
        self.refuse_both(&tokens, name, brackets, [&condition, &pattern, &iterable]);
        self.lost.extend(tokens);
    }

    fn refuse_both(
        &mut self,
        at: &[TokenTree],
        name: &Ident,
        brackets: &Brackets,
        [condition, pattern, iterable]: [&str; 3],
    ) {
        self.errors.report(
            at,
            &format!("task `{name}` has both a condition and `for`"),
            &format!(
                "filter the iterable, `{} for {pattern} in {iterable}.into_iter().filter(|_| {condition}) => …`, \
                 or test in the body and end it with an `Option`",
                Head { name, brackets }
            ),
        );
    }

    /// `for x in xs: [xs]`: the brackets come first.
    pub(super) fn brackets_after_for(
        &mut self,
        name: &Ident,
        tokens: &mut Vec<TokenTree>,
        pattern: usize,
        brackets: &mut Brackets,
    ) {
        let [iterable @ .., colon, list] = &tokens[..] else {
            return;
        };
        let list = group(list, Delimiter::Bracket).filter(|_| punct(colon, ':'));
        let Some(list) = list.cloned() else { return };
        let start = self.at - tokens.len();
        let text = |tokens: &[TokenTree]| abbreviate(&code(&tokens.iter().cloned().collect()));
        let help = format!(
            "write `{name}: {list} for {} in {} => …`",
            text(&self.tokens[pattern..start - 1]),
            text(iterable)
        );
        self.errors.report(
            &tokens[iterable.len()..],
            &format!("the dependencies of `{name}` must come before its `for`"),
            &help,
        );
        let found = self.list(&list, name);
        brackets.are_there = true;
        brackets.infer |= found.infer;
        brackets.dependencies.extend(found.dependencies);
        tokens.truncate(tokens.len() - 2);
    }

    /// `for x in xs if CONDITION`: a task cannot have both.
    pub(super) fn condition_after_for(
        &mut self,
        name: &Ident,
        tokens: &mut Vec<TokenTree>,
        pattern: usize,
        brackets: &Brackets,
    ) {
        let is_condition =
            |at: &usize| word(&tokens[*at], "if") && *at > 0 && ends_operand(&tokens[*at - 1]);
        let Some(at) = (0..tokens.len()).find(is_condition) else {
            return;
        };
        let start = self.tokens[..self.at]
            .iter()
            .enumerate()
            .skip(pattern)
            .find(|(_, token)| word(token, "in"))
            .map_or(self.at, |(at, _)| at);
        let text = |tokens: &[TokenTree]| abbreviate(&code(&tokens.iter().cloned().collect()));
        let condition = tokens.split_off(at);
        let parts = [
            text(&condition[1..]),
            text(&self.tokens[pattern..start]),
            text(tokens),
        ];
        self.refuse_both(&condition, name, brackets, parts.each_ref().map(|it| &**it));
        self.lost.extend(condition);
    }

    /// `=> for PATTERN in ITERABLE => …`
    pub(in crate::parse) fn each_after_arrow(&mut self, head: &dyn Display) -> Option<Each> {
        let keyword = self.peek().filter(|token| word(token, "for"))?.clone();
        if self.expression(Expr::parse).is_some() {
            return None;
        }
        let start = self.at;
        self.at += 1;
        let place = self.place_of_for();
        self.at = start;
        let iterable = place.iterable?;
        if place.end == iterable || !operator(self.tokens, place.end, ['=', '>']) {
            return None;
        }
        let tokens = self.tokens[start..place.end].to_vec();
        self.refuse_late_for(head, &tokens, "…");
        self.at = place.end + 2;
        Some(Each {
            span: keyword.span(),
            pattern: Pattern::read(&self.tokens[place.pattern..iterable - 1]),
            iterable: Code::read(self.tokens[iterable..place.end].to_vec()),
        })
    }

    /// A `for` after a body: `b => f(x) for x in xs`.
    pub(in crate::parse) fn each_of_body(
        &mut self,
        head: &dyn Display,
        body: Code,
    ) -> (Option<Each>, Code) {
        let tokens = body.tokens();
        let is_misplaced =
            |at: &usize| word(&tokens[*at], "for") && *at > 0 && ends_operand(&tokens[*at - 1]);
        let Some(at) = (0..tokens.len()).find(is_misplaced) else {
            return (None, body);
        };
        let (before, each) = tokens.split_at(at);
        let Some(keyword) = each.iter().position(|token| word(token, "in")) else {
            return (None, body);
        };
        let (pattern, iterable) = (&each[1..keyword], &each[keyword + 1..]);
        if pattern.is_empty() || iterable.is_empty() {
            return (None, body);
        }
        let text = abbreviate(&code(&before.iter().cloned().collect()));
        self.refuse_late_for(head, each, &text);
        let each = Each {
            span: each[0].span(),
            pattern: Pattern::read(pattern),
            iterable: Code::read(iterable.to_vec()),
        };
        (Some(each), Code::read(before.to_vec()))
    }

    fn refuse_late_for(&mut self, head: &dyn Display, each: &[TokenTree], body: &str) {
        let text: TokenStream = each.iter().cloned().collect();
        self.errors.report(
            each,
            "the `for` of a task must come before `=>`",
            &format!("write `{head} {} => {body}`", abbreviate(&code(&text))),
        );
    }

    /// `for PATTERN in ITERABLE …` where a task is expected.
    pub(in crate::parse) fn refuse_for_without_name(&mut self) {
        let start = self.at;
        self.at += 1;
        let place = self.place_of_for();
        self.at = start;
        let text = |tokens: &[TokenTree]| abbreviate(&code(&tokens.iter().cloned().collect()));
        let (pattern, iterable) = match place.iterable {
            Some(iterable) if iterable < place.end => {
                let mut tokens = self.tokens[iterable..place.end].to_vec();
                if ends_in_block(&tokens) {
                    tokens.pop();
                }
                (
                    text(&self.tokens[place.pattern..iterable - 1]),
                    text(&tokens),
                )
            }
            _ => ("PATTERN".to_owned(), "ITERABLE".to_owned()),
        };
        self.errors.report(
            &self.tokens[start],
            "`for` must come after the name of a task",
            &format!(
                "write `name for {pattern} in {iterable} => …`; put a loop in the body of a task"
            ),
        );
    }
}
