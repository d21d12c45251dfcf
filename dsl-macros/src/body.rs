//! What a body's tokens tell without parsing them.
//!
//! Whether a task is fallible must not depend on whether its body parses: while somebody types, it mostly does not, and
//! the rest of the expansion has to stay the same. So the questions are answered on tokens, with the little of Rust's
//! grammar that they need. Macro calls are looked into, as most (`format!`, `vec!`, `select!`) run their arguments in
//! place; the ones that are known to make a future of their own are not.

use proc_macro2::{Delimiter, Group, Spacing, Span, TokenTree};

use crate::ast::Body;

mod call;
mod tail;

pub(crate) use call::Call;
pub(crate) use tail::rewrite_tail;

/// Macros whose arguments are the inside of another future or stream, or never run.
const MACROS_WITH_A_BODY_OF_THEIR_OWN: [&str; 5] =
    ["auto", "explain", "stream", "try_stream", "macro_rules"];

/// Macros, of `anyhow` and its like, that return an error as `?` does.
const MACROS_THAT_RETURN_ERRORS: [&str; 2] = ["bail", "ensure"];

impl Body {
    /// The first `?` whose error leaves the task, so not one in a nested closure, `async` block or item; or the first of
    /// the macros that are known to return an error.
    pub(crate) fn question(&self) -> Option<Span> {
        // After the `>` of generics it follows a path such as `None::<T>`; after `:` or `+` it is a bound, `?Sized`.
        self.find_own(|before, token| {
            let ends_generics = matches!(before, [.., _, last] if punct(last, '>') && !is_arrow(before));
            let bails = matches!(before, [.., name] if punct(token, '!') && MACROS_THAT_RETURN_ERRORS.iter().any(|it| word(name, it)));
            bails || punct(token, '?') && (before.last().is_some_and(ends_operand) || ends_generics)
        })
    }

    /// The first `return` that would leave the task.
    pub(crate) fn return_keyword(&self) -> Option<Span> {
        self.find_own(|_, token| word(token, "return"))
    }

    fn find_own(&self, mut is_it: impl FnMut(&[TokenTree], &TokenTree) -> bool) -> Option<Span> {
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

/// The tokens in a group.
fn inside(group: &Group) -> Vec<TokenTree> {
    group.stream().into_iter().collect()
}

/// Calls `visit` with each token that runs as part of this code, in order, and with the tokens before it in its group.
fn visit_own(tokens: &[TokenTree], visit: &mut dyn FnMut(&[TokenTree], &TokenTree)) {
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(end) = foreign_end(tokens, at) {
            at = end;
            continue;
        }
        visit(&tokens[..at], token);
        if let TokenTree::Group(group) = token {
            visit_own(&inside(group), visit);
        }
        at += 1;
    }
}

/// The index after the closure, `async` block, item or macro call that starts here and whose `?` are its own.
fn foreign_end(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let after_block = |from: usize| {
        after(tokens, from, |token| {
            group(token, Delimiter::Brace).is_some()
        })
    };
    match &tokens[at] {
        TokenTree::Ident(ident) => match ident.to_string().as_str() {
            "async" => {
                let moves = tokens.get(at + 1).is_some_and(|token| word(token, "move"));
                let block = at + 1 + usize::from(moves);
                group(tokens.get(block)?, Delimiter::Brace)?;
                Some(block + 1)
            }
            "fn" => {
                matches!(tokens.get(at + 1), Some(TokenTree::Ident(_))).then(|| after_block(at))
            }
            "impl" | "trait" | "mod" => Some(after_block(at)),
            name if MACROS_WITH_A_BODY_OF_THEIR_OWN.contains(&name) => {
                punct(tokens.get(at + 1)?, '!')
                    .then(|| after(tokens, at, |token| matches!(token, TokenTree::Group(_))))
            }
            _ => None,
        },
        TokenTree::Punct(_) => closure_end(tokens, at),
        _ => None,
    }
}

/// The index after the first token from `from` on that fits, or the end.
fn after(tokens: &[TokenTree], from: usize, fits: impl Fn(&TokenTree) -> bool) -> usize {
    tokens[from..]
        .iter()
        .position(fits)
        .map_or(tokens.len(), |found| from + found + 1)
}

/// The index after the closure that starts with the `|` at `at`, if one does. Its body reaches as far as an expression
/// can: to the next `,` or `;`.
fn closure_end(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let body = closure_parameters_end(tokens, at)?;
    if operator(tokens, body, ['-', '>']) {
        // A return type asks for a block.
        return Some(after(tokens, body, |token| {
            group(token, Delimiter::Brace).is_some()
        }));
    }
    let mut end = body;
    while let Some(token) = tokens.get(end) {
        if punct(token, ',') || punct(token, ';') {
            break;
        }
        if operator(tokens, end, ['=', '>']) {
            // `| A | B =>`: these were the alternatives of a pattern.
            return None;
        }
        end = type_arguments(tokens, end).map_or(end + 1, |open| generics_end(tokens, open));
    }
    Some(end)
}

/// The index after the parameters `|a, b: T|` that start at `at`, if a closure does.
pub(crate) fn closure_parameters_end(tokens: &[TokenTree], at: usize) -> Option<usize> {
    if !punct(tokens.get(at)?, '|') {
        return None;
    }
    if at
        .checked_sub(1)
        .is_some_and(|before| ends_operand(&tokens[before]) || operator(tokens, before, ['|', '|']))
    {
        return None;
    }
    let close = tokens[at + 1..]
        .iter()
        .position(|token| punct(token, '|'))?;
    Some(at + 1 + close + 1)
}

/// Whether the tokens end in `=>` or `->`.
fn is_arrow(tokens: &[TokenTree]) -> bool {
    tokens
        .len()
        .checked_sub(2)
        .is_some_and(|at| operator(tokens, at, ['=', '>']) || operator(tokens, at, ['-', '>']))
}

/// Whether an operand ends with this token, so that what follows continues it: a `?` after it is an operator, a `|`
/// after it is no closure.
pub(crate) fn ends_operand(token: &TokenTree) -> bool {
    match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Ident(ident) => {
            let before_operand = [
                "as", "async", "break", "const", "else", "if", "in", "let", "match", "move", "mut",
                "ref", "return", "static", "while", "yield",
            ];
            !before_operand.contains(&ident.to_string().as_str())
        }
        TokenTree::Group(_) | TokenTree::Literal(_) => true,
    }
}

/// The index of the `<` if here is a turbofish, or the `<` of `<T as Trait>::…` where an operand starts. After the `as` of a
/// cast stands a type, which the caller looks for.
pub(crate) fn type_arguments(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let is_open = |at: usize| tokens.get(at).is_some_and(|token| punct(token, '<'));
    if operator(tokens, at, [':', ':']) && is_open(at + 2) {
        return Some(at + 2);
    }
    let starts_operand = at.checked_sub(1).is_none_or(|before| {
        !ends_operand(&tokens[before])
            && !operator(tokens, before, ['<', '<'])
            && !punct(&tokens[before], '>')
            || is_arrow(&tokens[..at])
    });
    (is_open(at)
        && starts_operand
        && !operator(tokens, at, ['<', '<'])
        && !operator(tokens, at, ['<', '=']))
    .then_some(at)
}

/// The index after the `>` that closes the `<` at `at`.
pub(crate) fn generics_end(tokens: &[TokenTree], at: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, token) in tokens[at..].iter().enumerate() {
        if punct(token, '<') {
            depth += 1;
        } else if punct(token, '>') && !is_arrow(&tokens[..=at + offset]) {
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
