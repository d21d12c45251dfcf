//! What leaves a body: `?`, `return`, and exits that a macro may hide.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprAsync, ExprClosure, ExprConst, ExprReturn, ExprTry, ExprTryBlock, Item, Macro, Type,
};

use super::macros::{self, Kind};
use super::recovery;

/// The ways out of a body.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exits {
    /// The first `?`, or call of a macro that is known to return an error.
    pub(super) question: Option<Span>,
    /// The first `return`.
    pub(super) return_keyword: Option<Span>,
    /// Whether the body calls a macro that may expand to an exit.
    pub(super) are_hidden: bool,
}

impl Exits {
    pub(super) fn of_tree(tree: &Expr) -> Self {
        let mut exits = Exits::default();
        exits.visit_expr(tree);
        exits
    }

    /// Those of both, in source order.
    pub(super) fn add(&mut self, later: Exits) {
        self.question = self.question.or(later.question);
        self.return_keyword = self.return_keyword.or(later.return_keyword);
        self.are_hidden |= later.are_hidden;
    }
}

impl<'ast> Visit<'ast> for Exits {
    fn visit_expr_try(&mut self, expression: &'ast ExprTry) {
        visit::visit_expr_try(self, expression);
        self.question = self.question.or(Some(expression.question_token.span));
    }

    fn visit_expr_return(&mut self, expression: &'ast ExprReturn) {
        self.return_keyword = self.return_keyword.or(Some(expression.return_token.span));
        visit::visit_expr_return(self, expression);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = call.path.segments.last().map(|name| name.ident.to_string());
        match macros::kind(&name.unwrap_or_default()) {
            Kind::KeepsArguments => return,
            Kind::ReturnsErrors => {
                self.question = self.question.or(Some(call.path.span()));
                self.are_hidden = true;
            }
            Kind::Unknown => self.are_hidden = true,
            Kind::Known => {}
        }
        self.add(macros::exits_of_arguments(&call.tokens));
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            // Newer than syn.
            Expr::Verbatim(tokens) => {
                let tokens: Vec<_> = tokens.clone().into_iter().collect();
                self.add(recovery::exits(&tokens));
            }
            expression => visit::visit_expr(self, expression),
        }
    }

    // What is inside leaves these, not the body.
    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}
    fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
    fn visit_expr_const(&mut self, _: &'ast ExprConst) {}
    fn visit_expr_try_block(&mut self, _: &'ast ExprTryBlock) {}
    fn visit_item(&mut self, _: &'ast Item) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
}
