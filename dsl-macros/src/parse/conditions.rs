//! `if CONDITION`, between a task's brackets and its `=>`.

use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

use super::{Parser, abbreviate, shorten};
use crate::ast::{Body, Dependency, code};
use crate::body::{ends_operand, group, is_keyword, operator, punct, word};

impl Parser<'_> {
    /// The condition, if there is one, and the `=>` after it, or a hole when no body follows. Brackets that stand after
    /// the condition are read, too.
    pub(super) fn condition_and_arrow(
        &mut self,
        name: &Ident,
        dependencies: &mut Vec<Dependency>,
    ) -> (Option<Body>, Result<(), Body>) {
        let keywords = ["if", "unless", "when", "where"];
        let is_keyword = |token: &&TokenTree| keywords.iter().any(|keyword| word(token, keyword));
        let Some(keyword) = self.peek().filter(is_keyword).cloned() else {
            return (None, self.arrow(name, &head(name, dependencies)));
        };
        let start = self.at + 1;
        let mut end = self.body_end(start);
        let has_arrow = operator(&self.tokens, end, ['=', '>']);
        if !has_arrow
            && let Some(instead) = (start..end).find(|&at| operator(&self.tokens, at, ['-', '>']))
        {
            end = instead;
        }
        let mut tokens = self.tokens[start..end].to_vec();
        if !has_arrow && tokens.iter().any(|token| word(token, "else")) {
            // An expression, and so a body: the missing `=>` is reported.
            return (None, self.arrow(name, &head(name, dependencies)));
        }
        self.at = end;
        let is_lost = tokens.is_empty() && !has_arrow;
        self.brackets_after(name, &mut tokens, dependencies);
        let head = head(name, dependencies);
        self.block_after(&head, &mut tokens, has_arrow);
        let text = abbreviate(&code(&tokens.iter().cloned().collect()));
        if !word(&keyword, "if") && !tokens.is_empty() {
            let text = if word(&keyword, "unless") {
                format!("!({text})")
            } else {
                text.clone()
            };
            let fact = format!("a condition is written with `if`, not with `{keyword}`");
            self.errors
                .report(&keyword, &fact, &format!("write `{head} if {text} => …`"));
        }
        if tokens.is_empty() {
            let fact = format!("task `{name}` has no condition after `if`");
            let help = format!("write `{head} if CONDITION => …`");
            let hole = self.hole(&keyword, &fact, &help);
            if is_lost {
                self.take_punct(',');
                let body = Body {
                    tokens: hole.tokens.clone(),
                    loose: false,
                };
                return (Some(hole), Err(body));
            }
            return (Some(hole), self.arrow(name, &head));
        }
        let condition = Body {
            tokens: with_visible_literals(tokens),
            loose: false,
        };
        (
            Some(condition),
            self.arrow(name, &format!("{head} if {text}")),
        )
    }

    /// `if CONDITION: [a]`, and `: if CONDITION [a]`, as the colon before the condition is passed over.
    fn brackets_after(
        &mut self,
        name: &Ident,
        tokens: &mut Vec<TokenTree>,
        dependencies: &mut Vec<Dependency>,
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
            &format!("the dependencies of `{name}` come before its condition"),
            &format!("write `{name}: {list} if {condition} => …`"),
        );
        dependencies.extend(self.list(&list, name));
        tokens.truncate(tokens.len() - place);
        if tokens.is_empty() {
            tokens.push(TokenTree::Ident(Ident::new("true", list.span())));
        }
    }

    /// `if CONDITION { … }`: without an `=>` the block is the body, before one it does not belong there.
    fn block_after(&mut self, head: &str, tokens: &mut Vec<TokenTree>, has_arrow: bool) {
        let [first @ .., before, block] = &tokens[..] else {
            return;
        };
        // Of these, blocks are a part.
        let has_block = |token: &TokenTree| {
            [
                "async", "const", "for", "if", "loop", "match", "unsafe", "while",
            ]
            .iter()
            .any(|keyword| word(token, keyword))
        };
        let is_keyword =
            matches!(before, TokenTree::Ident(ident) if is_keyword(&ident.to_string()));
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

    /// A condition that stands after a body, or without its own place before one: `b => 2 if ready`, `b => if ready => 2`.
    pub(super) fn condition_of_body(
        &mut self,
        head: &str,
        tokens: &mut Vec<TokenTree>,
    ) -> Option<Body> {
        let is_misplaced =
            |at: &usize| word(&tokens[*at], "if") && *at > 0 && ends_operand(&tokens[*at - 1]);
        let at = (0..tokens.len()).find(is_misplaced)?;
        let condition = tokens.split_off(at);
        let body: TokenStream = tokens.iter().cloned().collect();
        self.refuse_late_condition(head, &condition, &abbreviate(&code(&body)));
        Some(Body {
            tokens: condition[1..].to_vec(),
            loose: false,
        })
        .filter(|condition| !condition.tokens.is_empty())
    }

    /// Reports a condition, with its `if`, on the wrong side of the `=>`.
    pub(super) fn refuse_late_condition(
        &mut self,
        head: &str,
        condition: &[TokenTree],
        body: &str,
    ) {
        let text: TokenStream = condition.iter().cloned().collect();
        self.errors.report(
            condition,
            "the condition of a task comes before `=>`",
            &format!("write `{head} {} => {body}`", abbreviate(&code(&text))),
        );
    }
}

/// A task up to its brackets, as its user would write it.
pub(super) fn head(name: &Ident, dependencies: &[Dependency]) -> String {
    let entries: Vec<_> = dependencies.iter().map(ToString::to_string).collect();
    if entries.is_empty() {
        name.to_string()
    } else {
        format!("{name}: [{}]", entries.join(", "))
    }
}

/// The tokens with round brackets around what a `$value:expr` of a `macro_rules!` brings as a struct literal: where a
/// block may follow, rustc takes none without.
fn with_visible_literals(tokens: Vec<TokenTree>) -> Vec<TokenTree> {
    let is_literal = |group: &Group| {
        let inside: Vec<_> = group.stream().into_iter().collect();
        let name = |token: &TokenTree| matches!(token, TokenTree::Ident(_)) || punct(token, ':');
        matches!(&inside[..], [path @ .., fields]
            if !path.is_empty() && path.iter().all(name) && crate::body::group(fields, Delimiter::Brace).is_some())
    };
    let visible = tokens.into_iter().map(|token| match token {
        TokenTree::Group(old) if old.delimiter() == Delimiter::None && is_literal(&old) => {
            let mut new = Group::new(Delimiter::Parenthesis, old.stream());
            new.set_span(old.span());
            new.into()
        }
        token => token,
    });
    visible.collect()
}
