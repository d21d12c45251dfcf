//! Code that syn cannot read: half typed, or newer than syn.
//!
//! For completion, an editor expands the macro twice, with and without a made-up name at the cursor, and compares. The
//! expansion must not depend on that name, so typical gaps get a name before syn parses the code. If syn still fails, a
//! scan of the tokens finds the exits of the body, on which the plan depends.

use proc_macro2::{Delimiter, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::quote_spanned;
use syn::{Expr, Lifetime};

use super::exits::Exits;
use super::macros::{self, Kind};
use super::token::{ends_operand, group, inside, is_joint, operator, punct, regroup, word};

/// The name in a filled gap.
const FILLER: &str = "__conjoin_gap";

/// Groups in groups beyond this depth, and prefix operators in a row beyond this number, are scanned instead of parsed:
/// a parser's recursion would exhaust the compiler's stack.
const MAX_DEPTH: usize = 128;

/// The tree of the tokens, with their gaps filled if necessary.
pub(super) fn parse(tokens: &[TokenTree]) -> Option<Expr> {
    if is_too_deep(tokens.iter().cloned()) {
        return None;
    }
    syn::parse2(tokens.iter().cloned().collect())
        .or_else(|_| syn::parse2(filled(tokens, false)))
        .or_else(|_| syn::parse2(filled(tokens, true)))
        .ok()
}

/// Whether the tokens nest too deeply for a recursive parser.
pub(crate) fn is_too_deep(tokens: impl IntoIterator<Item = TokenTree>) -> bool {
    fn exceeds(tokens: impl IntoIterator<Item = TokenTree>, depth: usize) -> bool {
        let mut prefixes = 0;
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => {
                prefixes = 0;
                depth == 0 || exceeds(group.stream(), depth - 1)
            }
            TokenTree::Punct(punct) if punct.as_char() != ',' => {
                prefixes += 1;
                prefixes > MAX_DEPTH
            }
            TokenTree::Ident(ident) if is_prefix(&ident) => {
                prefixes += 1;
                prefixes > MAX_DEPTH
            }
            _ => {
                prefixes = 0;
                false
            }
        })
    }
    exceeds(tokens, MAX_DEPTH)
}

fn is_prefix(ident: &Ident) -> bool {
    matches!(
        ident.to_string().as_str(),
        "async"
            | "break"
            | "const"
            | "dyn"
            | "else"
            | "if"
            | "let"
            | "move"
            | "mut"
            | "raw"
            | "return"
            | "unsafe"
    )
}

/// The tokens with a name in each gap: after a dangling `.` or `::`, after an operator that nothing follows, and as the body
/// of a `match` arm that is only a pattern yet. A `>` may be an operator, or end generic arguments: `is_greater`.
pub(crate) fn filled(tokens: &[TokenTree], is_greater: bool) -> TokenStream {
    let mut filled: Vec<TokenTree> = Vec::with_capacity(tokens.len());
    for at in 0..tokens.len() {
        filled.push(match &tokens[at] {
            TokenTree::Group(inner) => regroup(inner, self::filled(&inside(inner), is_greater)),
            token => token.clone(),
        });
        if is_before_gap(tokens, at, is_greater) {
            filled.push(Ident::new(FILLER, Span::mixed_site()).into());
        }
    }
    if is_last_arm_open(tokens) {
        filled.extend(quote_spanned!(Span::mixed_site()=> =>));
        filled.push(Ident::new(FILLER, Span::mixed_site()).into());
    }
    filled.into_iter().collect()
}

/// Whether these may be the arms of a `match`, the last of which has no `=>`.
fn is_last_arm_open(tokens: &[TokenTree]) -> bool {
    let arrow = (0..tokens.len()).rfind(|&at| operator(tokens, at, ['=', '>']));
    let after = |arrow: usize| &tokens[arrow + 2..];
    let is_next = |token: &TokenTree| punct(token, ',') || group(token, Delimiter::Brace).is_some();
    arrow.is_some_and(|arrow| {
        let start = after(arrow).iter().rposition(is_next);
        start.is_some_and(|start| start + 1 < after(arrow).len())
    })
}

fn is_before_gap(tokens: &[TokenTree], at: usize, is_greater: bool) -> bool {
    let TokenTree::Punct(last) = &tokens[at] else {
        return false;
    };
    let next = tokens.get(at + 1);
    let is_second = |first| at > 0 && operator(tokens, at - 1, [first, last.as_char()]);
    let nothing_follows = next.is_none_or(|next| punct(next, ',') || punct(next, ';'));
    match last.as_char() {
        // A single dot at the end is a member that is being typed, not half of a range.
        '.' if (last.spacing() == Spacing::Alone || nothing_follows) && !is_second('.') => {
            match next {
                Some(TokenTree::Ident(name)) => name == "as",
                next => !matches!(next, Some(TokenTree::Literal(_))),
            }
        }
        ':' if is_second(':') => {
            !matches!(next, Some(TokenTree::Ident(_) | TokenTree::Group(_)))
                && !next.is_some_and(|next| punct(next, '<'))
        }
        '>' => nothing_follows && (is_greater || is_second('=')),
        '+' | '-' | '*' | '/' | '%' | '^' | '&' | '|' | '=' | '<' | ':' => nothing_follows,
        _ => false,
    }
}

/// Printed tokens without the names in gaps.
pub(crate) fn without_fillers(tokens: TokenStream) -> TokenStream {
    let kept = tokens.into_iter().filter(|token| !word(token, FILLER));
    let kept = kept.map(|token| match &token {
        TokenTree::Group(inner) => regroup(inner, without_fillers(inner.stream())),
        _ => token,
    });
    kept.collect()
}

