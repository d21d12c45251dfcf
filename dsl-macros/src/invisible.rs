//! What a `$body:expr` of a `macro_rules!` stands for arrives in invisible brackets, which rustc forgets on the way
//! through a procedural macro: of `$body * 2` with `1 + 2` for `$body` it makes `1 + 2 * 2` (rust-lang/rust#67062).

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

use crate::body::{group, operator, punct, word};

const OPERATORS: [char; 9] = ['+', '-', '*', '/', '%', '^', '&', '|', '!'];

/// The tokens with round brackets for the invisible ones that decide on what an operator applies to.
pub(crate) fn make_visible(tokens: TokenStream) -> Vec<TokenTree> {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let visible = tokens.iter().enumerate().map(|(at, token)| match token {
        TokenTree::Group(old) if has_invisible(token) => {
            let inside = make_visible(old.stream());
            let before = at.checked_sub(1).map(|before| &tokens[before]);
            let decides = old.delimiter() == Delimiter::None
                && binds_loosely(&inside)
                && (before.is_some_and(is_operator)
                    || tokens.get(at + 1).is_some_and(continues_operand));
            let delimiter = if decides {
                Delimiter::Parenthesis
            } else {
                old.delimiter()
            };
            let mut new = Group::new(delimiter, inside.into_iter().collect());
            new.set_span(old.span());
            new.into()
        }
        token => token.clone(),
    });
    visible.collect()
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

/// Whether the tokens may be an expression that a neighbour would tear apart. A type, whose `<` and `>` go in pairs, is
/// none.
fn binds_loosely(tokens: &[TokenTree]) -> bool {
    let count = |char| tokens.iter().filter(|token| punct(token, char)).count();
    let has_range = (1..tokens.len()).any(|at| operator(tokens, at - 1, ['.', '.']));
    let has_cast = tokens.iter().any(|token| word(token, "as"));
    tokens.iter().any(is_operator) || has_range || has_cast || count('<') != count('>')
}

fn is_operator(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => {
            OPERATORS.contains(&punct.as_char())
                || matches!(punct.as_char(), '<' | '>' | '=') && punct.spacing() == Spacing::Joint
        }
        _ => false,
    }
}

/// Whether what follows an operand applies to it.
fn continues_operand(token: &TokenTree) -> bool {
    is_operator(token)
        || ['.', '?', '<', '>']
            .into_iter()
            .any(|char| punct(token, char))
        || word(token, "as")
        || group(token, Delimiter::Parenthesis).is_some()
        || group(token, Delimiter::Bracket).is_some()
}
