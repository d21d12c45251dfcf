//! What a body's tokens tell without parsing them.
//!
//! Whether a task is fallible must not depend on whether its body parses: while somebody types, it mostly does not, and
//! the rest of the expansion has to stay the same. So the questions are answered on tokens, with the little of Rust's
//! grammar that they need. Macro calls are looked into, as most (`format!`, `vec!`, `select!`) run their arguments in
//! place; the ones that are known to make a future of their own are not.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenStream, TokenTree};

use crate::ast::Body;
use crate::check::plain;

/// Macros whose arguments are the inside of another future or stream.
const MACROS_WITH_A_BODY_OF_THEIR_OWN: [&str; 4] = ["auto", "stream", "try_stream", "macro_rules"];

impl Body {
    /// The first `?` whose error leaves the task, so not one in a nested closure, `async` block or item.
    pub(crate) fn question(&self) -> Option<Span> {
        // After `>` it follows a path such as `None::<T>`; after `:` or `+` it is a bound, `?Sized`.
        let follows_operand = |before: &TokenTree| ends_operand(before) || punct(before, '>');
        self.find_own(|before, token| punct(token, '?') && before.is_some_and(follows_operand))
    }

    /// The first `return` that would leave the task.
    pub(crate) fn return_keyword(&self) -> Option<Span> {
        self.find_own(|_, token| word(token, "return"))
    }

    /// The names in it, but for those of fields and methods.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        fn collect(tokens: &[TokenTree], names: &mut BTreeSet<String>) {
            for (at, token) in tokens.iter().enumerate() {
                match token {
                    TokenTree::Ident(name) if at == 0 || !punct(&tokens[at - 1], '.') => {
                        names.insert(plain(name));
                    }
                    TokenTree::Group(group) => collect(&inside(group), names),
                    _ => {}
                }
            }
        }
        let mut names = BTreeSet::new();
        collect(&self.tokens, &mut names);
        names
    }

    fn find_own(&self, mut is_it: impl FnMut(Option<&TokenTree>, &TokenTree) -> bool) -> Option<Span> {
        let mut found = None;
        visit_own(&self.tokens, &mut |before, token| {
            if found.is_none() && is_it(before, token) {
                found = Some(token.span());
            }
        });
        found
    }
}

pub(crate) fn punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

pub(crate) fn word(token: &TokenTree, text: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == text)
}

pub(crate) fn group(token: &TokenTree, delimiter: Delimiter) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// Whether two tokens are the two halves of an operator such as `=>`.
pub(crate) fn operator(tokens: &[TokenTree], at: usize, [first, second]: [char; 2]) -> bool {
    let joint = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.spacing() == Spacing::Joint);
    match tokens.get(at..at + 2) {
        Some([left, right]) => punct(left, first) && joint(left) && punct(right, second),
        _ => false,
    }
}

/// Calls `visit` with each token that runs as part of this code, in order, and with the token before it.
fn visit_own(tokens: &[TokenTree], visit: &mut dyn FnMut(Option<&TokenTree>, &TokenTree)) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(end) = foreign_end(tokens, at) {
            at = end;
            continue;
        }
        visit(at.checked_sub(1).map(|before| &tokens[before]), token);
        if let TokenTree::Group(group) = token {
            visit_own(&group.stream().into_iter().collect::<Vec<_>>(), visit);
        }
        at += 1;
    }
}

/// The index after the closure, `async` block, item or macro call that starts here and whose `?` are its own.
fn foreign_end(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let after_block = |from: usize| after(tokens, from, |token| group(token, Delimiter::Brace).is_some());
    match &tokens[at] {
        TokenTree::Ident(ident) => match ident.to_string().as_str() {
            "async" => {
                let moves = tokens.get(at + 1).is_some_and(|token| word(token, "move"));
                let block = at + 1 + usize::from(moves);
                group(tokens.get(block)?, Delimiter::Brace)?;
                Some(block + 1)
            }
            "fn" => matches!(tokens.get(at + 1), Some(TokenTree::Ident(_))).then(|| after_block(at)),
            "impl" | "trait" | "mod" => Some(after_block(at)),
            name if MACROS_WITH_A_BODY_OF_THEIR_OWN.contains(&name) => {
                punct(tokens.get(at + 1)?, '!').then(|| after(tokens, at, |token| matches!(token, TokenTree::Group(_))))
            }
            _ => None,
        },
        TokenTree::Punct(_) => closure_end(tokens, at),
        _ => None,
    }
}

/// The index after the first token from `from` on that fits, or the end.
fn after(tokens: &[TokenTree], from: usize, fits: impl Fn(&TokenTree) -> bool) -> usize {
    tokens[from..].iter().position(fits).map_or(tokens.len(), |found| from + found + 1)
}

/// The index after the closure that starts with the `|` at `at`, if one does. Its body reaches as far as an expression
/// can: to the next `,` or `;`.
fn closure_end(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let body = closure_parameters_end(tokens, at)?;
    let mut end = body;
    while let Some(token) = tokens.get(end) {
        if punct(token, ',') || punct(token, ';') {
            break;
        }
        if operator(tokens, end, ['=', '>']) {
            // `| A | B =>`: these were the alternatives of a pattern.
            return None;
        }
        end += 1;
    }
    Some(end)
}

