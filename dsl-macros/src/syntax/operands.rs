//! The operand of the first `?` that leaves a body.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, TokenStreamExt as _};
use syn::parse::Parser as _;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Block, Expr, ExprAsync, ExprClosure, ExprConst, ExprTry, ExprTryBlock, GenericArgument, Item,
    Macro, Type,
};

use super::macros;

/// The expression with this operand replaced: `replace` gets the operand and the span of its `?`.
pub(super) fn print(
    mut expression: Expr,
    replace: &mut dyn FnMut(TokenStream, Span) -> TokenStream,
) -> TokenStream {
    let mut first = First {
        replace: Some(replace),
    };
    first.visit_expr_mut(&mut expression);
    expression.into_token_stream()
}

/// Whether the arguments of a macro have such a `?`.
pub(super) fn has_any(call: &Macro) -> bool {
    let mut found = false;
    let mut find = |operand, _| {
        found = true;
        operand
    };
    let mut first = First {
        replace: Some(&mut find),
    };
    let arguments: Vec<_> = call.tokens.clone().into_iter().collect();
    if runs_arguments(call) {
        first.arguments(&arguments);
    }
    found
}

fn runs_arguments(call: &Macro) -> bool {
    let name = call.path.segments.last();
    name.is_some_and(|name| macros::runs_arguments(&name.ident.to_string()))
}

struct First<'r> {
    /// `None` once the operand has been found.
    replace: Option<&'r mut dyn FnMut(TokenStream, Span) -> TokenStream>,
}

impl First<'_> {
    /// The arguments of a macro. Each part may be statements.
    fn arguments(&mut self, arguments: &[TokenTree]) -> TokenStream {
        let mut printed = TokenStream::new();
        for (part, separator) in macros::parts(arguments) {
            let tokens = part.iter().cloned().collect();
            let statements = self
                .replace
                .is_some()
                .then(|| Block::parse_within.parse2(tokens));
            if let Some(Ok(mut statements)) = statements {
                for statement in &mut statements {
                    self.visit_stmt_mut(statement);
                }
                printed.append_all(statements);
            } else {
                printed.append_all(part);
            }
            printed.append_all(separator);
        }
        printed
    }
}

impl VisitMut for First<'_> {
    fn visit_expr_try_mut(&mut self, expression: &mut ExprTry) {
        visit_mut::visit_expr_try_mut(self, expression);
        if let Some(replace) = self.replace.take() {
            let operand = expression.expr.to_token_stream();
            *expression.expr = Expr::Verbatim(replace(operand, expression.question_token.span));
        }
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        if self.replace.is_some() && runs_arguments(call) {
            let arguments: Vec<_> = call.tokens.clone().into_iter().collect();
            call.tokens = self.arguments(&arguments);
        }
    }

    fn visit_expr_mut(&mut self, expression: &mut Expr) {
        if self.replace.is_some() {
            visit_mut::visit_expr_mut(self, expression);
        }
    }

    // A `?` inside leaves the closure, `async` block or item, not the body.
    fn visit_expr_async_mut(&mut self, _: &mut ExprAsync) {}
    fn visit_expr_closure_mut(&mut self, _: &mut ExprClosure) {}
    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}
    fn visit_expr_try_block_mut(&mut self, _: &mut ExprTryBlock) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
    fn visit_type_mut(&mut self, _: &mut Type) {}
    fn visit_generic_argument_mut(&mut self, _: &mut GenericArgument) {}
}
