//! `if CONDITION`, between a task's brackets and its `=>`.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use super::{Parser, abbreviate};
use crate::ast::{Body, Dependency};
use crate::body::{group, operator, punct, word};

impl Parser<'_> {
    /// The condition, if there is one. Brackets that stand after it are read too.
    pub(super) fn condition(&mut self, name: &Ident, dependencies: &mut Vec<Dependency>) -> Option<Body> {
        let keyword = self.peek().filter(|token| word(token, "if"))?.clone();
        let start = self.at + 1;
        let end = self.body_end(start);
        let mut tokens = self.tokens[start..end].to_vec();
        let has_arrow = operator(&self.tokens, end, ['=', '>']);
        if !has_arrow && tokens.iter().any(|token| word(token, "else")) {
            // An expression, and so a body: the missing `=>` will be reported.
            return None;
        }
        self.at = end;
        match &tokens[..] {
            [.., block] if !has_arrow && tokens.len() > 1 && group(block, Delimiter::Brace).is_some() => {
                self.at = end - 1;
                tokens.pop();
            }
            [rest @ .., colon, list] if has_arrow && punct(colon, ':') => {
                if let Some(list) = group(list, Delimiter::Bracket) {
                    let condition: TokenStream = rest.iter().cloned().collect();
                    self.errors.report(
                        &tokens[tokens.len() - 2..],
                        &format!("the dependencies of `{name}` come before its condition"),
                        &format!("write `{name}: {list} if {} => …`", abbreviate(&condition.to_string())),
                    );
                    dependencies.extend(self.list(list));
                    tokens.truncate(tokens.len() - 2);
                }
            }
            _ => {}
        }
        if tokens.is_empty() {
            self.errors.report(
                &keyword,
                &format!("task `{name}` has no condition after `if`"),
                &format!("write `{name} if CONDITION => …`"),
            );
            tokens = vec![TokenTree::Ident(Ident::new("true", keyword.span()))];
        }
        Some(Body { tokens, loose: false })
    }
}
