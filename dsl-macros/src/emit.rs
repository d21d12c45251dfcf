//! Prints a lowered graph as the code that an expert would write by hand.
//!
//! Every value goes into a local variable that only the expansion can name. The user's tokens keep their spans. Nothing
//! that is printed before a body depends on whether some body parses. Printing has no state: all decisions are in
//! [`Lowered`].
//!
//! The names of our variables begin with `__conjoin`. With other names, a user's constant of the same name would turn
//! the `let` into a refutable pattern.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};
use syn::Lifetime;

use crate::ast::{Auto, Macro, unraw};
use crate::check::Checked;
use crate::diagnostic::Errors;
use crate::editor::{behind, in_front_of};
use crate::lower::{Lowered, Slots, Tuples};
use crate::plan::Plan;
use crate::syntax::Code;

/// `quote!` for our code: users cannot see its local variables, and lints treat it as macro code.
///
/// Code of each task allows lints of clippy under `cfg(clippy)`: rustc alone searches all its lints for each such name.
macro_rules! ours {
    ($($token:tt)*) => { ::quote::quote_spanned!(::proc_macro2::Span::mixed_site()=> $($token)*) };
}
pub(crate) use ours;

mod around;
mod bindings;
mod block;
mod breaks;
mod chains;
mod child;
mod code;
mod each;
mod explain;
mod gate;
mod hooks;
mod idle;
mod join;
mod outcome;
mod own_block;
mod polled;
mod private;
mod result;
mod settled;
mod shared;
mod slots;
mod steps;
mod task;
mod tuples;
mod wide;

pub(crate) use block::{Host, Surroundings, group as print_group, leave_child};
pub(crate) use hooks::is_recorded;
pub(crate) use idle::unused_call;
pub(crate) use private::Private;

/// The whole expansion: one `async` block with the mistakes at its end, inside the hooks for tracing.
pub(crate) fn expand(
    called: Macro,
    auto: &Auto,
    checked: &Checked,
    lowered: &Lowered,
    krate: &TokenStream,
    errors: Errors,
) -> TokenStream {
    Emitter {
        is_traced: matches!(called, Macro::TracedAuto),
        is_editor: matches!(called, Macro::EditorAuto),
        is_open: lowered.is_open,
        tuples: lowered.tuples.clone(),
        ..Emitter::new(auto, checked, krate)
    }
    .graph(lowered, errors)
}

