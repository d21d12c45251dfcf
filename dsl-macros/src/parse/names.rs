//! The name of a task.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::Expr;
use syn::parse::Parse as _;

use super::{Parser, abbreviate, shorten};
use crate::syntax::code as written;
use crate::syntax::token::{group, is_keyword, operator, punct};

/// The help where rustc suggests `move`.
pub(super) const MOVE_HELP: &str =
    "to move variables into the graph, write `async move { auto! { … }.await }`";

impl Parser<'_, '_> {
    /// The task's name. On anything else: reports it and skips to after the next comma.
    pub(super) fn name(&mut self) -> Option<Ident> {
        let Some(token) = self.peek().cloned() else {
            let last = &self.tokens[self.at - 1];
            self.errors.report(
                last,
                "there is no task after this attribute",
                "add a task, `name => …`, or remove the attribute",
            );
            return None;
        };
        match &token {
            TokenTree::Ident(ident) if self.starts_expression() => {
                let read = self.expression(Expr::parse);
                let end = read.map_or_else(|| self.recovered_end(self.at), |(_, end)| end);
                let code: TokenStream = self.tokens[self.at..end].iter().cloned().collect();
                let help = format!("give it a name: `name => {}`", abbreviate(&written(&code)));
                self.errors.report(
                    &token,
                    &format!("expected a task, found an expression that starts with `{ident}`"),
                    &help,
                );
            }
            TokenTree::Ident(ident) if !is_keyword(ident) => {
                self.at += 1;
                return Some(ident.clone());
            }
            // rustc suggests `move` here for a graph that outlives its borrows.
            TokenTree::Ident(keyword) if keyword == "move" && !self.starts_task(self.at) => {
                self.errors
                    .report(&token, "`move` is not allowed before a task", MOVE_HELP);
                self.at += 1;
                return if self.is_at_end() { None } else { self.name() };
            }
            TokenTree::Ident(keyword) if keyword == "if" && !self.starts_task(self.at) => {
                if let Some(name) = self.name_after_condition() {
                    return Some(name);
                }
                self.errors.report(
                    &token,
                    "expected a task, found an expression that starts with `if`",
                    "give it a name: `name => if …`",
                );
            }
            TokenTree::Ident(keyword) if keyword == "for" && !self.starts_task(self.at) => {
                self.refuse_for_without_name();
            }
            TokenTree::Ident(keyword) if self.precedes_a_name(keyword) => {
                self.errors.report(
                    &token,
                    &format!("`{keyword}` is not allowed before a task"),
                    "remove it: write `name => …`",
                );
                self.at += 1;
                return self.name();
            }
            TokenTree::Ident(keyword) => {
                if let Some(name) = self.keyword_as_name(keyword) {
                    return Some(name);
                }
            }
            TokenTree::Literal(literal) if quoted_name(&literal.to_string()).is_some() => {
                let name = quoted_name(&literal.to_string())?;
                self.errors.report(
                    &token,
                    &format!("a task's name is an identifier, not `{literal}`"),
                    &format!("write `{name} => …`"),
                );
                self.at += 1;
                return Some(Ident::new(&name, literal.span()));
            }
            TokenTree::Punct(colon)
                if colon.as_char() == ':' && self.brackets_and_arrow_follow(self.at + 1) =>
            {
                self.errors
                    .report(&token, "this task has no name", "write `name: […] => …`");
                return Some(Ident::new(
                    &format!("_task_{}", self.at),
                    Span::mixed_site(),
                ));
            }
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                self.errors
                    .report(&token, "this `,` has no task before it", "remove it");
                self.at += 1;
                return None;
            }
            _ => {
                let fact = format!("expected a task, found `{}`", shorten(&token));
                self.errors.report(
                    &token,
                    &fact,
                    "write `name => …` or `name: [dependency] => …`; put several statements in a block `{ … }`",
                );
            }
        }
        self.skip_to_next();
        None
    }

    /// Reports a keyword in place of a name. If it starts a task, returns a similar valid name.
    fn keyword_as_name(&mut self, keyword: &Ident) -> Option<Ident> {
        let text = keyword.to_string();
        let can_be_raw = can_be_raw(&text);
        let raw = if can_be_raw {
            format!("write `r#{text}`, or ")
        } else {
            String::new()
        };
        self.errors.report(
            keyword.span(),
            &format!("`{text}` cannot name a task"),
            &format!("{raw}choose another name"),
        );
        if !self.starts_task(self.at) {
            return None;
        }
        self.at += 1;
        Some(if can_be_raw {
            Ident::new_raw(&text, keyword.span())
        } else {
            Ident::new(&format!("_task_{}", self.at), keyword.span())
        })
    }

    /// `if ready a => …`, `if a: [b] => …`: the task after a condition, or after tokens that look like one.
    fn name_after_condition(&mut self) -> Option<Ident> {
        let arrow = self.recovered_end(self.at);
        if self
            .tokens
            .get(arrow)
            .is_none_or(|token| punct(token, ',') || punct(token, ';'))
        {
            return None;
        }
        // A head of a task ends the body of an `if`, unless nothing comes before it.
        let end = (arrow..self.tokens.len())
            .take(4)
            .find(|&at| operator(self.tokens, at, ['=', '>']))?;
        let has_list = group(&self.tokens[end - 1], Delimiter::Bracket).is_some()
            && punct(&self.tokens[end - 2], ':');
        let at = if has_list { end - 3 } else { end - 1 };
        let TokenTree::Ident(name) = &self.tokens[at] else {
            return None;
        };
        if at <= self.at || is_keyword(name) {
            return None;
        }
        let name = name.clone();
        let condition: TokenStream = self.tokens[self.at + 1..at].iter().cloned().collect();
        let condition = if condition.is_empty() {
            "CONDITION".to_owned()
        } else {
            abbreviate(&written(&condition))
        };
        let list = if has_list {
            format!(": {}", self.tokens[end - 1])
        } else {
            String::new()
        };
        self.errors.report(
            &self.tokens[self.at],
            "the condition must come after the task's name and brackets",
            &format!("write `{name}{list} if {condition} => …`"),
        );
        self.lost.extend_from_slice(&self.tokens[self.at..at]);
        self.at = at + 1;
        Some(name)
    }

    /// Whether a call, a path or a method chain starts here instead of a task.
    fn starts_expression(&self) -> bool {
        let is_call = self
            .tokens
            .get(self.at + 1)
            .is_some_and(|token| group(token, Delimiter::Parenthesis).is_some())
            && !operator(self.tokens, self.at + 2, ['=', '>']);
        let is_chain = self
            .tokens
            .get(self.at + 1)
            .is_some_and(|token| punct(token, '.'));
        is_call || is_chain || operator(self.tokens, self.at + 1, [':', ':'])
    }

    /// Whether this keyword precedes a name elsewhere in Rust or in other languages.
    fn precedes_a_name(&self, keyword: &Ident) -> bool {
        let keywords = ["async", "const", "fn", "let", "mut", "pub", "static"];
        keywords.iter().any(|it| keyword == it)
            && matches!(self.tokens.get(self.at + 1), Some(TokenTree::Ident(_)))
    }
}

/// Whether a keyword can be a name, with `r#` before it.
pub(super) fn can_be_raw(keyword: &str) -> bool {
    !matches!(
        keyword,
        "self" | "Self" | "super" | "crate" | "_" | "move" | "mut"
    )
}

/// The name in a string literal, if there is one.
pub(super) fn quoted_name(literal: &str) -> Option<String> {
    let name = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut letters = name.chars();
    let starts = letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    (starts
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !is_keyword(&Ident::new(name, Span::call_site())))
    .then(|| name.to_owned())
}
