//! The macros behind [`conjoin::auto!`](https://docs.rs/conjoin) and `conjoin::explain!`; depend on `conjoin` instead.
//!
//! A call goes through these stages, a file or folder each:
//!
//! ```text
//! tokens -> parse -> infer -> check -> plan -> lower -> emit
//!            ast               graph
//! ```
//!
//! `parse` reads the heads of tasks, and with `syntax` their code, into an `ast`. `needless_ok` removes a needless `Ok`,
//! and `infer` adds unlisted dependencies. `check` turns names into the indices of a `graph`, and reports mistakes in
//! it. `plan` decomposes the graph into series, parallel and gated parts. `lower` decides how each part runs,
//! and `emit` prints that.
//!
//! `block` is the entry of `concurrent!`: it reads a block of plain Rust. Its groups of lines go through the same
//! `plan`, and through the parts of `lower` and `emit` for groups.
//!
//! Apart from them, `diagnostic` collects mistakes, `cfg` lets rustc decide `#[cfg]`s, `place` says where tokens stand, and
//! `editor` holds what rust-analyzer needs.

mod ast;
mod block;
mod cfg;
mod check;
mod diagnostic;
mod editor;
mod emit;
mod graph;
mod infer;
mod lower;
mod needless_ok;
mod parse;
mod place;
mod plan;
mod syntax;

#[cfg(fuzzing)]
extern crate proc_macro;

use proc_macro2::{TokenStream, TokenTree};

use crate::ast::Macro;
use crate::cfg::Header;
use crate::diagnostic::Errors;
use crate::syntax::make_visible;

/// See `conjoin::auto!`. The input is `($crate decided…)`, from the façade, and the user's tokens; `decided` are `true`
/// and `false` for the `#[cfg]`s on tasks that rustc has decided so far.
#[cfg(not(fuzzing))]
#[proc_macro]
pub fn auto(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    call(Macro::Auto, input)
}

/// `conjoin::auto!` with the feature `tracing`. This crate does not know the features of `conjoin`: cargo may build it once
/// for crates with and without them.
#[cfg(not(fuzzing))]
#[proc_macro]
pub fn traced_auto(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    call(Macro::TracedAuto, input)
}

/// `conjoin::auto!` in rust-analyzer: also the code that exists for it.
#[cfg(not(fuzzing))]
#[proc_macro]
pub fn editor_auto(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    call(Macro::EditorAuto, input)
}

/// See `conjoin::concurrent!`. The input is `($crate)` from the façade, and the user's tokens.
#[cfg(not(fuzzing))]
#[proc_macro]
pub fn concurrent(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    call(Macro::Concurrent, input)
}

/// `conjoin::concurrent!` with the feature `tracing`.
#[cfg(not(fuzzing))]
#[proc_macro]
pub fn traced_concurrent(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    call(Macro::TracedConcurrent, input)
}

/// `conjoin::concurrent!` in rust-analyzer, which sees the block as it is written.
#[cfg(not(fuzzing))]
#[proc_macro]
pub fn editor_concurrent(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    call(Macro::EditorConcurrent, input)
}

/// See `conjoin::explain!`. The input is that of [`auto!`](macro@auto).
#[cfg(not(fuzzing))]
#[proc_macro]
pub fn explain(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    call(Macro::Explain, input)
}

#[cfg(not(fuzzing))]
fn call(called: Macro, input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let mut input = TokenStream::from(input).into_iter();
    let header = match input.next() {
        Some(TokenTree::Group(header)) => header.stream(),
        _ => TokenStream::new(),
    };
    compile(called, header, input).into()
}

/// The expansions of all entries for `fuzz/`, which builds the stages as a library.
#[cfg(fuzzing)]
pub fn expansions(tokens: TokenStream) -> [TokenStream; 7] {
    let all = [
        Macro::Auto,
        Macro::TracedAuto,
        Macro::EditorAuto,
        Macro::Concurrent,
        Macro::TracedConcurrent,
        Macro::EditorConcurrent,
        Macro::Explain,
    ];
    all.map(|called| compile(called, quote::quote!(conjoin), tokens.clone()))
}

fn compile(
    called: Macro,
    header: TokenStream,
    tokens: impl IntoIterator<Item = TokenTree>,
) -> TokenStream {
    let header = Header::read(header);
    let tokens = make_visible(tokens);
    let stream = || tokens.iter().cloned().collect();
    if matches!(
        called,
        Macro::Concurrent | Macro::TracedConcurrent | Macro::EditorConcurrent
    ) {
        return block::compile(called, &header.krate, &stream());
    }
    let mut errors = Errors::default();
    if matches!(called, Macro::Explain) && block::is_block(&stream()) {
        let (auto, checked) = block::explained(&stream(), &mut errors);
        let is_limited = checked.options.limit.is_some();
        let plan = plan::plan(&checked.graph, is_limited);
        return emit::explain(&auto, &checked, plan.as_ref(), &header.krate, errors);
    }
    let mut auto = match parse::parse(&tokens, &header.decided, &mut errors) {
        Ok(auto) => auto,
        Err(predicate) => {
            // The next expansion, with the condition decided, finds its mistakes again.
            errors.forget();
            return cfg::decide(called, &predicate, &header, &stream());
        }
    };
    needless_ok::remove(&mut auto, &mut errors);
    infer::infer(&mut auto, &mut errors);
    let checked = check::check(&auto, &mut errors);
    let is_limited = checked.options.limit.is_some();
    let plan = plan::plan(&checked.graph, is_limited);
    let shared = check::shared::refuse(&auto, &checked.graph, plan.as_ref(), &mut errors);
    match called {
        Macro::Auto | Macro::TracedAuto | Macro::EditorAuto => {
            let mut lowered = lower::lower(&auto, &checked, plan.as_ref());
            lowered.shared = shared;
            emit::expand(called, &auto, &checked, &lowered, &header.krate, errors)
        }
        Macro::Concurrent | Macro::TracedConcurrent | Macro::EditorConcurrent => {
            unreachable!("a block is compiled above")
        }
        Macro::Explain => emit::explain(&auto, &checked, plan.as_ref(), &header.krate, errors),
    }
}

#[cfg(test)]
mod tests;
