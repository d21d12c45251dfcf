//! The input of the macro: a block, and the options at its top.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Block, MacroDelimiter, Meta, Stmt};

use crate::check::number;
use crate::diagnostic::{Errors, nearest};
use crate::emit::{Private, ours};
use crate::syntax::code;
use crate::syntax::recovery::{filled, is_too_deep};
use crate::syntax::token::{group as braced, word};

/// The options of a block.
const OPTIONS: [&str; 2] = ["around", "limit"];

/// The values of the options.
#[derive(Debug, Default)]
pub(super) struct Options {
    /// The expression in `#![around(…)]`.
    pub(super) around: Option<TokenStream>,
    /// The expression in `#![limit(…)]`.
    pub(super) limit: Option<TokenStream>,
}

/// The input of the macro: `{ … }`, or `async move { … }`.
pub(super) struct Input {
    /// `move`, if it is there.
    pub(super) keywords: TokenStream,
    pub(super) content: TokenStream,
}

impl Input {
    pub(super) fn read(tokens: &TokenStream, errors: &mut Errors) -> Self {
        let all: Vec<_> = tokens.clone().into_iter().collect();
        let (before, last) = match &all[..] {
            [before @ .., last] => (before, braced(last, Delimiter::Brace)),
            [] => (&[][..], None),
        };
        let is_async = |token: &TokenTree| word(token, "async");
        let (keywords, is_block) = match before {
            [] => (TokenStream::new(), true),
            [first] if is_async(first) => (TokenStream::new(), true),
            [first, second] if is_async(first) && word(second, "move") => {
                (second.to_token_stream(), true)
            }
            _ => (TokenStream::new(), false),
        };
        if let (Some(content), true) = (last, is_block) {
            return Input {
                keywords,
                content: content.stream(),
            };
        }
        errors.report(
            &all[..],
            "`concurrent!` takes a block",
            "write `concurrent!({ … })` with the code in the braces",
        );
        Input {
            keywords: TokenStream::new(),
            content: tokens.clone(),
        }
    }
}

/// The span of the block's braces.
pub(super) fn content_group(tokens: &TokenStream) -> Option<Span> {
    let last = tokens.clone().into_iter().last()?;
    braced(&last, Delimiter::Brace).map(proc_macro2::Group::span)
}

/// The content of a block, as syn reads it.
pub(super) struct Parsed {
    pub(super) attributes: Vec<Attribute>,
    pub(super) statements: Vec<Stmt>,
    /// Whether typing gaps were filled with names.
    pub(super) is_filled: bool,
}

impl Parsed {
    pub(super) fn read(content: &TokenStream) -> Option<Self> {
        if is_too_deep(content.clone()) {
            return None;
        }
        let tokens: Vec<_> = content.clone().into_iter().collect();
        let read = |tokens: TokenStream, is_filled: bool| {
            let parse = |input: ParseStream<'_>| {
                Ok(Parsed {
                    attributes: Attribute::parse_inner(input)?,
                    statements: Block::parse_within(input)?,
                    is_filled,
                })
            };
            parse.parse2(tokens)
        };
        read(content.clone(), false)
            .or_else(|_| read(filled(&tokens, false), true))
            .or_else(|_| read(filled(&tokens, true), true))
            .ok()
    }
}

pub(super) fn options(attributes: &[Attribute], errors: &mut Errors) -> Options {
    let mut options = Options::default();
    for attribute in attributes {
        let path = code(&attribute.path().to_token_stream());
        let span = attribute.bracket_token.span.join();
        match (&*path, &attribute.meta) {
            ("limit", _) if options.limit.is_some() => twice("limit", span, errors),
            ("around", _) if options.around.is_some() => twice("around", span, errors),
            ("around", Meta::List(list))
                if matches!(list.delimiter, MacroDelimiter::Paren(_))
                    && !list.tokens.is_empty() =>
            {
                options.around = Some(list.tokens.clone());
            }
            ("around", _) => errors.report(
                span,
                "`around` needs an object with a method `task` in parentheses",
                "write `#![around(timeouts)]`",
            ),
            ("limit", Meta::List(list))
                if matches!(list.delimiter, MacroDelimiter::Paren(_))
                    && !list.tokens.is_empty() =>
            {
                if number(&list.tokens) == Some(0) {
                    errors.report(
                        span,
                        "no line can run under a limit of 0",
                        "write `#![limit(1)]` to run one line at a time",
                    );
                } else {
                    options.limit = Some(list.tokens.clone());
                }
            }
            ("limit", _) => errors.report(
                span,
                "`limit` needs a number of lines in parentheses",
                "write `#![limit(4)]`",
            ),
            _ => {
                let help = match nearest(&path, OPTIONS) {
                    Some("limit") => "write `#![limit(4)]`".to_owned(),
                    Some(near) => format!("write `#![{near}(object)]`"),
                    None => "the options of a block are `#![limit(4)]` and `#![around(object)]`; write attributes on the function, or on a line"
                        .to_owned(),
                };
                errors.report(span, &format!("unknown option `{path}`"), &help);
            }
        }
    }
    options
}

fn twice(option: &str, span: Span, errors: &mut Errors) {
    errors.report(
        span,
        &format!("the option `{option}` is given twice"),
        "remove one of them",
    );
}

/// Statements that evaluate the limit once.
pub(super) fn limited(private: &Private, limit: &TokenStream) -> TokenStream {
    let text = code(limit);
    ours! {
        #[allow(unused_parens)]
        let __conjoin_limit: ::core::primitive::usize = (#limit);
        #[allow(unused_variables)]
        let __conjoin_limit = #private::limit(__conjoin_limit, #text);
    }
}
