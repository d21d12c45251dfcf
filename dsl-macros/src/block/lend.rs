//! Replaces each use of a lent variable by `(*name)`.

use std::collections::BTreeSet;

use proc_macro2::{Ident, Spacing, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::token::Paren;
use syn::visit::Visit as _;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Arm, Block, Expr, ExprClosure, ExprForLoop, ExprIf, ExprLet, ExprParen, ExprPath, ExprStruct,
    ExprUnary, ExprWhile, Item, Local, Macro, Pat, Token, UnOp,
};

use crate::syntax::Bound;
use crate::syntax::macros::{self, Arguments};

/// Rewrites all uses of these names.
pub(crate) fn lend(expression: &mut Expr, names: BTreeSet<String>) {
    if !names.is_empty() {
        Lend { names }.visit_expr_mut(expression);
    }
}

struct Lend {
    /// The names that nothing shadows at the current place.
    names: BTreeSet<String>,
}

impl Lend {
    fn is_lent(&self, name: &Ident) -> bool {
        self.names.contains(&name.unraw().to_string())
    }

    fn bind(&mut self, pattern: &Pat) {
        let mut bound = Bound::default();
        bound.visit_pat(pattern);
        for name in bound.names {
            self.names.remove(&name);
        }
    }

    fn in_scope(&mut self, visit: impl FnOnce(&mut Self)) {
        let names = self.names.clone();
        visit(self);
        self.names = names;
    }

    fn tokens(&self, tokens: TokenStream) -> TokenStream {
        let tokens: Vec<_> = tokens.into_iter().collect();
        let mut lent = TokenStream::new();
        for (at, token) in tokens.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let is_member = matches!(before, Some(TokenTree::Punct(dot)) if matches!(dot.as_char(), '.' | ':' | '\''));
            let is_other = matches!(tokens.get(at + 1), Some(TokenTree::Punct(next))
                if next.as_char() == ':' || next.as_char() == '!' && next.spacing() == Spacing::Alone);
            match token {
                TokenTree::Group(group) => {
                    let mut new =
                        proc_macro2::Group::new(group.delimiter(), self.tokens(group.stream()));
                    new.set_span(group.span());
                    lent.extend([TokenTree::from(new)]);
                }
                TokenTree::Ident(name) if self.is_lent(name) && !is_member && !is_other => {
                    lent.extend(dereferenced(name));
                }
                token => lent.extend([token.clone()]),
            }
        }
        lent
    }
}

/// The dereferenced name, as tokens.
fn dereferenced(name: &Ident) -> TokenStream {
    let star = quote_spanned!(Span::mixed_site().located_at(name.span())=> *);
    quote!((#star #name))
}

/// The dereferenced path, as an expression.
fn dereferenced_path(path: ExprPath) -> Expr {
    let ident = path.path.get_ident().expect("it is a variable");
    let span = Span::mixed_site().located_at(ident.span());
    Expr::Paren(ExprParen {
        attrs: Vec::new(),
        paren_token: Paren(span),
        expr: Box::new(Expr::Unary(ExprUnary {
            attrs: Vec::new(),
            op: UnOp::Deref(Token![*](span)),
            expr: Box::new(Expr::Path(path)),
        })),
    })
}

impl VisitMut for Lend {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Path(path) => {
                if path.path.get_ident().is_some_and(|name| self.is_lent(name)) {
                    *expression = dereferenced_path(path.clone());
                }
            }
            Expr::Verbatim(tokens) => *tokens = self.tokens(std::mem::take(tokens)),
            expression => visit_mut::visit_expr_mut(self, expression),
        }
    }

    fn visit_expr_struct_mut(&mut self, literal: &mut ExprStruct) {
        for field in &mut literal.fields {
            let lent = match (&field.colon_token, &field.expr) {
                (None, Expr::Path(path)) => {
                    let name = path.path.get_ident().filter(|name| self.is_lent(name));
                    name.map(|name| (name.span(), path.clone()))
                }
                _ => None,
            };
            if let Some((place, path)) = lent {
                field.colon_token = Some(Token![:](place));
                field.expr = dereferenced_path(path);
            } else {
                self.visit_expr_mut(&mut field.expr);
            }
        }
        if let Some(rest) = &mut literal.rest {
            self.visit_expr_mut(rest);
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        let name = call.path.segments.last().map(|it| it.ident.to_string());
        call.tokens = match macros::arguments(&name.unwrap_or_default()) {
            Arguments::Nothing => return,
            // A reference looks the same.
            Arguments::Expressions(_) => {
                let arguments = Punctuated::<Expr, Token![,]>::parse_terminated;
                match arguments.parse2(call.tokens.clone()) {
                    Ok(mut arguments) => {
                        arguments.iter_mut().for_each(|it| self.visit_expr_mut(it));
                        quote!(#arguments)
                    }
                    Err(_) => self.tokens(call.tokens.clone()),
                }
            }
            _ => self.tokens(call.tokens.clone()),
        };
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.in_scope(|lend| visit_mut::visit_block_mut(lend, block));
    }

    fn visit_local_mut(&mut self, local: &mut Local) {
        if let Some(init) = &mut local.init {
            self.visit_expr_mut(&mut init.expr);
            if let Some((_, diverge)) = &mut init.diverge {
                self.visit_expr_mut(diverge);
            }
        }
        self.bind(&local.pat);
    }

    fn visit_expr_let_mut(&mut self, condition: &mut ExprLet) {
        self.visit_expr_mut(&mut condition.expr);
        self.bind(&condition.pat);
    }

    fn visit_expr_if_mut(&mut self, choice: &mut ExprIf) {
        self.in_scope(|lend| {
            lend.visit_expr_mut(&mut choice.cond);
            lend.visit_block_mut(&mut choice.then_branch);
        });
        if let Some((_, otherwise)) = &mut choice.else_branch {
            self.visit_expr_mut(otherwise);
        }
    }

    fn visit_expr_while_mut(&mut self, repeated: &mut ExprWhile) {
        self.in_scope(|lend| {
            lend.visit_expr_mut(&mut repeated.cond);
            lend.visit_block_mut(&mut repeated.body);
        });
    }

    fn visit_expr_for_loop_mut(&mut self, repeated: &mut ExprForLoop) {
        self.visit_expr_mut(&mut repeated.expr);
        self.in_scope(|lend| {
            lend.bind(&repeated.pat);
            lend.visit_block_mut(&mut repeated.body);
        });
    }

    fn visit_arm_mut(&mut self, arm: &mut Arm) {
        self.in_scope(|lend| {
            lend.bind(&arm.pat);
            lend.visit_pat_mut(&mut arm.pat);
            lend.visit_expr_mut(&mut arm.body);
        });
    }

    fn visit_expr_closure_mut(&mut self, closure: &mut ExprClosure) {
        self.in_scope(|lend| {
            closure.inputs.iter().for_each(|it| lend.bind(it));
            lend.visit_expr_mut(&mut closure.body);
        });
    }

    fn visit_item_mut(&mut self, _: &mut Item) {}
}
