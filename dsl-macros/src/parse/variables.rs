//! `let NAME = CODE;`, a statement where a task is expected.

use proc_macro2::{TokenStream, TokenTree};
use syn::Expr;
use syn::parse::Parse as _;

use super::{Parser, abbreviate};
use crate::ast::Task;
use crate::diagnostic::SpanRange;
use crate::syntax::token::{is_keyword, is_name, operator, punct, word};
use crate::syntax::{Code, code};

impl Parser<'_, '_> {
    /// The task that such a statement stands for. It infers its dependencies, because later statements use earlier
    /// ones.
    pub(super) fn variable(&mut self) -> Option<Task> {
        let keyword = self.peek().filter(|token| word(token, "let"))?.clone();
        let at = self.at + 1;
        let is_mutable = self.tokens.get(at).is_some_and(|token| word(token, "mut"));
        let name = at + usize::from(is_mutable);
        let TokenTree::Ident(name_of_task) = self
            .tokens
            .get(name)
            .filter(|token| is_name(token))?
            .clone()
        else {
            return None;
        };
        let start = self.assigned_at(name + 1)?;
        self.at = start;
        let read = self.expression(Expr::parse);
        let (tree, end) = match read {
            Some((tree, end)) => (Some(tree), end),
            None => (None, self.recovered_end(start)),
        };
        let body = Code::new(self.tokens[start..end].to_vec(), tree);
        let text: TokenStream = body.tokens().iter().cloned().collect();
        self.errors.report(
            SpanRange::between(keyword.span(), self.tokens[start - 1].span()),
            "`let` is not allowed before a task",
            &format!(
                "write `{name_of_task} => {},`; list the tasks it uses in brackets, `{name_of_task}: [..] => …`",
                abbreviate(&code(&text))
            ),
        );
        self.lost.extend_from_slice(&self.tokens[name + 1..start]);
        self.at = end;
        if self
            .peek()
            .is_some_and(|token| punct(token, ';') || punct(token, ','))
        {
            self.at += 1;
        }
        Some(Task {
            attributes: Vec::new(),
            name: name_of_task,
            has_brackets: false,
            infers: true,
            dependencies: Vec::new(),
            condition: None,
            each: None,
            body,
            changes: Vec::new(),
        })
    }

    /// The index after the `=` that follows here, possibly after a type, if code follows it.
    fn assigned_at(&self, at: usize) -> Option<usize> {
        let first = self.tokens.get(at)?;
        if !punct(first, '=') && !punct(first, ':') {
            return None;
        }
        let is_end = |token: &TokenTree| {
            punct(token, ';')
                || punct(token, ',')
                || matches!(token, TokenTree::Ident(word) if is_keyword(word) && word == "let")
        };
        let equals = (at..self.tokens.len())
            .take_while(|&at| !is_end(&self.tokens[at]))
            .find(|&at| punct(&self.tokens[at], '='))?;
        let is_arrow =
            operator(self.tokens, equals, ['=', '>']) || operator(self.tokens, equals, ['=', '=']);
        (!is_arrow && equals + 1 < self.tokens.len()).then_some(equals + 1)
    }
}
