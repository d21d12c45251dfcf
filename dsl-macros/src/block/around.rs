//! `#![around(object)]`: each line of a group runs within a call of the object's method `task`.
//!
//! The call becomes a part of the line before the stage reads the line any further. A `?` at the end of the line stays
//! outside, so that the object gets the `Result`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::{Expr, Local, Stmt};

use super::statement::{Exit, Statement};
use crate::ast::unraw;
use crate::diagnostic::Mistake;
use crate::emit::{Private, ours};

/// Statements that evaluate the object, once.
pub(super) fn evaluated(private: &Private, object: &TokenStream) -> TokenStream {
    ours! {
        #[allow(unused_imports)]
        use #private::Around as _;
        #[allow(unused_parens, unused_variables)]
        let __conjoin_around = &(#object);
    }
}

/// The line of the statement `read`, within a call.
pub(super) fn wrapped(
    private: &Private,
    object: &TokenStream,
    local: &Local,
    read: &Statement,
) -> Result<Stmt, Mistake> {
    let mut local = local.clone();
    let name = read.name();
    if let Some(init) = &mut local.init {
        match (read.exit, &mut *init.expr) {
            (Exit::Question, Expr::Try(fallible)) => {
                let operand = &fallible.expr;
                *fallible.expr = called(object, name, &ours!(#operand));
            }
            (Exit::Never, expression) => {
                let sure = ours!(#private::Ok::<_, #private::Never>(#expression));
                let call = called(object, name, &sure);
                *expression = parsed(ours! {
                    match #call {
                        #private::Ok(__conjoin_value) => __conjoin_value,
                        #private::Err(__conjoin_never) => match __conjoin_never {},
                    }
                });
            }
            _ => {
                return Err(Mistake::new(
                    name.span(),
                    &format!(
                        "the object of `#![around(…)]` cannot run the line of `{name}`, which has an exit besides the `?` at its end"
                    ),
                    "split it into several lines, or mark it `#[sequential]` to run it outside the object",
                ));
            }
        }
    }
    Ok(Stmt::Local(local))
}

/// `object.task("name", async { … }).await`
fn called(object: &TokenStream, name: &Ident, code: &TokenStream) -> Expr {
    // rustc reports a missing method once, at the object, and a line that the method cannot accept at the line.
    let first = object.clone().into_iter().next();
    let place = first.as_ref().map_or_else(Span::call_site, TokenTree::span);
    let method = Ident::new("task", Span::mixed_site().located_at(place));
    let (text, span) = (unraw(name), Span::mixed_site().located_at(name.span()));
    parsed(quote_spanned!(span=> (*__conjoin_around).#method(#text, async { #code }).await))
}

fn parsed(tokens: TokenStream) -> Expr {
    syn::parse2(tokens).expect("a call of ours is an expression")
}
