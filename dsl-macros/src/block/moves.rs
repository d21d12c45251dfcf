//! Which variables an expression may move.
//!
//! That depends on types, which a macro does not know. Borrowing, comparing or formatting a variable does not move it.
//! Neither does calling a method whose name says that it borrows, such as `as_str` or `len`. Every other use may move.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::visit::Visit;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, ExprTuple};

use crate::ast::unraw;
use crate::syntax::macros::{self, Arguments};
use crate::syntax::{Names, root};

/// All outer variables that the expression may move, and perhaps some that it does not.
pub(super) fn may_move(expression: &Expr) -> BTreeSet<String> {
    let mut expression = expression.clone();
    WithoutBorrows.visit_expr_mut(&mut expression);
    let mut names = Names::default();
    let tokens: Vec<_> = expression.to_token_stream().into_iter().collect();
    names.add(&tokens, Some(&expression));
    let uses = names.into_uses();
    uses.iter().map(|it| unraw(&it.name)).collect()
}

/// The variables that an expression uses by value: it moves or copies them.
pub(super) fn hands_over(expression: &Expr) -> BTreeSet<String> {
    #[derive(Default)]
    struct Values(BTreeSet<String>);

    impl<'ast> Visit<'ast> for Values {
        fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
            self.0.extend(path.path.get_ident().map(unraw));
        }

        fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
            if root(&field.base).is_none() {
                self.visit_expr(&field.base);
            }
        }

        fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
            if root(&call.receiver).is_none() {
                self.visit_expr(&call.receiver);
            }
            call.args.iter().for_each(|it| self.visit_expr(it));
        }
    }

    let mut expression = expression.clone();
    WithoutBorrows.visit_expr_mut(&mut expression);
    let mut values = Values::default();
    values.visit_expr(&expression);
    values.0
}

/// Adds the names that code uses as a whole, not only for a field. None of these is partly moved before.
pub(super) fn uses_as_a_whole(tokens: TokenStream, names: &mut BTreeSet<String>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        let is_punct = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(dot)) if dot.as_char() == '.');
        match token {
            TokenTree::Group(inner) => uses_as_a_whole(inner.stream(), names),
            TokenTree::Ident(name) => {
                let is_member = at > 0 && is_punct(at - 1);
                let is_called = group(tokens.get(at + 3), Delimiter::Parenthesis);
                let is_field = is_punct(at + 1) && !is_called;
                if !is_member && !is_field {
                    names.insert(unraw(name));
                }
            }
            // What a format string captures.
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let words = text.split(|char: char| !char.is_alphanumeric() && char != '_');
                names.extend(words.map(ToOwned::to_owned));
            }
            TokenTree::Punct(_) => {}
        }
    }
}

fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> bool {
    token.is_some_and(|token| crate::syntax::token::group(token, delimiter).is_some())
}

/// Removes operands that are only borrowed.
struct WithoutBorrows;

impl WithoutBorrows {
    fn borrow(&mut self, operand: &mut Expr) {
        if root(operand).is_some() {
            let mut indices = Vec::new();
            take_indices(operand, &mut indices);
            *operand = tuple(indices);
        }
        self.visit_expr_mut(operand);
    }
}

fn take_indices(place: &mut Expr, indices: &mut Vec<Expr>) {
    match place {
        Expr::Index(index) => {
            indices.push(std::mem::replace(&mut index.index, tuple(Vec::new())));
            take_indices(&mut index.expr, indices);
        }
        Expr::Field(field) => take_indices(&mut field.base, indices),
        Expr::Paren(inner) => take_indices(&mut inner.expr, indices),
        Expr::Unary(unary) => take_indices(&mut unary.expr, indices),
        _ => {}
    }
}

fn tuple(elements: Vec<Expr>) -> Expr {
    let mut elems = Punctuated::new();
    for element in elements {
        elems.push_value(element);
        elems.push_punct(syn::token::Comma::default());
    }
    Expr::Tuple(ExprTuple {
        attrs: Vec::new(),
        paren_token: syn::token::Paren::default(),
        elems,
    })
}

impl VisitMut for WithoutBorrows {
    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        match expression {
            Expr::Reference(reference) => self.borrow(&mut reference.expr),
            Expr::Index(index) => {
                self.borrow(&mut index.expr);
                self.visit_expr_mut(&mut index.index);
            }
            Expr::Binary(binary)
                if matches!(
                    binary.op,
                    BinOp::Eq(_)
                        | BinOp::Ne(_)
                        | BinOp::Lt(_)
                        | BinOp::Le(_)
                        | BinOp::Gt(_)
                        | BinOp::Ge(_)
                ) =>
            {
                self.borrow(&mut binary.left);
                self.borrow(&mut binary.right);
            }
            Expr::MethodCall(call) if borrows(&call.method.to_string()) => {
                self.borrow(&mut call.receiver);
                call.args.iter_mut().for_each(|it| self.visit_expr_mut(it));
            }
            Expr::Macro(call) => {
                let name = call.mac.path.segments.last();
                let name = name.map(|it| it.ident.to_string()).unwrap_or_default();
                if let Arguments::Expressions(Some(_)) = macros::arguments(&name) {
                    if let Ok(arguments) = macros::expressions.parse2(call.mac.tokens.clone()) {
                        // The first argument may be a format string that captures variables.
                        let arguments = arguments
                            .into_iter()
                            .filter(|it| !matches!(it, Expr::Lit(_)));
                        *expression = tuple(arguments.collect());
                        if let Expr::Tuple(tuple) = expression {
                            tuple.elems.iter_mut().for_each(|it| self.borrow(it));
                        }
                    }
                }
            }
            expression => visit_mut::visit_expr_mut(self, expression),
        }
    }
}

/// Whether a method of this name borrows its receiver, by the conventions of Rust's API guidelines.
fn borrows(method: &str) -> bool {
    const BORROWING: [&str; 9] = [
        "clone",
        "contains",
        "first",
        "get",
        "is_empty",
        "iter",
        "last",
        "len",
        "starts_with",
    ];
    BORROWING.contains(&method)
        || method.starts_with("as_")
        || method.starts_with("to_")
        || method.starts_with("is_") && !method.ends_with("_and")
}
