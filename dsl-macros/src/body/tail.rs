//! Where a body's value comes from, and whether a `?` makes it.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};

use super::{generics_end, group, inside, is_keyword, operator, punct, type_arguments, word};

/// Rewrites each `EXPRESSION?` in tail position with `rewrite`, which gets the expression without the `?`, and its span.
/// Tail position reaches through parentheses, blocks, `if`/`else` and `match`. `None` when there is no such `?`.
///
/// A tail that is not recognised keeps its `?`: then it fixes no error type, and nothing else changes.
pub(crate) fn rewrite_tail(
    tokens: &[TokenTree],
    rewrite: &dyn Fn(TokenStream, Span) -> TokenStream,
) -> Option<TokenStream> {
    let (last, rest) = tokens.split_last()?;
    if punct(last, '?') {
        return is_postfix_chain(rest)
            .then(|| rewrite(rest.iter().cloned().collect(), last.span()));
    }
    let TokenTree::Group(tail) = last else {
        return None;
    };
    let branches: Vec<usize> = match (tail.delimiter(), rest.first()) {
        (Delimiter::Parenthesis | Delimiter::None | Delimiter::Brace, None) => vec![rest.len()],
        (Delimiter::Brace, Some(first)) if word(first, "unsafe") && rest.len() == 1 => {
            vec![rest.len()]
        }
        (Delimiter::Brace, Some(first)) if word(first, "match") => {
            let arms = rewrite_arms(&inside(tail), rewrite)?;
            return Some(rest.iter().cloned().chain([regroup(tail, arms)]).collect());
        }
        (Delimiter::Brace, Some(first)) if word(first, "if") => {
            // Only an `else if` continues this one; any other is part of a condition, with branches of its own.
            let nested = |at: usize| {
                (word(&rest[at], "if") || word(&rest[at], "match"))
                    && !(word(&rest[at], "if") && word(&rest[at - 1], "else"))
            };
            if (1..rest.len()).any(nested) {
                return None;
            }
            let before_else = (1..rest.len())
                .filter(|&at| word(&rest[at], "else"))
                .map(|at| at - 1);
            before_else.chain([rest.len()]).collect()
        }
        _ => return None,
    };
    let mut rewritten = tokens.to_vec();
    let mut any = false;
    for at in branches {
        let TokenTree::Group(branch) = &tokens[at] else {
            return None;
        };
        let tail = match branch.delimiter() {
            Delimiter::Brace => rewrite_block(&inside(branch), rewrite),
            _ => rewrite_tail(&inside(branch), rewrite),
        };
        if let Some(tail) = tail {
            rewritten[at] = regroup(branch, tail);
            any = true;
        }
    }
    any.then(|| rewritten.into_iter().collect())
}

fn regroup(old: &Group, stream: TokenStream) -> TokenTree {
    let mut new = Group::new(old.delimiter(), stream);
    new.set_span(old.span());
    new.into()
}

/// The tail of a block's inside: what stands after the last `;` and after the statements that need none.
fn rewrite_block(
    tokens: &[TokenTree],
    rewrite: &dyn Fn(TokenStream, Span) -> TokenStream,
) -> Option<TokenStream> {
    let mut start = tokens
        .iter()
        .rposition(|token| punct(token, ';'))
        .map_or(0, |semicolon| semicolon + 1);
    loop {
        if let Some(tail) = rewrite_tail(&tokens[start..], rewrite) {
            return Some(tokens[..start].iter().cloned().chain(tail).collect());
        }
        start = block_like_end(tokens, start).filter(|end| *end < tokens.len())?;
    }
}

/// The index after the block-like expression or item that starts here: after its first braces that nothing continues.
fn block_like_end(tokens: &[TokenTree], start: usize) -> Option<usize> {
    let braces = (start..tokens.len()).filter(|&at| group(&tokens[at], Delimiter::Brace).is_some());
    let mut ends = braces.map(|at| at + 1);
    ends.find(|&end| match tokens.get(end) {
        Some(TokenTree::Punct(next)) => matches!(next.as_char(), '#' | '&' | '*' | '<' | '\''),
        Some(next) => !word(next, "else") && group(next, Delimiter::Brace).is_none(),
        None => true,
    })
}

/// The arms of a `match`, each with its tail rewritten.
fn rewrite_arms(
    tokens: &[TokenTree],
    rewrite: &dyn Fn(TokenStream, Span) -> TokenStream,
) -> Option<TokenStream> {
    let mut rewritten = Vec::new();
    let mut any = false;
    let mut at = 0;
    while at < tokens.len() {
        if !operator(tokens, at, ['=', '>']) {
            rewritten.push(tokens[at].clone());
            at += 1;
            continue;
        }
        rewritten.extend_from_slice(&tokens[at..at + 2]);
        let start = at + 2;
        let end = (start..tokens.len())
            .find(|&at| punct(&tokens[at], ','))
            .unwrap_or(tokens.len());
        // An arm that ends in a block needs no comma; then the next arm's `=>` comes first.
        let next_arrow = (start..end).find(|&at| operator(tokens, at, ['=', '>']));
        let end = if next_arrow.is_some() {
            block_like_end(tokens, start)?.min(end)
        } else {
            end
        };
        match rewrite_tail(&tokens[start..end], rewrite) {
            Some(tail) => {
                any = true;
                rewritten.extend(tail);
            }
            None => rewritten.extend_from_slice(&tokens[start..end]),
        }
        at = end;
    }
    any.then(|| rewritten.into_iter().collect())
}

/// Whether the tokens are one operand with calls, fields, `?` and `.await` after it, so that a `?` after them belongs to
/// all of them: no operator, no keyword that would take the `?` for a part of its own operand.
fn is_postfix_chain(tokens: &[TokenTree]) -> bool {
    let allowed_keywords = [
        "async", "await", "crate", "move", "self", "Self", "super", "unsafe",
    ];
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(open) = type_arguments(tokens, at) {
            at = generics_end(tokens, open);
            continue;
        }
        match token {
            TokenTree::Punct(_) if operator(tokens, at, [':', ':']) => {
                at += 2;
                continue;
            }
            TokenTree::Punct(dot) => match dot.as_char() {
                '.' if dot.spacing() == Spacing::Alone => {}
                '?' => {}
                '!' if at > 0 && matches!(tokens.get(at + 1), Some(TokenTree::Group(_))) => {}
                _ => return false,
            },
            TokenTree::Ident(ident) => {
                let ident = ident.to_string();
                let is_member = at > 0 && punct(&tokens[at - 1], '.');
                if !is_member && is_keyword(&ident) && !allowed_keywords.contains(&ident.as_str()) {
                    return false;
                }
            }
            TokenTree::Group(_) | TokenTree::Literal(_) => {}
        }
        // Two operands side by side: the first is a statement, which the caller takes off.
        if at > 0
            && group(&tokens[at - 1], Delimiter::Brace).is_some()
            && !matches!(token, TokenTree::Punct(_))
        {
            return false;
        }
        at += 1;
    }
    at > 0
}
