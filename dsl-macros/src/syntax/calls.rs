//! Bodies that are a bare call.
//!
//! The future of `load(user.id).await?` needs no `async` block: the expansion can poll it directly. But then its
//! arguments are evaluated outside a block, and a temporary value among them would not live as long as the future. So a
//! call that might borrow a temporary value is not a bare call. A name from outside the graph may be a constant, and
//! each use of a constant is a new temporary value: it may be called or passed by value, not borrowed.
//!
//! `auto! { … }.await` also counts, if it uses no dependency: it is an `async` block itself. So a nested graph adds one
//! level of nested state machines instead of two, and twenty levels stay within rustc's limit on the depth of types.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use syn::{BinOp, Expr, Lit, Macro, Member, UnOp};

/// A body such as `load(user.id).await?`.
#[derive(Debug)]
pub(crate) struct Call {
    /// `load(user.id)`, or `auto! { … }`
    pub(crate) called: Vec<TokenTree>,
    /// `.await`
    pub(crate) awaits: TokenStream,
    pub(crate) await_span: Span,
    /// The span of the `?`.
    pub(crate) question: Option<Span>,
    /// Whether this is a nested graph, which does nothing until it is polled.
    pub(crate) is_graph: bool,
}

/// The names that a body gets from its dependencies.
pub(crate) struct Names<'n> {
    /// Whether there are any.
    pub(crate) any: bool,
    /// Whether a name is one of them.
    pub(crate) is_bound: &'n dyn Fn(&Ident) -> bool,
    /// Whether a name is bound to a reference to another task's value.
    pub(crate) is_reference: &'n dyn Fn(&Ident) -> bool,
}

/// The call, if the body is a bare call. `tokens` are those of the body.
pub(crate) fn bare_call(
    body: &Expr,
    tokens: impl FnOnce() -> Vec<TokenTree>,
    names: &Names<'_>,
) -> Option<Call> {
    let (awaited, question) = match body {
        Expr::Try(fallible) if fallible.attrs.is_empty() => {
            (&*fallible.expr, Some(fallible.question_token.span))
        }
        other => (other, None),
    };
    let Expr::Await(awaited) = awaited else {
        return None;
    };
    let is_plain = match &*awaited.base {
        Expr::Call(call) => names.is_function(&call.func) && names.are_plain(&call.args),
        Expr::MethodCall(call) => is_receiver(&call.receiver) && names.are_plain(&call.args),
        Expr::Macro(call) if call.attrs.is_empty() => {
            is_graph(&call.mac) && !names.occur(&call.mac.tokens)
        }
        _ => false,
    };
    let (dot, keyword) = (&awaited.dot_token, &awaited.await_token);
    is_plain.then(|| {
        let mut called = tokens();
        // Without `.await` and the `?`.
        called.truncate(called.len() - 2 - usize::from(question.is_some()));
        Call {
            called,
            awaits: quote::quote!(#dot #keyword),
            await_span: keyword.span,
            question,
            is_graph: matches!(&*awaited.base, Expr::Macro(_)),
        }
    })
}

impl Names<'_> {
    /// Whether this is the path of a function. A closure from a dependency does not count: calling it would borrow from
    /// the body.
    fn is_function(&self, callee: &Expr) -> bool {
        matches!(callee, Expr::Path(path)
            if path.attrs.is_empty() && !path.path.get_ident().is_some_and(|name| (self.is_bound)(name)))
    }

    /// Whether this is a place behind a reference that outlives the body: a field of a dependency or of `self`, or the
    /// value of a dependency.
    fn is_lasting(&self, place: &Expr) -> bool {
        let is_known = |name: &Ident| name == "self" || (self.is_reference)(name);
        match place {
            Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                matches!(&*unary.expr, Expr::Path(_)) && root(&unary.expr).is_some_and(is_known)
            }
            Expr::Field(_) => root(place).is_some_and(is_known),
            _ => false,
        }
    }

    /// Whether a dependency's name may occur in a macro's tokens.
    fn occur(&self, tokens: &TokenStream) -> bool {
        tokens.clone().into_iter().any(|token| match token {
            TokenTree::Group(group) => self.occur(&group.stream()),
            TokenTree::Ident(name) => (self.is_bound)(&name),
            // A format string may capture any name.
            TokenTree::Literal(literal) => self.any && literal.to_string().contains('{'),
            TokenTree::Punct(_) => false,
        })
    }

    fn are_plain<'a>(&self, arguments: impl IntoIterator<Item = &'a Expr>) -> bool {
        arguments
            .into_iter()
            .all(|argument| self.is_plain(argument))
    }

    /// Whether an argument borrows nothing that the body owns.
    fn is_plain(&self, argument: &Expr) -> bool {
        match argument {
            Expr::Lit(literal) => !matches!(literal.lit, Lit::Verbatim(_)),
            Expr::Path(path) => path.attrs.is_empty() && path.qself.is_none(),
            Expr::Field(_) => root(argument).is_some(),
            Expr::Reference(reference) if reference.mutability.is_none() => {
                matches!(*reference.expr, Expr::Lit(_)) || self.is_lasting(&reference.expr)
            }
            Expr::Unary(unary) => match (&unary.op, &*unary.expr) {
                (UnOp::Deref(_), Expr::Path(path)) => path.attrs.is_empty(),
                (_, operand) => matches!(operand, Expr::Lit(_)),
            },
            Expr::Binary(binary) => {
                let is_arithmetic = matches!(
                    binary.op,
                    BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_)
                );
                let is_value = |operand: &Expr| {
                    !matches!(operand, Expr::Reference(_)) && self.is_plain(operand)
                };
                is_arithmetic && is_value(&binary.left) && is_value(&binary.right)
            }
            _ => false,
        }
    }
}

/// Whether this calls one of our macros, which expand to an `async` block.
fn is_graph(call: &Macro) -> bool {
    let name = call.path.segments.last();
    name.is_some_and(|name| name.ident == "auto" || name.ident == "concurrent")
}

/// Whether this is `self`, or fields of it: certainly a place, from which a method may borrow.
fn is_receiver(receiver: &Expr) -> bool {
    root(receiver).is_some_and(|name| name == "self")
}

/// `name` of `name` and of `name.field.0`.
fn root(place: &Expr) -> Option<&Ident> {
    match place {
        Expr::Path(path) if path.attrs.is_empty() => path.path.get_ident(),
        Expr::Field(field) if matches!(field.member, Member::Named(_) | Member::Unnamed(_)) => {
            root(&field.base)
        }
        _ => None,
    }
}
