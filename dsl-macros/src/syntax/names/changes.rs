//! Which variables code borrows mutably: certainly by `&mut x`, `&mut *x`, `x = …`, `x[…] = …` and `x += …`, and by
//! `x.push(1)` if `x` is a collection of the standard library. For other types, the method may take `&self`.

use proc_macro2::Ident;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, ExprAsync, ExprClosure, ExprUnsafe, UnOp};

use super::{Names, variable};
use crate::syntax::token::unraw;

/// A place where code changes a variable.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) name: Ident,
    /// Whether it is a change for any type.
    pub(crate) is_certain: bool,
}

/// Methods that change collections.
const CHANGING_METHODS: [&str; 18] = [
    "append",
    "clear",
    "dedup",
    "drain",
    "entry",
    "extend",
    "insert",
    "insert_str",
    "pop",
    "pop_back",
    "pop_front",
    "push",
    "push_back",
    "push_front",
    "push_str",
    "remove",
    "retain",
    "truncate",
];

impl Names {
    /// Records the variable that an expression changes, if the expression is a place and not a temporary value.
    pub(super) fn find_change(&mut self, expression: &Expr) {
        let is_certain = !matches!(expression, Expr::MethodCall(_));
        let place = match expression {
            Expr::MethodCall(call) if CHANGING_METHODS.iter().any(|it| call.method == it) => {
                &call.receiver
            }
            Expr::Reference(reference) if reference.mutability.is_some() => &reference.expr,
            Expr::Assign(assign) => &assign.left,
            Expr::Binary(binary) if assigns(&binary.op) => &binary.left,
            _ => return,
        };
        let Some(name) = root(place) else { return };
        let text = unraw(name);
        if self.is_bound(&text) {
            return;
        }
        if is_certain {
            self.changed.insert(text);
        }
        if !self.is_in_doubt && is_whole(place) {
            self.changes.push(Change {
                name: name.clone(),
                is_certain,
            });
        }
    }
}

/// The variable that a place is in: `tx` for `tx`, `*tx` and `tx.log[0]`.
pub(crate) fn root(place: &Expr) -> Option<&Ident> {
    match place {
        Expr::Path(path) => variable(path),
        Expr::Field(field) => root(&field.base),
        Expr::Index(index) => root(&index.expr),
        Expr::Paren(inner) => root(&inner.expr),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => root(&unary.expr),
        _ => None,
    }
}

/// Whether the place is the whole variable. Two tasks can borrow different fields, `x.a` and `x.b`.
fn is_whole(place: &Expr) -> bool {
    match place {
        Expr::Index(index) => is_whole(&index.expr),
        Expr::Paren(inner) => is_whole(&inner.expr),
        Expr::Unary(unary) => is_whole(&unary.expr),
        place => !matches!(place, Expr::Field(_)),
    }
}

fn assigns(operator: &BinOp) -> bool {
    matches!(
        operator,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

/// Whether code may change copies, or memory behind raw pointers, instead of the variables that it names.
pub(super) fn are_uncertain(tree: &Expr) -> bool {
    struct Uncertain(bool);
    impl<'ast> Visit<'ast> for Uncertain {
        fn visit_expr_async(&mut self, block: &'ast ExprAsync) {
            self.0 |= block.capture.is_some();
            visit::visit_expr_async(self, block);
        }

        fn visit_expr_closure(&mut self, closure: &'ast ExprClosure) {
            self.0 |= closure.capture.is_some();
            visit::visit_expr_closure(self, closure);
        }

        fn visit_expr_unsafe(&mut self, _: &'ast ExprUnsafe) {
            self.0 = true;
        }
    }
    let mut doubt = Uncertain(false);
    doubt.visit_expr(tree);
    doubt.0
}
