//! Which variables an expression may move.
//!
//! Types decide that, which a macro does not know. A variable that is borrowed, compared or formatted is not moved; neither is the
//! receiver of a method whose name says that it borrows, such as `as_str` or `len`. Every other use may move.

use std::collections::BTreeSet;

use quote::ToTokens as _;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{BinOp, Expr, ExprTuple};

use crate::ast::unraw;
use crate::syntax::macros::{self, Arguments};
use crate::syntax::{Names, root};

/// All variables from outside the expression that it may move, and perhaps some that it does not.
pub(super) fn may_move(expression: &Expr) -> BTreeSet<String> {
    let mut expression = expression.clone();
    WithoutBorrows.visit_expr_mut(&mut expression);
    let mut names = Names::default();
    let tokens: Vec<_> = expression.to_token_stream().into_iter().collect();
    names.add(&tokens, Some(&expression));
    let uses = names.into_uses();
    uses.iter().map(|it| unraw(&it.name)).collect()
}

/// Takes out the operands that are only looked at.
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
                if let Arguments::Expressions(Some(_)) = macros::arguments(&name)
                    && let Ok(arguments) = macros::expressions.parse2(call.mac.tokens.clone())
                {
                    // The first may be a string that names variables.
                    let arguments = arguments
                        .into_iter()
                        .filter(|it| !matches!(it, Expr::Lit(_)));
                    *expression = tuple(arguments.collect());
                    if let Expr::Tuple(tuple) = expression {
                        tuple.elems.iter_mut().for_each(|it| self.borrow(it));
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
