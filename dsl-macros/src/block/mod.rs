//! `concurrent!`: a block of plain Rust, whose neighbouring statements become a graph.
//!
//! syn parses the block. [`statement`] decides which statements can run concurrently and which are barriers. [`group`]
//! orders the statements of a run. Each [`Group`] goes through the same [`plan`](crate::plan) as a graph of `auto!`;
//! `lower` and `emit` have parts for groups. The rest of the block is printed as written. If syn cannot read the block,
//! it becomes an `async` block.

use std::cell::{Cell, RefCell};

use proc_macro2::{Delimiter, Group as Braces, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Stmt;

use crate::ast::Macro;
use crate::check::number;
use crate::diagnostic::Errors;
use crate::emit::{Host, Private, is_recorded, ours, unused_call};
use crate::syntax::recovery::without_fillers;

mod around;
mod compile;
mod explain;
mod flow;
mod group;
mod lend;
mod moves;
mod read;
mod statement;
mod warning;

pub(crate) use explain::{explained, is_block};
pub(crate) use group::Group;
pub(crate) use lend::lend;
pub(crate) use statement::{Exit, Statement, Variable};

use compile::Compiler;
use read::{Input, Options, Parsed, content_group, limited, options};
use warning::Warning;

/// The future that a block becomes.
pub(crate) fn compile(called: Macro, krate: &TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let Input { keywords, content } = Input::read(tokens, &mut errors);
    let Some(Parsed {
        attributes,
        mut statements,
        is_filled,
    }) = Parsed::read(&content)
    else {
        // rustc reports the syntax error.
        let reports = errors.into_statements();
        return quote!({ #reports async #keywords { #content } });
    };
    let Options { around, limit } = options(&attributes, &mut errors);
    let private = Private::of(krate);
    let warning = Warning::find(&statements);
    let compiler = Compiler {
        is_concurrent: Cell::new(false),
        names: RefCell::default(),
        most_at_once: limit.as_ref().and_then(number),
        private: &private,
        is_traced: matches!(called, Macro::TracedConcurrent),
        is_limited: limit.is_some(),
        is_plain: false,
        around: around.as_ref(),
        mistakes: RefCell::default(),
    };
    let object = around
        .as_ref()
        .map(|object| around::evaluated(&private, object));
    let limit = limit.map(|limit| limited(&private, &limit));
    let is_recorded = compiler.is_traced.then(|| is_recorded(&private));
    let braces = content_group(tokens).unwrap_or_else(Span::mixed_site);
    let block = |statements: &[Stmt]| {
        let printed = quote!(#(#statements)*);
        let printed = if is_filled {
            without_fillers(printed)
        } else {
            printed
        };
        let keyword = quote_spanned!(Span::mixed_site().located_at(braces)=> async);
        let mut inner = Braces::new(
            Delimiter::Brace,
            quote!(#is_recorded #object #limit #printed),
        );
        inner.set_span(braces);
        quote!(#keyword #keywords #inner)
    };
    if matches!(called, Macro::EditorConcurrent) {
        // rust-analyzer sees the block as written.
        compiler.as_plain().statements(&mut statements, Host::Block);
        let block = block(&statements);
        let reports = errors.into_statements();
        return if reports.is_empty() {
            block
        } else {
            ours!({ let __conjoin_block = #block; #reports __conjoin_block })
        };
    }
    compiler.statements(&mut statements, Host::Block);
    compiler
        .mistakes
        .take()
        .into_iter()
        .for_each(|it| errors.push(it));
    let is_concurrent = compiler.is_concurrent.get();
    let mut block = block(&statements);
    if matches!(called, Macro::TracedConcurrent) {
        let names = compiler.names.take();
        let (count, names) = (names.len(), names.join(", "));
        block = ours!({ let __conjoin_graph = #block; #private::graph!(#count, #names, plain, __conjoin_graph) });
    }
    let idle = (!is_concurrent).then(|| warning.tokens(&private));
    let reports = errors.into_statements();
    if idle.is_none() && reports.is_empty() {
        return block;
    }
    ours!({ let __conjoin_block = #block; #idle #reports __conjoin_block })
}
