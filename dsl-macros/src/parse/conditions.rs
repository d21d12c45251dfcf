//! `if CONDITION`, between a task's brackets and its `=>`.

use std::fmt::{self, Display};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use syn::Expr;

use super::dependencies::Brackets;
use super::ends::is_condition_keyword;
use super::{Parser, abbreviate, shorten};
use crate::syntax::Code;
use crate::syntax::code;
use crate::syntax::token::{ends_operand, group, is_keyword, operator, punct, word};

impl Parser<'_, '_> {
    /// The condition, if there is one, and the `=>` after it, or an error placeholder if no body follows. Also reads
    /// brackets that come after the condition.
    pub(super) fn condition_and_arrow(
        &mut self,
        name: &Ident,
        brackets: &mut Brackets,
    ) -> (Option<Code>, Option<Code>) {
        let keyword = self.peek().filter(|token| is_condition_keyword(token));
        let Some(keyword) = keyword.cloned() else {
            let misplaced = brackets.condition.take();
            return (misplaced, self.arrow(name, &Head { name, brackets }));
        };
        self.at += 1;
        let start = self.at;
        let read = self.expression(Expr::parse_without_eager_brace);
        let read = read.filter(|(_, end)| operator(self.tokens, *end, ['=', '>']));
        let mut end = match &read {
            Some((_, end)) => *end,
            None => self.recovered_condition_end(start),
        };
        let has_arrow = operator(self.tokens, end, ['=', '>']);
        if !has_arrow {
            if let Some(instead) = (start..end).find(|&at| operator(self.tokens, at, ['-', '>'])) {
                end = instead;
            }
        }
        let mut tokens = self.tokens[start..end].to_vec();
        if !has_arrow && tokens.iter().any(|token| word(token, "else")) {
            // This `if` is an expression, and so a body. Its missing `=>` gets reported.
            self.at = start - 1;
            return (None, self.arrow(name, &Head { name, brackets }));
        }
        self.at = end;
        let is_lost = tokens.is_empty() && !has_arrow;
        self.brackets_after(name, &mut tokens, brackets);
        let head = Head { name, brackets };
        self.block_after(&head, &mut tokens, has_arrow);
        let text = abbreviate(&code(&tokens.iter().cloned().collect()));
        if !word(&keyword, "if") && !tokens.is_empty() {
            let text = if word(&keyword, "unless") {
                format!("!({text})")
            } else {
                text.clone()
            };
            let fact = format!("a condition starts with `if`, not with `{keyword}`");
            self.errors
                .report(&keyword, &fact, &format!("write `{head} if {text} => …`"));
        }
        if tokens.is_empty() {
            let fact = format!("task `{name}` has no condition after `if`");
            let help = format!("write `{head} if CONDITION => …`");
            let placeholder = self.placeholder(&keyword, &fact, &help);
            if is_lost {
                self.take_punct(',');
                let body = Code::read(placeholder.tokens().to_vec());
                return (Some(placeholder), Some(body));
            }
            return (Some(placeholder), self.arrow(name, &head));
        }
        let condition = Code::new(tokens, read.map(|(tree, _)| tree));
        (
            Some(condition),
            self.arrow(name, &format!("{head} if {text}")),
        )
    }

