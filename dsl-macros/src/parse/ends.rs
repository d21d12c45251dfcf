//! Where code that syn cannot read ends: before the next task.
//!
//! If syn can read code, it ends where its expression ends. Other code extends to the next comma before a task, to a
//! `;`, or to the head of a task without a comma before it.

use proc_macro2::{Delimiter, TokenTree};

use super::Parser;
use crate::syntax::token::{ends_operand, group, is_name, operator, punct, word};

impl Parser<'_, '_> {
    /// The index at which the body that starts at `start` ends, judged by its tokens alone.
    pub(super) fn recovered_end(&self, start: usize) -> usize {
        self.end_before(start, &|arrow| {
            self.head_before(start, start, arrow).unwrap_or_else(|| {
                if self.is_unfinished_before(start, arrow) {
                    arrow - 1
                } else {
                    arrow
                }
            })
        })
    }

    /// The same for a condition, which ends before its own `=>`.
    pub(super) fn recovered_condition_end(&self, start: usize) -> usize {
        self.end_before(start, &|arrow| {
            self.head_before(start, start + 1, arrow).unwrap_or(arrow)
        })
    }

    /// `at_arrow` returns where the code before an `=>` ends.
    fn end_before(&self, start: usize, at_arrow: &dyn Fn(usize) -> usize) -> usize {
        let tokens = self.tokens;
        for (at, token) in tokens.iter().enumerate().skip(start) {
            let is_last_comma = || {
                let is_trailing = at + 1 == tokens.len() && !has_open_generics(&tokens[start..at]);
                punct(token, ',') && (is_trailing || self.starts_task(at + 1))
            };
            if punct(token, ';') || is_last_comma() {
                return at;
            }
            if operator(tokens, at, ['=', '>']) {
                return at_arrow(at);
            }
        }
        tokens.len()
    }

    /// Where the head of the task with the `=>` at `arrow` starts, in code that starts at `start`. A head with brackets
    /// starts at `first` or later. A head without brackets comes after at least one operand.
    fn head_before(&self, start: usize, first: usize, arrow: usize) -> Option<usize> {
        let tokens = self.tokens;
        let condition = || {
            let keyword = tokens[start..arrow]
                .iter()
                .rposition(|token| word(token, "if") || word(token, "for"));
            keyword.map(|keyword| start + keyword)
        };
        let with_brackets = |end: usize| {
            let name = end.checked_sub(3).filter(|&name| name >= first)?;
            let has_brackets = punct(&tokens[name + 1], ':')
                && group(&tokens[name + 2], Delimiter::Bracket).is_some();
            (has_brackets && is_name(&tokens[name])).then_some(name)
        };
        let without_brackets = |end: usize| {
            let name = end.checked_sub(1).filter(|&name| name > start)?;
            (is_name(&tokens[name]) && ends_operand(&tokens[name - 1])).then_some(name)
        };
        let name = with_brackets(arrow)
            .or_else(|| without_brackets(arrow))
            .or_else(|| {
                condition().and_then(|at| with_brackets(at).or_else(|| without_brackets(at)))
            });
        name.map(|name| self.attributes_before(start, name))
    }

    /// Moves the start of a head before its attributes.
    fn attributes_before(&self, start: usize, mut head: usize) -> usize {
        while head >= start + 3
            && punct(&self.tokens[head - 2], '#')
            && group(&self.tokens[head - 1], Delimiter::Bracket).is_some()
        {
            head -= 2;
        }
        head
    }

    /// Whether the name before the `=>` at `arrow` is the next task, and the code before it is unfinished: `a => user.
    /// b => …`. The name may also end the code before a final arm, but then no task follows.
    fn is_unfinished_before(&self, start: usize, arrow: usize) -> bool {
        let is_alone = arrow == start + 1;
        let is_after_operator =
            arrow > start + 1 && matches!(&self.tokens[arrow - 2], TokenTree::Punct(_));
        if !(is_alone || is_after_operator) || !is_name(&self.tokens[arrow - 1]) {
            return false;
        }
        let body = arrow + 2;
        let next = (body..self.tokens.len()).find(|&at| punct(&self.tokens[at], ','));
        next.is_some_and(|comma| self.starts_task(comma + 1) && !self.is_arrow(comma + 1))
    }

    fn is_arrow(&self, at: usize) -> bool {
        operator(self.tokens, at, ['=', '>'])
    }

    /// Whether a task's head, an attribute or the final arm starts here.
    pub(super) fn starts_task(&self, at: usize) -> bool {
        let Some(first) = self.tokens.get(at) else {
            return false;
        };
        punct(first, '#')
            || self.is_arrow(at)
            || self.starts_head(at)
            || self.brackets_and_arrow_follow(at + 1)
    }

    /// Whether `[…] =>` stands here.
    pub(super) fn brackets_and_arrow_follow(&self, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| group(token, Delimiter::Bracket).is_some())
            && self.is_arrow(at + 1)
    }

    /// Whether a head starts here: `NAME =>`, `NAME if` or a mistaken `if`, `NAME for`, or `NAME:` without a second
    /// `:`.
    pub(super) fn starts_head(&self, at: usize) -> bool {
        let Some(TokenTree::Ident(_)) = self.tokens.get(at) else {
            return false;
        };
        self.is_arrow(at + 1)
            || self.tokens.get(at + 1).is_some_and(|next| {
                is_condition_keyword(next)
                    || word(next, "for")
                    || punct(next, ':') && !operator(self.tokens, at + 1, [':', ':'])
            })
    }
}

/// `if`, and the keywords of other languages for it.
pub(super) fn is_condition_keyword(token: &TokenTree) -> bool {
    ["if", "unless", "when", "where"]
        .iter()
        .any(|keyword| word(token, keyword))
}

/// Whether the tokens end in the middle of generic arguments.
fn has_open_generics(tokens: &[TokenTree]) -> bool {
    let is_arrow = |at: usize| {
        at > 0 && (operator(tokens, at - 1, ['=', '>']) || operator(tokens, at - 1, ['-', '>']))
    };
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        if punct(token, '<') {
            let follows_path = at > 1 && operator(tokens, at - 2, [':', ':']);
            depth += usize::from(depth > 0 || follows_path);
        } else if punct(token, '>') && !is_arrow(at) {
            depth = depth.saturating_sub(1);
        }
    }
    depth > 0
}
