//! Invisible groups become parentheses.
//!
//! A fragment such as `$x:expr` of a `macro_rules!` arrives in a group with no delimiters. rustc drops such groups from
//! the output of a procedural macro: with `1 + 2` for `$x`, `$x * 2` would become `1 + 2 * 2` (rust-lang/rust#67062).
//! [`make_visible`] leaves no invisible group: it puts a fragment in parentheses if neighboring operators could split
//! it, and unwraps the others.
//!
//! Tokens do not say which kind of fragment a group was. But anything that parses as an expression, a type or a pattern
//! can be in parentheses anywhere.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::Parser as _;
use syn::{Expr, Lit, MacroDelimiter, Pat, Type};

use super::token::{delimited, group, is_joint, operator, punct, regroup, word};

/// The tokens without invisible groups.
pub(crate) fn make_visible(tokens: impl IntoIterator<Item = TokenTree>) -> Vec<TokenTree> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    if !tokens.iter().any(has_invisible) {
        return tokens;
    }
    let mut visible = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(fragment) if fragment.delimiter() == Delimiter::None => {
                let (before, after) = (&tokens[..at], &tokens[at + 1..]);
                let code = make_visible(fragment.stream());
                if can_be_torn(&opaque(fragment.stream()), before, after) {
                    visible.push(delimited(fragment, Delimiter::Parenthesis, code));
                } else {
                    visible.extend(code);
                }
            }
            TokenTree::Group(attribute) if is_attribute(&tokens, at) => {
                visible.push(regroup(attribute, flatten(attribute.stream())));
            }
            TokenTree::Group(other) if has_invisible(token) => {
                visible.push(regroup(other, make_visible(other.stream())));
            }
            token => visible.push(token.clone()),
        }
    }
    visible
}

fn has_invisible(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => {
            group.delimiter() == Delimiter::None
                || group
                    .stream()
                    .into_iter()
                    .any(|token| has_invisible(&token))
        }
        _ => false,
    }
}

/// Whether the brackets at `at` belong to an attribute.
fn is_attribute(tokens: &[TokenTree], at: usize) -> bool {
    group(&tokens[at], Delimiter::Bracket).is_some()
        && at.checked_sub(1).is_some_and(|before| {
            punct(&tokens[before], '#')
                || punct(&tokens[before], '!') && before > 0 && punct(&tokens[before - 1], '#')
        })
}

/// The content of an attribute: its arguments may be expressions.
fn flatten(tokens: TokenStream) -> Vec<TokenTree> {
    let mut flat = Vec::new();
    for token in tokens {
        match &token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
                flat.extend(flatten(group.stream()));
            }
            TokenTree::Group(group) => flat.push(regroup(group, make_visible(group.stream()))),
            _ => flat.push(token),
        }
    }
    flat
}

/// The tokens with `()` for each invisible group. That is enough to parse the code around it, and so each group is
/// parsed only once.
fn opaque(tokens: TokenStream) -> TokenStream {
    let tokens: Vec<_> = tokens.into_iter().collect();
    if let [TokenTree::Group(only)] = &tokens[..] {
        if only.delimiter() == Delimiter::None {
            return opaque(only.stream());
        }
    }
    let opaque = tokens.into_iter().map(|token| match &token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            delimited(group, Delimiter::Parenthesis, [])
        }
        TokenTree::Group(group) if has_invisible(&token) => regroup(group, opaque(group.stream())),
        _ => token,
    });
    opaque.collect()
}

/// Whether a neighboring operator could bind to a part of a fragment.
fn can_be_torn(fragment: &TokenStream, before: &[TokenTree], after: &[TokenTree]) -> bool {
    if stands_alone(before, after) {
        return false;
    }
    if let Ok(expression) = syn::parse2::<Expr>(fragment.clone()) {
        return can_expression_be_torn(&expression, before, after);
    }
    match syn::parse2::<Type>(fragment.clone()) {
        // `HashMap<u8, u16> <` would parse as another list of generic arguments.
        Ok(Type::Path(_)) => before.last().is_some_and(|token| word(token, "as")),
        // `&dyn A + B`
        Ok(Type::TraitObject(_) | Type::ImplTrait(_)) => true,
        Ok(_) => false,
        Err(_) => matches!(
            Pat::parse_multi_with_leading_vert.parse2(fragment.clone()),
            Ok(Pat::Or(_))
        ),
    }
}

