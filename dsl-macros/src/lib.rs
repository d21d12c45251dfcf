//! The macros behind [`conjoin::auto!`](https://docs.rs/conjoin) and `conjoin::explain!`; depend on `conjoin` instead.
//!
//! ```text
//! tokens -> parse -> check -> plan -> expand
//!            ast     graph
//! ```
//!
//! `body` answers what the stages ask of the code in a task, `report` collects mistakes, `suggest` finds names.

mod ast;
mod body;
mod check;
mod expand;
mod graph;
mod invisible;
mod parse;
mod plan;
mod report;
mod suggest;

use proc_macro2::{TokenStream, TokenTree};

use crate::ast::Macro;

/// See `conjoin::auto!`. The input is `($crate decided…)`, from the façade, and the user's tokens; `decided` are `true`
/// and `false` for the `#[cfg]`s on tasks that rustc has decided so far.
#[proc_macro]
pub fn auto(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    call(Macro::Auto, input)
}

/// See `conjoin::explain!`. The input is that of [`auto!`](macro@auto).
#[proc_macro]
pub fn explain(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    call(Macro::Explain, input)
}

fn call(called: Macro, input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    let mut input = TokenStream::from(input).into_iter();
    let header = match input.next() {
        Some(TokenTree::Group(header)) => header.stream(),
        _ => TokenStream::new(),
    };
    compile(called, header, &input.collect()).into()
}

fn compile(called: Macro, header: TokenStream, tokens: &TokenStream) -> TokenStream {
    let mut errors = report::Errors::default();
    let mut header = header.into_iter();
    let krate = TokenStream::from_iter(header.next());
    let decided: Vec<_> = header
        .map(|decision| decision.to_string() == "true")
        .collect();
    match parse::parse(tokens.clone(), &decided, &mut errors) {
        Ok(auto) => {
            let checked = check::check(&auto, &mut errors);
            let plan = plan::plan(
                &checked.graph,
                &checked.users,
                checked.options.limit.is_some(),
            );
            match called {
                Macro::Auto => expand::expand(&auto, &checked, plan.as_ref(), &krate, errors),
                Macro::Explain => expand::explain(&auto, &checked, plan.as_ref(), &krate, errors),
            }
        }
        // Its mistakes are found again once the condition is decided.
        Err(predicate) => {
            errors.forget();
            expand::decide(called, &predicate, &krate, &decided, tokens)
        }
    }
}

#[cfg(test)]
mod tests;