/// The graph and its plan as a constant, and then the mistakes.
pub(crate) fn explain(
    auto: &Auto,
    checked: &Checked,
    plan: Option<&Plan>,
    krate: &TokenStream,
    errors: Errors,
) -> TokenStream {
    let explanation = Emitter::new(auto, checked, krate).explanation(plan);
    let reports = errors.into_statements();
    if reports.is_empty() {
        explanation
    } else {
        ours!({ let __conjoin_explanation = #explanation; #reports __conjoin_explanation })
    }
}

/// The variables of the tasks' values. Each has the span of its task's name, for messages.
fn value_names(auto: &Auto) -> Vec<Ident> {
    let names = auto.tasks.iter().enumerate().map(|(index, task)| {
        let span = Span::mixed_site().located_at(task.name.span());
        format_ident!("__conjoin_{index}_{}", unraw(&task.name), span = span)
    });
    names.collect()
}

/// Several patterns or values as one: a tuple, or a single one alone.
fn bundle(parts: impl Iterator<Item = TokenStream>) -> TokenStream {
    let parts: Vec<_> = parts.collect();
    match &parts[..] {
        [part] => part.clone(),
        parts => ours!((#(#parts),*)),
    }
}

/// Our tokens, located at a place in the user's code.
fn located(tokens: TokenStream, place: Span) -> TokenStream {
    let move_there = |mut token: TokenTree| {
        token.set_span(token.span().located_at(place));
        token
    };
    tokens.into_iter().map(move_there).collect()
}

/// `async` before the block, with the span of the user's code from `first` to `last`. rustc names the future by this
/// place. And it names captured variables in messages only if the block has a user's span.
fn async_block(first: Option<Span>, last: Option<Span>, block: TokenStream) -> TokenStream {
    let end = last.map_or_else(Span::mixed_site, behind);
    let block = block.into_iter().map(|mut block| {
        block.set_span(end);
        block
    });
    quote_spanned!(first.unwrap_or_else(Span::mixed_site)=> async #(#block)*)
}

pub(crate) struct Emitter<'a> {
    pub(crate) auto: &'a Auto,
    pub(crate) checked: &'a Checked,
    private: Private,
    /// Whether the expansion records spans.
    is_traced: bool,
    /// Whether rust-analyzer reads the expansion.
    pub(crate) is_editor: bool,
    /// Whether the graph may resolve to an `Option`.
    is_open: bool,
    /// The variable of each task's value, unless it stays in a tuple.
    values: Vec<Ident>,
    tuples: Tuples,
}

impl<'a> Emitter<'a> {
    fn new(auto: &'a Auto, checked: &'a Checked, krate: &TokenStream) -> Self {
        Emitter {
            auto,
            checked,
            private: Private::of(krate),
            is_traced: false,
            is_editor: false,
            is_open: false,
            values: value_names(auto),
            tuples: Tuples::new(),
        }
    }
}

impl Emitter<'_> {
    /// The place of options: before the first task.
    fn top(&self) -> Span {
        let first = self.auto.tasks.first();
        let first = first.map(|task| match task.attributes.first() {
            Some(attribute) => attribute.span,
            None => task.name.span(),
        });
        first.map_or_else(Span::call_site, in_front_of)
    }

    fn graph(&self, lowered: &Lowered, errors: Errors) -> TokenStream {
        let (private, options) = (&self.private, &self.checked.options);
        let steps = lowered
            .steps
            .iter()
            .map(|step| self.step(step, &Slots::new()));
        let (mentions, shadows) = (self.mentions(), self.shadows());
        let result = match (&self.auto.final_arm, &lowered.final_arm) {
            (Some(code), Some(run)) => self.final_arm(code, run),
            _ => self.result_struct(),
        };
        let outcome = if self.checked.breaks {
            self.unbroken(lowered)
        } else {
            self.outcome(lowered)
        };
        let fixed = lowered.fails.and_then(|_| self.fix_error());
        let error = options.error.as_ref().map(|error| {
            // Checks the type even if nothing can fail yet.
            ours!(let _: #private::Option<#error> = #private::None;)
        });
        let (around, limit, outcomes) = (self.around(), self.limit(), self.outcomes());
        // Skipped tokens stay in the expansion, for editors that search it.
        let skipped = &self.auto.lost;
        let skipped =
            (!skipped.is_empty()).then(|| ours!(let _ = ::core::stringify!(#(#skipped)*);));
        let reports = errors.into_statements();
        let types = self.types_of_mentions();
        let shared = self.shared_collections(&lowered.shared);
        let (unused, idle) = (self.unused_values(), self.idle_dependencies());
        let is_recorded = self.is_traced.then(|| is_recorded(private));
        let block = ours!({
            #mentions
            #shadows
            #fixed
            #is_recorded
            #around
            #limit
            #outcomes
            #(#steps)*
            #types
            #shared
            #error
            let __conjoin_result = #result;
            #unused
            #idle
            #skipped
            #reports
            #outcome
        });
        let first = self.auto.tasks.first().map(|task| task.name.span());
        let first = first.or_else(|| Some(self.auto.final_arm.as_ref()?.tokens().first()?.span()));
        let first = first.map(in_front_of);
        let last = self.auto.code().last();
        let last = last.and_then(|code| code.tokens().last());
        let last = match lowered.fails {
            // rustc reports "type annotations needed" at a `?`.
            Some(question) if !lowered.error_is_fixed && options.error.is_none() => Some(question),
            _ => last.map(TokenTree::span),
        };
        let graph = async_block(first, last, block);
        let graph = if self.checked.breaks {
            self.until_broken(lowered, &graph)
        } else {
            graph
        };
        self.watched(lowered, self.in_place_of_final_arm(lowered, graph))
    }

    /// The value of the graph's block.
    fn outcome(&self, lowered: &Lowered) -> TokenStream {
        let (private, options) = (&self.private, &self.checked.options);
        match (lowered.fails, &options.error) {
            (None, _) => ours!(__conjoin_result),
            (Some(question), None) => {
                // rustc reports "type annotations needed" at a `?`.
                self.whole(in_front_of(question), &ours!(__conjoin_result))
            }
            (Some(_), Some(error)) if options.name_errors => {
                ours!(#private::Ok::<_, #private::TaskError<#error>>(__conjoin_result))
            }
            (Some(_), Some(error)) => ours!(#private::Ok::<_, #error>(__conjoin_result)),
        }
    }

    /// If a graph cannot fail and a `Result` is expected, rustc suggests "try wrapping the expression in `Ok`". The
    /// user should wrap the final arm, so the block has its place.
    fn in_place_of_final_arm(&self, lowered: &Lowered, graph: TokenStream) -> TokenStream {
        let final_arm = self.auto.final_arm.as_ref().map(Code::tokens);
        let (None, Some([first, ..])) = (lowered.fails, final_arm) else {
            return graph;
        };
        let last = final_arm.and_then(<[_]>::last).unwrap_or(first);
        let place = |place: Span| Span::mixed_site().located_at(place);
        let label = Lifetime::new("'__conjoin_graph", place(in_front_of(first.span())));
        let mut block = Group::new(Delimiter::Brace, graph);
        block.set_span(place(behind(last.span())));
        ours!(#label: #block)
    }

    /// The expression of `#![limit(…)]`, which is evaluated once.
    fn limit(&self) -> Option<TokenStream> {
        let limit = self.checked.options.limit.as_ref()?;
        // A panic reports this place.
        let place = limit.clone().into_iter().next();
        let place = place.map_or_else(Span::call_site, |token| token.span());
        let (span, private) = self.private.placed(place);
        let text = limit.to_string();
        Some(quote_spanned! {span=>
            #[allow(unused_parens)]
            let __conjoin_limit: usize = (#limit);
            #[allow(unused_variables)]
            let __conjoin_limit = #private::limit(__conjoin_limit, #text);
        })
    }

    /// Under `#![settle]`: the record of failed tasks.
    fn outcomes(&self) -> Option<TokenStream> {
        let private = &self.private;
        self.checked.options.settle.then(|| {
            let names = self.auto.tasks.iter().map(|task| unraw(&task.name));
            ours!(#[allow(unused_variables)] let __conjoin_outcomes = #private::Outcomes::of(&[#(#names),*]);)
        })
    }

    /// A statement that fixes the error type of a fallible block at its beginning. Until rustc knows the type, it
    /// revisits every pending `?`.
    fn fix_error(&self) -> Option<TokenStream> {
        let (private, options) = (&self.private, &self.checked.options);
        let error = options.error.as_ref()?;
        let error = if options.name_errors {
            ours!(#private::TaskError<#error>)
        } else {
            ours!(#error)
        };
        let error = if self.checked.breaks {
            ours!(#private::Stop<_, #error>)
        } else {
            error
        };
        Some(ours!(if false { return #private::Err::<_, #error>(#private::nothing()); }))
    }
}