/// Whether a fragment has only separators around it.
fn stands_alone(before: &[TokenTree], after: &[TokenTree]) -> bool {
    let separates = |token: &TokenTree| punct(token, ',') || punct(token, ';');
    let is_first = match before {
        [] => true,
        [.., arrow, last] if punct(last, '>') => punct(arrow, '=') && is_joint(arrow),
        [.., other, last] if punct(last, '=') || punct(last, ':') => !is_joint(other),
        [.., last] => separates(last) || punct(last, '=') || punct(last, ':'),
    };
    let is_last = match after {
        [] => true,
        // In a condition, `let true = a || b` would parse as `(let true = a) || b`.
        [_, ..] if operator(after, 0, ['=', '>']) => {
            let clause = before.iter().rev().take_while(|token| !separates(token));
            !clause.into_iter().any(|token| word(token, "let"))
        }
        [next, ..] => separates(next),
    };
    is_first && is_last
}

fn can_expression_be_torn(expression: &Expr, before: &[TokenTree], after: &[TokenTree]) -> bool {
    let next = after.first();
    let is_called = || next.is_some_and(|next| group(next, Delimiter::Parenthesis).is_some());
    match expression {
        // As a type: `as u64 < 10`.
        Expr::Path(_) => before.last().is_some_and(|token| word(token, "as")),
        Expr::Lit(literal) => {
            // proc-macro2 may hold `-5` as one literal.
            matches!(&literal.lit, Lit::Int(int) if int.base10_digits().starts_with('-'))
                || matches!(&literal.lit, Lit::Float(float) if float.base10_digits().starts_with('-'))
        }
        // `$f(1)` with `self.f` is no method call.
        Expr::Field(_) => is_called(),
        Expr::Array(_)
        | Expr::Await(_)
        | Expr::Call(_)
        | Expr::Index(_)
        | Expr::Infer(_)
        | Expr::Let(_)
        | Expr::MethodCall(_)
        | Expr::Paren(_)
        | Expr::Repeat(_)
        | Expr::Try(_)
        | Expr::Tuple(_) => false,
        // After a keyword: `async $block.await`.
        Expr::Block(_) if before.last().is_some_and(takes_block) => false,
        // A block before an operator would end a statement.
        expression if ends_statement(expression) => next.is_some_and(continues_operand),
        Expr::Macro(_) => false,
        _ => true,
    }
}

/// Whether the expression needs no `;` as a statement.
fn ends_statement(expression: &Expr) -> bool {
    match expression {
        Expr::Macro(call) => matches!(call.mac.delimiter, MacroDelimiter::Brace(_)),
        expression => matches!(
            expression,
            Expr::Block(_)
                | Expr::Const(_)
                | Expr::ForLoop(_)
                | Expr::If(_)
                | Expr::Loop(_)
                | Expr::Match(_)
                | Expr::TryBlock(_)
                | Expr::Unsafe(_)
                | Expr::While(_)
        ),
    }
}

/// Whether a block belongs to the token before it.
fn takes_block(token: &TokenTree) -> bool {
    ["async", "const", "else", "loop", "move", "try", "unsafe"]
        .iter()
        .any(|keyword| word(token, keyword))
}

/// Whether a token after an operand applies to it.
fn continues_operand(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => !matches!(punct.as_char(), ',' | ';' | '#' | '\'' | '$'),
        TokenTree::Ident(_) => word(token, "as"),
        TokenTree::Group(_) => {
            group(token, Delimiter::Parenthesis).is_some()
                || group(token, Delimiter::Bracket).is_some()
        }
        TokenTree::Literal(_) => false,
    }
}
