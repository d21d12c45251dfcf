//! `break`: a body ends the whole graph.
//!
//! The body runs in our loop, which the user's `break` leaves like any other loop, so it also works in macros. From
//! there the value leaves the graph as an error does. The blocks of a graph that can break fail with a `Stop`, and only
//! the outermost block distinguishes breaks from errors.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::Emitter;
use crate::ast::Task;
use crate::editor::in_front_of;
use crate::lower::{ErrorExit, Lowered};

/// Where the value of a `break`, in `__conjoin_broken`, goes.
#[derive(Clone, Copy)]
pub(super) enum Break {
    /// It leaves the surrounding block, and so the graph.
    Graph,
    /// It leaves our surrounding loop.
    Loop,
}

/// Prints code that leaves a block with a value.
pub(super) type Exit<'a> = &'a dyn Fn(&TokenStream) -> TokenStream;

pub(super) fn returned(result: &TokenStream) -> TokenStream {
    ours!(return #result)
}

impl Emitter<'_> {
    /// The expression for the value of a `break`.
    pub(super) fn broken(&self, to: Break, keyword: Span) -> TokenStream {
        let broken = broken(keyword);
        match to {
            Break::Loop => ours!(break '__conjoin_broken #broken),
            Break::Graph if self.checked.breaks => {
                let (ends, stop) = (self.ends(), self.stop(keyword, &returned));
                ours!({ #ends #stop })
            }
            // The mistake is already reported.
            Break::Graph => {
                let private = &self.private;
                ours!({ let _ = #broken; #private::nothing() })
            }
        }
    }

    /// The statements with which the value of a `break` leaves a block, by way of `exit`.
    fn stop(&self, keyword: Span, exit: Exit<'_>) -> TokenStream {
        let (private, broken) = (&self.private, broken(keyword));
        let leave = exit(&ours!(#private::stop(__conjoin_end)));
        // The type comes first, so that rustc reports a mismatch at the assignment.
        ours! {
            let __conjoin_end;
            #[allow(unreachable_code, clippy::empty_loop)]
            if false { loop {} #leave; }
            __conjoin_end = #broken;
            #leave
        }
    }

    /// The expression that passes the failure of a block with these tasks, in `__conjoin_error`, out of the surrounding
    /// block.
    pub(super) fn passes(
        &self,
        tasks: &[usize],
        leave: ErrorExit,
        place: Span,
        exit: Exit<'_>,
    ) -> TokenStream {
        let fails = exit(&self.fails(leave, place));
        if !self.checked.breaks {
            return fails;
        }
        let mut tasks = tasks.iter().map(|&task| &self.auto.tasks[task]);
        let keyword = tasks.find_map(Task::break_keyword).unwrap_or(place);
        let (private, broken, stop) = (&self.private, broken(keyword), self.stop(keyword, exit));
        ours! {
            match __conjoin_error {
                #private::Stop::Break(#broken) => { #stop }
                #private::Stop::Fail(__conjoin_error) => #fails,
            }
        }
    }

    /// The value of the outermost block, if no task breaks.
    pub(super) fn unbroken(&self, lowered: &Lowered) -> TokenStream {
        let (private, options) = (&self.private, &self.checked.options);
        let error = match (&options.error, options.name_errors, lowered.fails) {
            (_, _, None) => ours!(#private::Never),
            (None, _, Some(_)) => ours!(_),
            (Some(error), false, Some(_)) => ours!(#error),
            (Some(error), true, Some(_)) => ours!(#private::TaskError<#error>),
        };
        let place = lowered.fails.map_or(Span::call_site(), in_front_of);
        let (span, there) = private.placed(place);
        quote_spanned!(span=> #there::Ok::<_, #there::Stop<_, #error>>(__conjoin_result))
    }

    /// The graph, from the result of the outermost block.
    pub(super) fn until_broken(&self, lowered: &Lowered, graph: &TokenStream) -> TokenStream {
        let private = &self.private;
        let keyword = self.auto.tasks.iter().find_map(Task::break_keyword);
        let broken = broken(keyword.unwrap_or(Span::call_site()));
        // If the final arm has another type, rustc reports the `break` and the place of this variable.
        let final_arm = self.auto.final_arm.as_ref();
        let place = final_arm.and_then(|code| code.tokens().last());
        let place = place.map_or(Span::call_site(), TokenTree::span);
        let whole = Ident::new("__conjoin_whole", Span::mixed_site().located_at(place));
        let (fails, ok) = if lowered.fails.is_some() {
            let failed = self.failed(ErrorExit::Infer, Span::mixed_site());
            let ok = self.whole(Span::mixed_site(), &ours!(#whole));
            (ours!(return #failed), ok)
        } else {
            (ours!(match __conjoin_error {}), ours!(#whole))
        };
        ours!(async {
            #[allow(clippy::needless_late_init)]
            let #whole;
            // A body that always breaks has no value.
            #[allow(clippy::diverging_sub_expression)]
            match #graph.await {
                #private::Ok(__conjoin_result) => #whole = __conjoin_result,
                #private::Err(#private::Stop::Break(#broken)) => #whole = #broken,
                #private::Err(#private::Stop::Fail(__conjoin_error)) => #fails,
            }
            #ok
        })
    }
}

/// The variable of a `break`'s value. rustc reports errors about its type at the `break`.
pub(super) fn broken(keyword: Span) -> Ident {
    Ident::new("__conjoin_broken", Span::mixed_site().located_at(keyword))
}

/// Statements that bind `__conjoin_value`, in a loop that the user's `break` at this place leaves. After a `break`,
/// `exit` runs.
pub(super) fn looped(statements: &TokenStream, keyword: Span, exit: &TokenStream) -> TokenStream {
    let broken = broken(keyword);
    ours! {
        #[allow(clippy::never_loop)]
        let __conjoin_value = '__conjoin_body: {
            let #broken = '__conjoin_broken: loop { #statements break '__conjoin_body __conjoin_value; };
            #exit
        };
    }
}
