//! `?` in tail position.
//!
//! The value of a tail is the value of the body. Tail position reaches through parentheses, blocks, `if` and `match`, as
//! it does in Rust.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::token::Brace;
use syn::{Arm, AttrStyle, Attribute, Block, Expr, Stmt};

use super::exits::Exits;
use super::token::punct;

/// How many `?` are in tail position.
pub(super) fn count(expression: &Expr) -> usize {
    let of_block = |block: &Block| match block.stmts.last() {
        Some(Stmt::Expr(last, None)) => count(last),
        _ => 0,
    };
    match expression {
        Expr::Try(_) => 1,
        Expr::Paren(inner) => count(&inner.expr),
        Expr::Block(inner) => of_block(&inner.block),
        Expr::Unsafe(inner) => of_block(&inner.block),
        Expr::If(choice) => {
            let otherwise = choice.else_branch.as_ref();
            of_block(&choice.then_branch) + otherwise.map_or(0, |(_, branch)| count(branch))
        }
        Expr::Match(choice) => choice.arms.iter().map(|arm| count(&arm.body)).sum(),
        _ => 0,
    }
}

/// Whether the whole is `OPERAND?`, and nothing leaves the operand. Of parentheses around an operand, rustc would say that
/// they are unnecessary in our code.
pub(super) fn ends_in_question(expression: &Expr) -> bool {
    let Expr::Try(fallible) = expression else {
        return false;
    };
    let exits = Exits::of_tree(&fallible.expr);
    let is_in_parentheses = matches!(*fallible.expr, Expr::Paren(_));
    fallible.attrs.is_empty() && !is_in_parentheses && exits.are_none()
}

/// Replaces an operand. Gets the operand, the span of its `?`, and how many were replaced before.
pub(crate) type Replace<'r> = &'r mut dyn FnMut(TokenStream, Span, usize) -> TokenStream;

/// The expression with each `OPERAND?` in tail position replaced.
pub(super) fn print(expression: &Expr, replace: Replace<'_>) -> TokenStream {
    let mut printer = Printer {
        replace,
        replaced: 0,
    };
    let mut tokens = TokenStream::new();
    printer.expression(expression, &mut tokens);
    tokens
}

struct Printer<'r> {
    replace: Replace<'r>,
    replaced: usize,
}

impl Printer<'_> {
    fn expression(&mut self, expression: &Expr, tokens: &mut TokenStream) {
        match expression {
            Expr::Try(fallible) => {
                outer(&fallible.attrs, tokens);
                // Attributes of the operand come before the whole expression.
                let mut operand = fallible.expr.to_token_stream().into_iter().peekable();
                while operand.peek().is_some_and(|token| punct(token, '#')) {
                    tokens.extend(operand.by_ref().take(2));
                }
                let span = fallible.question_token.span;
                tokens.extend((self.replace)(operand.collect(), span, self.replaced));
                self.replaced += 1;
            }
            Expr::Paren(paren) => {
                outer(&paren.attrs, tokens);
                let token = &paren.paren_token;
                token.surround(tokens, |tokens| self.expression(&paren.expr, tokens));
            }
            Expr::Block(inner) => {
                outer(&inner.attrs, tokens);
                inner.label.to_tokens(tokens);
                self.block(&inner.block, &inner.attrs, tokens);
            }
            Expr::Unsafe(inner) => {
                outer(&inner.attrs, tokens);
                inner.unsafe_token.to_tokens(tokens);
                self.block(&inner.block, &inner.attrs, tokens);
            }
            Expr::If(choice) => {
                outer(&choice.attrs, tokens);
                choice.if_token.to_tokens(tokens);
                choice.cond.to_tokens(tokens);
                self.block(&choice.then_branch, &[], tokens);
                if let Some((keyword, branch)) = &choice.else_branch {
                    keyword.to_tokens(tokens);
                    self.expression(branch, tokens);
                }
            }
            Expr::Match(choice) => {
                outer(&choice.attrs, tokens);
                choice.match_token.to_tokens(tokens);
                choice.expr.to_tokens(tokens);
                braces(&choice.brace_token, &choice.attrs, tokens, |tokens| {
                    choice.arms.iter().for_each(|arm| self.arm(arm, tokens));
                });
            }
            other => other.to_tokens(tokens),
        }
    }

    fn block(&mut self, block: &Block, attributes: &[Attribute], tokens: &mut TokenStream) {
        braces(
            &block.brace_token,
            attributes,
            tokens,
            |tokens| match block.stmts.split_last() {
                Some((Stmt::Expr(tail, None), before)) => {
                    for statement in before {
                        statement.to_tokens(tokens);
                    }
                    self.expression(tail, tokens);
                }
                _ => {
                    for statement in &block.stmts {
                        statement.to_tokens(tokens);
                    }
                }
            },
        );
    }

    fn arm(&mut self, arm: &Arm, tokens: &mut TokenStream) {
        outer(&arm.attrs, tokens);
        arm.pat.to_tokens(tokens);
        arm.fat_arrow_token.to_tokens(tokens);
        self.expression(&arm.body, tokens);
        arm.comma.to_tokens(tokens);
    }
}

/// Braces that begin with the inner attributes.
fn braces(
    token: &Brace,
    attributes: &[Attribute],
    tokens: &mut TokenStream,
    content: impl FnOnce(&mut TokenStream),
) {
    token.surround(tokens, |tokens| {
        let inner = attributes.iter().filter(|it| !is_outer(it));
        inner.for_each(|it| it.to_tokens(tokens));
        content(tokens);
    });
}

fn outer(attributes: &[Attribute], tokens: &mut TokenStream) {
    let outer = attributes.iter().filter(|it| is_outer(it));
    outer.for_each(|it| it.to_tokens(tokens));
}

fn is_outer(attribute: &Attribute) -> bool {
    matches!(attribute.style, AttrStyle::Outer)
}
