//! What macro calls in a body do, judged by their names and arguments.
//!
//! The rule, which the reference of `auto!` states for users: a `?` in a macro's arguments leaves the task if the
//! arguments, or a part of them between separators, parse as expressions or statements, unless the macro is known to
//! keep its arguments for later. An unknown macro may also hide a `return` or a `?` in its expansion, which leaves only
//! the body.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::visit::Visit as _;
use syn::{Block, Expr, Token};

use super::exits::Exits;
use super::token::{inside, is_joint, operator, punct};

/// Macros whose arguments do not run as part of the body: they are tokens, or the inside of another future.
const KEEP_ARGUMENTS: [&str; 14] = [
    "auto",
    "cfg",
    "compile_error",
    "concurrent",
    "explain",
    "macro_rules",
    "parse_quote",
    "parse_quote_spanned",
    "quote",
    "quote_spanned",
    "stream",
    "stringify",
    "thread_local",
    "try_stream",
];

/// Macros of `anyhow` and similar crates that return an error, like `?`.
const RETURN_ERRORS: [&str; 2] = ["bail", "ensure"];

/// Macros that expand to an expression which hides no exit.
const KNOWN: [&str; 33] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "column",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "include",
    "include_bytes",
    "include_str",
    "json",
    "line",
    "matches",
    "module_path",
    "option_env",
    "panic",
    "pin",
    "print",
    "println",
    "todo",
    "unimplemented",
    "unreachable",
    "vec",
    "write",
    "writeln",
];

/// What a macro's name says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The arguments do not run as part of the body.
    KeepsArguments,
    /// Returns an error, as `?` does.
    ReturnsErrors,
    /// Hides no exit.
    Known,
    /// May expand to anything.
    Unknown,
}

pub(crate) fn kind(name: &str) -> Kind {
    if KEEP_ARGUMENTS.contains(&name) {
        Kind::KeepsArguments
    } else if RETURN_ERRORS.contains(&name) {
        Kind::ReturnsErrors
    } else if KNOWN.contains(&name) {
        Kind::Known
    } else {
        Kind::Unknown
    }
}

/// Whether a macro evaluates the expressions in its arguments unchanged.
pub(super) fn runs_arguments(name: &str) -> bool {
    kind(name) == Kind::Known || ["select", "select_biased"].contains(&name)
}

/// Whether a macro may run its arguments in a loop of its own, so that a `break` in them leaves that loop.
pub(super) fn may_loop(name: &str) -> bool {
    kind(name) == Kind::Unknown && !runs_arguments(name)
}

/// How to search the arguments of a macro for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// They name no variables.
    Nothing,
    /// They are tokens, except for names after `#`.
    Quoted,
    /// The tasks of another graph.
    Graph,
    /// An expression and a pattern.
    Match,
    /// Expressions. The one with this index may be a format string.
    Expressions(Option<usize>),
    /// They may be anything.
    Unknown,
}

pub(crate) fn arguments(name: &str) -> Arguments {
    match name {
        "cfg" | "column" | "compile_error" | "concat" | "env" | "file" | "include"
        | "include_bytes" | "include_str" | "line" | "macro_rules" | "module_path"
        | "option_env" | "stringify" | "thread_local" => Arguments::Nothing,
        "parse_quote" | "parse_quote_spanned" | "quote" | "quote_spanned" => Arguments::Quoted,
        "auto" | "explain" => Arguments::Graph,
        "matches" => Arguments::Match,
        "concurrent" | "dbg" | "pin" | "vec" => Arguments::Expressions(None),
        "eprint" | "eprintln" | "format" | "format_args" | "panic" | "print" | "println"
        | "todo" | "unimplemented" | "unreachable" => Arguments::Expressions(Some(0)),
        "assert" | "debug_assert" | "write" | "writeln" => Arguments::Expressions(Some(1)),
        "assert_eq" | "assert_ne" | "debug_assert_eq" | "debug_assert_ne" => {
            Arguments::Expressions(Some(2))
        }
        _ => Arguments::Unknown,
    }
}

/// The exits in a macro's arguments.
pub(super) fn exits_of_arguments(arguments: &TokenStream) -> Exits {
    let mut exits = Exits::default();
    if arguments.is_empty() {
        return exits;
    }
    if let Ok(expressions) = expressions.parse2(arguments.clone()) {
        for expression in &expressions {
            exits.visit_expr(expression);
        }
    } else if let Ok(statements) = Block::parse_within.parse2(arguments.clone()) {
        for statement in &statements {
            exits.visit_stmt(statement);
        }
    } else {
        let tokens: Vec<_> = arguments.clone().into_iter().collect();
        parts(&tokens).for_each(|(part, _)| exits.add(exits_of_part(part)));
    }
    exits
}

/// `a, b`, and `a; b` as in `vec![0; 8]`.
pub(crate) fn expressions(input: ParseStream<'_>) -> syn::Result<Vec<Expr>> {
    let mut expressions = Vec::new();
    while !input.is_empty() {
        expressions.push(input.parse()?);
        if input.is_empty() {
            break;
        }
        if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
        } else {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(expressions)
}

/// The parts between `,`, `;`, `:` and `=>`, each with the separator after it.
pub(super) fn parts(tokens: &[TokenTree]) -> impl Iterator<Item = (&[TokenTree], &[TokenTree])> {
    let mut rest = tokens;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let separator = |at: usize| -> usize {
            let is_colon = || {
                punct(&rest[at], ':')
                    && !is_joint(&rest[at])
                    && !(at > 0 && punct(&rest[at - 1], ':') && is_joint(&rest[at - 1]))
            };
            if operator(rest, at, ['=', '>']) {
                2
            } else {
                usize::from(punct(&rest[at], ',') || punct(&rest[at], ';') || is_colon())
            }
        };
        let end = (0..rest.len()).find(|&at| separator(at) > 0);
        let (part, after) = rest.split_at(end.unwrap_or(rest.len()));
        let (separator, after) = after.split_at(end.map_or(0, separator));
        rest = after;
        Some((part, separator))
    })
}

fn exits_of_part(part: &[TokenTree]) -> Exits {
    let mut exits = Exits::default();
    let tokens: TokenStream = part.iter().cloned().collect();
    if let Ok(statements) = Block::parse_within.parse2(tokens) {
        for statement in &statements {
            exits.visit_stmt(statement);
        }
    } else if let [TokenTree::Group(group)] = part {
        // An object or an array that is no expression, as in `json!`.
        exits = exits_of_arguments(&inside(group).into_iter().collect());
    }
    exits
}