/// The index after the parameters `|a, b: T|` that start at `at`, if a closure does.
pub(crate) fn closure_parameters_end(tokens: &[TokenTree], at: usize) -> Option<usize> {
    if !punct(tokens.get(at)?, '|') {
        return None;
    }
    if at.checked_sub(1).is_some_and(|before| ends_operand(&tokens[before]) || operator(tokens, before, ['|', '|'])) {
        return None;
    }
    let close = tokens[at + 1..].iter().position(|token| punct(token, '|'))?;
    Some(at + 1 + close + 1)
}

/// Whether an operand ends with this token, so that what follows continues it: a `?` after it is an operator, a `|`
/// after it is no closure.
fn ends_operand(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Ident(ident) => {
            let starts_expression =
                ["async", "else", "if", "in", "match", "move", "return", "static", "while", "yield"];
            !starts_expression.contains(&ident.to_string().as_str())
        }
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}

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
        return is_postfix_chain(rest).then(|| rewrite(rest.iter().cloned().collect(), last.span()));
    }
    let TokenTree::Group(tail) = last else { return None };
    let branches: Vec<usize> = match (tail.delimiter(), rest.first()) {
        (Delimiter::Parenthesis | Delimiter::None | Delimiter::Brace, None) => vec![rest.len()],
        (Delimiter::Brace, Some(first)) if word(first, "unsafe") && rest.len() == 1 => vec![rest.len()],
        (Delimiter::Brace, Some(first)) if word(first, "match") => {
            let arms = rewrite_arms(&inside(tail), rewrite)?;
            return Some(rest.iter().cloned().chain([regroup(tail, arms)]).collect());
        }
        (Delimiter::Brace, Some(first)) if word(first, "if") => {
            let before_else = (1..rest.len()).filter(|&at| word(&rest[at], "else")).map(|at| at - 1);
            before_else.chain([rest.len()]).collect()
        }
        _ => return None,
    };
    let mut rewritten = tokens.to_vec();
    let mut any = false;
    for at in branches {
        let TokenTree::Group(branch) = &tokens[at] else { return None };
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

fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

fn regroup(old: &Group, stream: TokenStream) -> TokenTree {
    let mut new = Group::new(old.delimiter(), stream);
    new.set_span(old.span());
    new.into()
}

/// The tail of a block's inside: what stands after the last `;` and after the statements that need none.
fn rewrite_block(tokens: &[TokenTree], rewrite: &dyn Fn(TokenStream, Span) -> TokenStream) -> Option<TokenStream> {
    let mut start = tokens.iter().rposition(|token| punct(token, ';')).map_or(0, |semicolon| semicolon + 1);
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
fn rewrite_arms(tokens: &[TokenTree], rewrite: &dyn Fn(TokenStream, Span) -> TokenStream) -> Option<TokenStream> {
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
        let end = (start..tokens.len()).find(|&at| punct(&tokens[at], ',')).unwrap_or(tokens.len());
        // An arm that ends in a block needs no comma; then the next arm's `=>` comes first.
        let next_arrow = (start..end).find(|&at| operator(tokens, at, ['=', '>']));
        let end = if next_arrow.is_some() { block_like_end(tokens, start)?.min(end) } else { end };
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

/// Whether the tokens are one operand with calls, fields, `?` and `.await` after it, so that a `?` behind them belongs to
/// all of them: no operator, no keyword that would take the `?` for a part of its own operand.
fn is_postfix_chain(tokens: &[TokenTree]) -> bool {
    let allowed_keywords = ["async", "await", "crate", "move", "self", "Self", "super", "unsafe"];
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        match token {
            TokenTree::Punct(_) if operator(tokens, at, [':', ':']) => {
                at += 2;
                if tokens.get(at).is_some_and(|token| punct(token, '<')) {
                    at = generics_end(tokens, at);
                }
                continue;
            }
            TokenTree::Punct(_) if at == 0 && punct(token, '<') => {
                at = generics_end(tokens, at);
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
                if is_keyword(&ident) && !allowed_keywords.contains(&ident.as_str()) {
                    return false;
                }
            }
            // Two operands side by side: the first is a statement, which the caller takes off.
            TokenTree::Group(_) if at > 0 && group(&tokens[at - 1], Delimiter::Brace).is_some() => return false,
            TokenTree::Group(_) | TokenTree::Literal(_) => {}
        }
        if at > 0 && group(&tokens[at - 1], Delimiter::Brace).is_some() && !matches!(token, TokenTree::Punct(_)) {
            return false;
        }
        at += 1;
    }
    at > 0
}

/// The index after the `>` that closes the `<` at `at`.
pub(crate) fn generics_end(tokens: &[TokenTree], at: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, token) in tokens[at..].iter().enumerate() {
        let arrow = offset > 0
            && (operator(tokens, at + offset - 1, ['-', '>']) || operator(tokens, at + offset - 1, ['=', '>']));
        if punct(token, '<') {
            depth += 1;
        } else if punct(token, '>') && !arrow {
            depth -= 1;
            if depth == 0 {
                return at + offset + 1;
            }
        }
    }
    tokens.len()
}

/// Rust's strict and reserved keywords, and `_`.
pub(crate) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "_" | "abstract"
            | "as"
            | "async"
            | "await"
            | "become"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "crate"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "final"
            | "fn"
            | "for"
            | "gen"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "macro"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "override"
            | "priv"
            | "pub"
            | "ref"
            | "return"
            | "self"
            | "Self"
            | "static"
            | "struct"
            | "super"
            | "trait"
            | "true"
            | "try"
            | "type"
            | "typeof"
            | "unsafe"
            | "unsized"
            | "use"
            | "virtual"
            | "where"
            | "while"
            | "yield"
    )
}

#[cfg(test)]
mod tests;
