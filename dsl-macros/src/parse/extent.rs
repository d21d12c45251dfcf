//! Where a body ends and the next task begins.

use proc_macro2::{Delimiter, TokenTree};

use super::Parser;
use crate::body::{
    closure_parameters_end, ends_operand, generics_end, group, is_keyword, operator, punct,
    type_arguments, word,
};

impl Parser<'_> {
    /// The index at which the body that starts here ends: at the next comma outside of generic arguments and closure
    /// parameters, at a `;`, or before the head of a task that a comma was forgotten before.
    pub(super) fn body_end(&self, start: usize) -> usize {
        let tokens = &self.tokens;
        let mut at = start;
        while let Some(token) = tokens.get(at) {
            if let Some(end) = closure_parameters_end(tokens, at).filter(|_| at <= start + 2) {
                at = end;
            } else if let Some(open) = type_arguments(tokens, at) {
                at = self.generics_end(open);
            } else if word(token, "as") {
                at = self.type_end(at + 1);
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

    /// The index after the name of a type and its generic arguments.
    fn type_end(&self, start: usize) -> usize {
        let is_name = |token: &TokenTree| match token {
            TokenTree::Ident(_) => true,
            TokenTree::Punct(punct) => matches!(punct.as_char(), ':' | '&' | '*' | '\''),
            _ => false,
        };
        let end = (start..self.tokens.len())
            .find(|&at| !is_name(&self.tokens[at]))
            .unwrap_or(self.tokens.len());
        match self.tokens.get(end) {
            Some(open) if punct(open, '<') => self.generics_end(end),
            _ => end,
        }
    }

    /// The index after generic arguments. Unclosed ones end at the next task, as everything does.
    fn generics_end(&self, open: usize) -> usize {
        let close = generics_end(&self.tokens, open);
        let is_over = |at: &usize| {
            punct(&self.tokens[*at], ',') && self.arrow_follows(at + 1)
                || operator(&self.tokens, *at, ['=', '>'])
        };
        (open..close).find(is_over).unwrap_or(close)
    }

    /// Where the head of the task starts whose `=>` was found at `arrow` in a body that starts at `start`.
    fn head_before(&self, start: usize, arrow: usize) -> usize {
        let tokens = &self.tokens;
        let name = |end: usize| {
            let list = group(tokens.get(end.checked_sub(1)?)?, Delimiter::Bracket).is_some();
            let name = end
                .checked_sub(if list { 3 } else { 1 })
                .filter(|&name| name > start)?;
            let names_a_task =
                matches!(&tokens[name], TokenTree::Ident(ident) if !is_keyword(&ident.to_string()));
            let ends_a_body = ends_operand(&tokens[name - 1]);
            (names_a_task && ends_a_body && (!list || punct(&tokens[end - 2], ':'))).then_some(name)
        };
        // The name may have a condition after it.
        let condition = || {
            tokens[start..arrow]
                .iter()
                .rposition(|token| word(token, "if"))
        };
        let Some(name) = name(arrow).or_else(|| name(start + condition()?)) else {
            return arrow;
        };
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

    /// Where a body ends that breaks off, as one that is being written does, before a task that no comma is before:
    /// `a => user. b: [user] => …`. `end` is where it ends otherwise: at the `=>` of that task.
    pub(super) fn unfinished_end(&self, start: usize, end: usize) -> usize {
        let tokens = &self.tokens;
        if !operator(tokens, end, ['=', '>']) {
            return end;
        }
        let is_name = |at: usize| {
            at >= start
                && matches!(&tokens[at], TokenTree::Ident(ident) if !is_keyword(&ident.to_string()))
        };
        let with_list = |end: usize| {
            let [.., _, colon, list] = &tokens[start..end] else {
                return None;
            };
            let has_list = punct(colon, ':') && group(list, Delimiter::Bracket).is_some();
            (has_list && is_name(end - 3)).then(|| end - 3)
        };
        let condition = || {
            tokens[start..end]
                .iter()
                .rposition(|token| word(token, "if"))
        };
        if let Some(name) = with_list(end).or_else(|| with_list(start + condition()?)) {
            return name;
        }
        // `NAME =>` may be the end of the body as well, and a final arm; which is the last, so that no task follows.
        let breaks_off = || {
            end == start + 1 || end > start + 1 && matches!(&tokens[end - 2], TokenTree::Punct(_))
        };
        let next = self.body_end(end + 2);
        let a_task_follows =
            tokens.get(next).is_some_and(|token| punct(token, ',')) && self.head_follows(next + 1);
        if is_name(end - 1) && breaks_off() && a_task_follows {
            end - 1
        } else {
            end
        }
    }

    /// Whether a task's head, an attribute or the final arm starts here.
    pub(super) fn head_follows(&self, at: usize) -> bool {
        let Some(first) = self.tokens.get(at) else {
            return false;
        };
        punct(first, '#')
            || operator(&self.tokens, at, ['=', '>'])
            || self.arrow_follows(at)
            || self.list_and_arrow_follow(at + 1)
    }

    /// Whether `[…] =>` stands here.
    pub(super) fn list_and_arrow_follow(&self, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|token| group(token, Delimiter::Bracket).is_some())
            && operator(&self.tokens, at + 1, ['=', '>'])
    }

    /// Whether `NAME =>`, `NAME if`, or `NAME:` and no path, stands here.
    pub(super) fn arrow_follows(&self, at: usize) -> bool {
        matches!(self.tokens.get(at), Some(TokenTree::Ident(_)))
            && (operator(&self.tokens, at + 1, ['=', '>'])
                || self
                    .tokens
                    .get(at + 1)
                    .is_some_and(|token| word(token, "if"))
                || self
                    .tokens
                    .get(at + 1)
                    .is_some_and(|token| punct(token, ':'))
                    && !operator(&self.tokens, at + 1, [':', ':']))
    }
}