    /// `if CONDITION: [a]`, and `: if CONDITION [a]`, because the parser skips the colon before the condition.
    fn brackets_after(
        &mut self,
        name: &Ident,
        tokens: &mut Vec<TokenTree>,
        brackets: &mut Brackets,
    ) {
        let after_colon = self.tokens[..self.at - tokens.len() - 1]
            .last()
            .is_some_and(|token| punct(token, ':'));
        let (rest, place, list) = match &tokens[..] {
            [rest @ .., colon, list] if punct(colon, ':') => (rest, 2, list),
            [rest @ .., list] if after_colon => (rest, 1, list),
            _ => return,
        };
        let Some(list) = group(list, Delimiter::Bracket).cloned() else {
            return;
        };
        let condition: TokenStream = rest.iter().cloned().collect();
        let condition = if rest.is_empty() {
            "CONDITION".to_owned()
        } else {
            abbreviate(&code(&condition))
        };
        self.errors.report(
            &tokens[tokens.len() - place..],
            &format!("the dependencies of `{name}` must come before its condition"),
            &format!("write `{name}: {list} if {condition} => …`"),
        );
        let found = self.list(&list, name);
        brackets.are_there = true;
        brackets.infer |= found.infer;
        brackets.dependencies.extend(found.dependencies);
        tokens.truncate(tokens.len() - place);
        if tokens.is_empty() {
            tokens.push(TokenTree::Ident(Ident::new("true", list.span())));
        }
    }

    /// `if CONDITION { … }`: if no `=>` follows, the block is the body, otherwise it is stray.
    fn block_after(&mut self, head: &dyn Display, tokens: &mut Vec<TokenTree>, has_arrow: bool) {
        let [first @ .., before, block] = &tokens[..] else {
            return;
        };
        // Expressions that contain blocks.
        let has_block = |token: &TokenTree| {
            [
                "async", "const", "for", "if", "loop", "match", "unsafe", "while",
            ]
            .iter()
            .any(|keyword| word(token, keyword))
        };
        let is_keyword = matches!(before, TokenTree::Ident(ident) if is_keyword(ident));
        let follows_operand = ends_operand(before) && !is_keyword && !first.iter().any(has_block);
        if group(block, Delimiter::Brace).is_none() || !follows_operand {
            return;
        }
        if has_arrow {
            let condition: TokenStream = tokens[..tokens.len() - 1].iter().cloned().collect();
            self.errors.report(
                block,
                &format!(
                    "expected `=>` after the condition, found `{}`",
                    shorten(block)
                ),
                &format!("write `{head} if {} => …`", abbreviate(&code(&condition))),
            );
        } else {
            self.at -= 1;
        }
        self.lost.extend(tokens.pop().filter(|_| has_arrow));
    }

    /// A misplaced condition after the body or the `=>`: `b => 2 if ready`, `b => if ready => 2`.
    pub(super) fn condition_of_body(
        &mut self,
        head: &dyn Display,
        body: Code,
    ) -> (Option<Code>, Code) {
        let tokens = body.tokens();
        let is_misplaced =
            |at: &usize| word(&tokens[*at], "if") && *at > 0 && ends_operand(&tokens[*at - 1]);
        let Some(at) = (0..tokens.len()).find(is_misplaced) else {
            return (None, body);
        };
        let (before, condition) = tokens.split_at(at);
        let text = abbreviate(&code(&before.iter().cloned().collect()));
        self.refuse_late_condition(head, condition, &text);
        let condition = Some(condition[1..].to_vec()).filter(|condition| !condition.is_empty());
        (condition.map(Code::read), Code::read(before.to_vec()))
    }

    /// Reports a condition, with its `if`, on the wrong side of the `=>`.
    pub(super) fn refuse_late_condition(
        &mut self,
        head: &dyn Display,
        condition: &[TokenTree],
        body: &str,
    ) {
        let text: TokenStream = condition.iter().cloned().collect();
        self.errors.report(
            condition,
            "the condition of a task must come before `=>`",
            &format!("write `{head} {} => {body}`", abbreviate(&code(&text))),
        );
    }
}

/// A task up to its brackets, for messages.
pub(super) struct Head<'a> {
    pub(super) name: &'a Ident,
    pub(super) brackets: &'a Brackets,
}

impl Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { name, brackets } = self;
        let entries = brackets.dependencies.iter().map(ToString::to_string);
        let rest = brackets.infer.then(|| "..".to_owned());
        let entries: Vec<_> = entries.chain(rest).collect();
        write!(f, "{name}")?;
        if entries.is_empty() {
            Ok(())
        } else {
            write!(f, ": [{}]", entries.join(", "))
        }
    }
}