/// The exits of the code, judged by its tokens.
pub(super) fn exits(tokens: &[TokenTree]) -> Exits {
    let mut scan = Scan::default();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(end) = end_of_inner_code(tokens, at) {
            at = end;
            continue;
        }
        match token {
            TokenTree::Group(inner) => {
                let exits = self::exits(&inside(inner));
                scan.group(exits, inner.delimiter());
            }
            _ => scan.token(tokens, at),
        }
        at += 1;
    }
    scan.exits
}

/// A scan of the tokens of one group.
#[derive(Default)]
struct Scan {
    exits: Exits,
    /// From `loop`, or a label, to the braces.
    is_before_loop: bool,
    is_before_arguments: bool,
}

impl Scan {
    fn group(&mut self, exits: Exits, delimiter: Delimiter) {
        let leaves_loop = !self.is_before_loop && !self.is_before_arguments;
        self.exits
            .add(if leaves_loop { exits } else { exits.of_loop() });
        self.is_before_loop &= delimiter != Delimiter::Brace;
        self.is_before_arguments = false;
    }

    fn token(&mut self, tokens: &[TokenTree], at: usize) {
        let exits = &mut self.exits;
        let keep_first = |first: &mut Option<Span>| *first = first.or(Some(tokens[at].span()));
        match &tokens[at] {
            TokenTree::Punct(mark) if mark.as_char() == '?' => {
                // After `:` or `+`, `?` is a bound, `?Sized`.
                let follows_operand =
                    at > 0 && (ends_operand(&tokens[at - 1]) || punct(&tokens[at - 1], '>'));
                if follows_operand {
                    keep_first(&mut exits.question);
                }
            }
            TokenTree::Punct(mark) if mark.as_char() == '\'' => {
                let names_block = tokens.get(at + 2).is_some_and(|colon| punct(colon, ':'));
                self.is_before_loop |= names_block;
            }
            TokenTree::Ident(name) if is_macro_call(tokens, at) => {
                let name = name.to_string();
                let kind = macros::kind(&name);
                if kind == Kind::ReturnsErrors {
                    keep_first(&mut exits.question);
                }
                exits.are_hidden |= matches!(kind, Kind::ReturnsErrors | Kind::Unknown);
                self.is_before_arguments = macros::may_loop(&name);
            }
            TokenTree::Ident(word) => {
                let has_label = tokens.get(at + 1).is_some_and(|next| punct(next, '\''));
                match word.to_string().as_str() {
                    "return" => keep_first(&mut exits.return_keyword),
                    "break" if !has_label => keep_first(&mut exits.break_keyword),
                    "continue" if !has_label => keep_first(&mut exits.continue_keyword),
                    "for" | "loop" | "while" => self.is_before_loop = true,
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

/// The tokens with each `return` that leaves the code as a `break` with a label.
pub(super) fn without_returns(tokens: &[TokenTree], label: &str) -> TokenStream {
    let mut written = TokenStream::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if let Some(end) = end_of_inner_code(tokens, at) {
            written.extend(tokens[at..end].iter().cloned());
            at = end;
            continue;
        }
        match token {
            TokenTree::Group(inner) => {
                written.extend([regroup(inner, without_returns(&inside(inner), label))]);
            }
            TokenTree::Ident(name) if name == "return" => {
                let span = Span::mixed_site().located_at(name.span());
                let label = Lifetime::new(label, span);
                written.extend(quote_spanned!(span=> break #label));
            }
            token => written.extend([token.clone()]),
        }
        at += 1;
    }
    written
}

fn is_macro_call(tokens: &[TokenTree], at: usize) -> bool {
    matches!(&tokens[at + 1..], [bang, TokenTree::Group(_), ..] if punct(bang, '!'))
}

/// The index after the closure, `async` block, item or macro call that starts here and whose exits are its own.
fn end_of_inner_code(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let after = |is_it: &dyn Fn(&TokenTree) -> bool| {
        let found = tokens[at..].iter().position(is_it);
        found.map_or(tokens.len(), |found| at + found + 1)
    };
    let is_block = |token: &TokenTree| group(token, Delimiter::Brace).is_some();
    match &tokens[at] {
        TokenTree::Ident(ident) => match ident.to_string().as_str() {
            "async" => {
                let moves = tokens.get(at + 1).is_some_and(|token| word(token, "move"));
                let block = at + 1 + usize::from(moves);
                tokens.get(block).is_some_and(is_block).then_some(block + 1)
            }
            "fn" | "impl" | "trait" | "mod" => Some(after(&is_block)),
            name if is_macro_call(tokens, at) && macros::kind(name) == Kind::KeepsArguments => {
                Some(at + 3)
            }
            _ => None,
        },
        TokenTree::Punct(_) => closure_end(tokens, at),
        _ => None,
    }
}

/// The index after the closure that starts with the `|` at `at`: its body reaches to the next `,` or `;`.
fn closure_end(tokens: &[TokenTree], at: usize) -> Option<usize> {
    let starts = punct(&tokens[at], '|')
        && !at
            .checked_sub(1)
            .is_some_and(|before| ends_operand(&tokens[before]) || is_joint(&tokens[before]));
    let close = starts.then(|| (at + 1..tokens.len()).find(|&at| punct(&tokens[at], '|')))??;
    let ends = |token: &TokenTree| punct(token, ',') || punct(token, ';');
    let end = (close + 1..tokens.len())
        .find(|&at| ends(&tokens[at]))
        .unwrap_or(tokens.len());
    // `| A | B =>` are the alternatives of a pattern.
    let is_pattern = (close..end).any(|at| operator(tokens, at, ['=', '>']));
    (!is_pattern).then_some(end)
}
