//! The expressions with which code ends. One of them is its value.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::visit::{self, Visit};
use syn::{Block, Expr, ExprCall, PatIdent, Stmt};

use super::Code;
use super::token::{inside, regroup};

/// Macros of the standard library, and of `anyhow` and similar crates, that never return.
const NEVER_RETURN: [&str; 5] = ["bail", "panic", "todo", "unimplemented", "unreachable"];

impl Code {
    /// The expressions with which the code ends, in source order, without those that leave it. `None` stands for one
    /// that syn cannot read.
    pub(crate) fn values(&self) -> Vec<Option<&Expr>> {
        let mut found = Vec::new();
        match self.tree() {
            Some(tree) => add(tree, &mut found),
            None => found.push(None),
        }
        found
    }

    /// The calls of `Ok`, if the code always ends with one. `Ok::<_, E>(…)` does not count, because it names the error.
    pub(crate) fn calls_of_ok(&self) -> Vec<&ExprCall> {
        let calls: Option<Vec<_>> = self
            .values()
            .into_iter()
            .map(|value| match value? {
                Expr::Call(call) if is_variant(&call.func, "Ok") && call.args.len() == 1 => {
                    Some(call)
                }
                _ => None,
            })
            .collect();
        calls.unwrap_or_default()
    }

    /// Whether some pattern in the code binds a name.
    pub(crate) fn binds(&self, name: &Ident) -> bool {
        struct Binds<'n>(&'n Ident, bool);
        impl<'ast> Visit<'ast> for Binds<'_> {
            fn visit_pat_ident(&mut self, pattern: &'ast PatIdent) {
                self.1 |= pattern.ident.unraw() == self.0.unraw();
                visit::visit_pat_ident(self, pattern);
            }
        }
        let mut binds = Binds(name, false);
        self.tree()
            .into_iter()
            .for_each(|tree| binds.visit_expr(tree));
        binds.1
    }

    /// The argument of the function whose name is at `place`, as written.
    pub(crate) fn argument(&self, place: Span) -> TokenStream {
        argument(self.tokens(), &format!("{place:?}")).unwrap_or_default()
    }

    /// The code without the tokens at these places.
    pub(crate) fn without(&self, places: &[Span]) -> Code {
        let places: Vec<_> = places.iter().map(|place| format!("{place:?}")).collect();
        Code::read(without(self.tokens().iter().cloned().collect(), &places))
    }
}

/// The content of the group after the name at `place`, as written.
fn argument(tokens: &[TokenTree], place: &str) -> Option<TokenStream> {
    tokens.iter().enumerate().find_map(|(at, token)| {
        if let (TokenTree::Ident(name), Some(TokenTree::Group(group))) = (token, tokens.get(at + 1))
        {
            if format!("{:?}", name.span()) == place {
                return Some(group.stream());
            }
        }
        match token {
            TokenTree::Group(group) => argument(&inside(group), place),
            _ => None,
        }
    })
}

fn without(tokens: TokenStream, places: &[String]) -> Vec<TokenTree> {
    let kept = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Group(group) => Some(regroup(&group, without(group.stream(), places))),
        TokenTree::Ident(name) if places.contains(&format!("{:?}", name.span())) => None,
        token => Some(token),
    });
    kept.collect()
}

fn add<'e>(expression: &'e Expr, found: &mut Vec<Option<&'e Expr>>) {
    match expression {
        Expr::Paren(inner) => add(&inner.expr, found),
        Expr::Block(inner) if inner.label.is_none() => add_block(&inner.block, found),
        Expr::Unsafe(inner) => add_block(&inner.block, found),
        Expr::If(choice) => {
            add_block(&choice.then_branch, found);
            if let Some((_, otherwise)) = &choice.else_branch {
                add(otherwise, found);
            }
        }
        Expr::Match(choice) => choice.arms.iter().for_each(|arm| add(&arm.body, found)),
        Expr::Return(_) | Expr::Break(_) | Expr::Continue(_) => {}
        Expr::Macro(call) if leaves(&call.mac) => {}
        Expr::Try(fallible) if matches!(&*fallible.expr, Expr::Call(call) if is_variant(&call.func, "Err")) =>
            {}
        other => found.push(Some(other)),
    }
}

fn add_block<'e>(block: &'e Block, found: &mut Vec<Option<&'e Expr>>) {
    match block.stmts.last() {
        Some(Stmt::Expr(last, None)) => add(last, found),
        Some(Stmt::Macro(call)) if !leaves(&call.mac) => found.push(None),
        _ => {}
    }
}

fn leaves(call: &syn::Macro) -> bool {
    let name = call.path.segments.last();
    name.is_some_and(|name| NEVER_RETURN.iter().any(|leaves| name.ident == leaves))
}

/// Whether this is `Ok` or `Err` alone.
fn is_variant(callee: &Expr, name: &str) -> bool {
    matches!(callee, Expr::Path(path) if path.qself.is_none() && path.path.is_ident(name))
}
