//! The exits of a body: `?`, `return`, `break`, and exits that a macro may hide.

use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};
use syn::{
    Expr, ExprAsync, ExprBlock, ExprBreak, ExprClosure, ExprConst, ExprContinue, ExprForLoop,
    ExprLoop, ExprReturn, ExprTry, ExprTryBlock, ExprWhile, Item, Macro, Type,
};

use super::macros::{self, Kind};
use super::{operands, recovery};

/// The exits of a body.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exits {
    /// The first `?`, or the first call of a macro that returns an error.
    pub(crate) question: Option<Span>,
    /// Whether the operand of some `?` can be [replaced](super::operands).
    pub(super) has_operand: bool,
    /// The first `return`.
    pub(crate) return_keyword: Option<Span>,
    /// The first `break` outside the body's own loops and labelled blocks.
    pub(super) break_keyword: Option<Span>,
    /// The first `continue` outside the body's own loops.
    pub(super) continue_keyword: Option<Span>,
    /// Whether the body calls a macro that may expand to an exit.
    pub(crate) are_hidden: bool,
}

impl Exits {
    pub(crate) fn of_tree(tree: &Expr) -> Self {
        let mut exits = Exits::default();
        exits.visit_expr(tree);
        exits
    }

    pub(super) fn are_none(&self) -> bool {
        self.question.is_none()
            && self.return_keyword.is_none()
            && self.break_keyword.is_none()
            && self.continue_keyword.is_none()
            && !self.are_hidden
    }

    /// Adds the exits of later code.
    pub(super) fn add(&mut self, later: Exits) {
        self.question = self.question.or(later.question);
        self.return_keyword = self.return_keyword.or(later.return_keyword);
        self.break_keyword = self.break_keyword.or(later.break_keyword);
        self.continue_keyword = self.continue_keyword.or(later.continue_keyword);
        self.are_hidden |= later.are_hidden;
        self.has_operand |= later.has_operand;
    }

    /// Adds the exits of code in a loop or a labelled block, except its `break` and `continue`.
    fn within(&mut self, visit: impl FnOnce(&mut Exits)) {
        let mut inside = Exits::default();
        visit(&mut inside);
        self.add(inside.of_loop());
    }

    /// The exits of a loop whose body has these exits.
    pub(super) fn of_loop(self) -> Self {
        Exits {
            break_keyword: None,
            continue_keyword: None,
            ..self
        }
    }
}

impl<'ast> Visit<'ast> for Exits {
    fn visit_expr_try(&mut self, expression: &'ast ExprTry) {
        visit::visit_expr_try(self, expression);
        self.question = self.question.or(Some(expression.question_token.span));
        self.has_operand = true;
    }

    fn visit_expr_return(&mut self, expression: &'ast ExprReturn) {
        self.return_keyword = self.return_keyword.or(Some(expression.return_token.span));
        visit::visit_expr_return(self, expression);
    }

    // A `break` with a label leaves the labelled code, which is a part of the body.
    fn visit_expr_break(&mut self, expression: &'ast ExprBreak) {
        visit::visit_expr_break(self, expression);
        if expression.label.is_none() {
            self.break_keyword = self.break_keyword.or(Some(expression.break_token.span));
        }
    }

    fn visit_expr_continue(&mut self, expression: &'ast ExprContinue) {
        if expression.label.is_none() {
            let keyword = expression.continue_token.span;
            self.continue_keyword = self.continue_keyword.or(Some(keyword));
        }
    }

    fn visit_expr_loop(&mut self, expression: &'ast ExprLoop) {
        self.within(|inside| visit::visit_expr_loop(inside, expression));
    }

    fn visit_expr_while(&mut self, expression: &'ast ExprWhile) {
        self.within(|inside| visit::visit_expr_while(inside, expression));
    }

    fn visit_expr_for_loop(&mut self, expression: &'ast ExprForLoop) {
        self.visit_expr(&expression.expr);
        self.within(|inside| inside.visit_block(&expression.body));
    }

    fn visit_expr_block(&mut self, expression: &'ast ExprBlock) {
        if expression.label.is_some() {
            self.within(|inside| visit::visit_expr_block(inside, expression));
        } else {
            visit::visit_expr_block(self, expression);
        }
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let name = call.path.segments.last().map(|name| name.ident.to_string());
        let name = name.unwrap_or_default();
        match macros::kind(&name) {
            Kind::KeepsArguments => return,
            Kind::ReturnsErrors => {
                self.question = self.question.or(Some(call.path.span()));
                self.are_hidden = true;
            }
            Kind::Unknown => self.are_hidden = true,
            Kind::Known => {}
        }
        let exits = Exits {
            has_operand: operands::has_any(call),
            ..macros::exits_of_arguments(&call.tokens)
        };
        if macros::may_loop(&name) {
            self.within(|inside| *inside = exits);
        } else {
            self.add(exits);
        }
    }

    fn visit_expr(&mut self, expression: &'ast Expr) {
        match expression {
            // Syntax that syn does not know.
            Expr::Verbatim(tokens) => {
                let tokens: Vec<_> = tokens.clone().into_iter().collect();
                self.add(recovery::exits(&tokens));
            }
            expression => visit::visit_expr(self, expression),
        }
    }

    // Exits inside leave the closure, `async` block or item, not the body.
    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}
    fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
    fn visit_expr_const(&mut self, _: &'ast ExprConst) {}
    fn visit_expr_try_block(&mut self, _: &'ast ExprTryBlock) {}
    fn visit_item(&mut self, _: &'ast Item) {}
    fn visit_type(&mut self, _: &'ast Type) {}
    fn visit_generic_argument(&mut self, _: &'ast syn::GenericArgument) {}
}

/// The first `return` that leaves the code, unless it is in a macro call.
pub(super) fn first_return(tree: &Expr) -> Option<&ExprReturn> {
    let mut returns = FirstReturn(None);
    returns.visit_expr(tree);
    returns.0
}

struct FirstReturn<'ast>(Option<&'ast ExprReturn>);

impl<'ast> Visit<'ast> for FirstReturn<'ast> {
    fn visit_expr_return(&mut self, expression: &'ast ExprReturn) {
        self.0 = self.0.or(Some(expression));
    }

    // Exits inside leave the closure, `async` block or item, not the body.
    fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}
    fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
    fn visit_expr_const(&mut self, _: &'ast ExprConst) {}
    fn visit_expr_try_block(&mut self, _: &'ast ExprTryBlock) {}
    fn visit_item(&mut self, _: &'ast Item) {}
    fn visit_type(&mut self, _: &'ast Type) {}
}
