//! `break`: a body ends the whole graph.
//!
//! The body runs in a loop of ours, which a `break` of the user's leaves as any other loop; so it works in macros, too.
//! From there on its value leaves the graph as an error does: the blocks of a graph that can break fail with a
//! `Stop`, and only the block around all of them tells the two apart.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote_spanned;

use super::{Emitter, placed};
use crate::ast::Task;
use crate::editor::in_front_of;
use crate::lower::{Leave, Lowered};

/// What becomes of a value that a `break` carries, which is at `__conjoin_broken`.
#[derive(Clone, Copy)]
pub(super) enum Break {
    /// It leaves the block around, and with it the graph.
    Graph,
    /// It leaves the loop of ours around.
    Loop,
}

/// What leaves a block with this.
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
            // It has been reported.
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
        // The type comes first: if it is another, rustc says so of the assignment.
        ours! {
            let __conjoin_end;
            #[allow(unreachable_code, clippy::empty_loop)]
            if false { loop {} #leave; }
            __conjoin_end = #broken;
            #leave
        }
    }

    /// The expression with which what a block with these tasks has failed with, at `__conjoin_error`, leaves the block
    /// around that.
    pub(super) fn passes(
        &self,
        tasks: &[usize],
        leave: Leave,
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

    /// What the block around all tasks resolves to, if no task breaks.
    pub(super) fn unbroken(&self, lowered: &Lowered) -> TokenStream {
        let (private, options) = (&self.private, &self.checked.options);
        let error = match (&options.error, options.name_errors, lowered.fails) {
            (_, _, None) => ours!(#private::Never),
            (None, _, Some(_)) => ours!(_),
            (Some(error), false, Some(_)) => ours!(#error),
            (Some(error), true, Some(_)) => ours!(#private::TaskError<#error>),
        };
        let place = lowered.fails.map_or(Span::call_site(), in_front_of);
        let (span, there) = placed(private, place);
        quote_spanned!(span=> #there::Ok::<_, #there::Stop<_, #error>>(__conjoin_result))
    }

    /// The graph, out of the block around all tasks.
    pub(super) fn until_broken(&self, lowered: &Lowered, graph: &TokenStream) -> TokenStream {
        let private = &self.private;
        let keyword = self.auto.tasks.iter().find_map(Task::break_keyword);
        let broken = broken(keyword.unwrap_or(Span::call_site()));
        // If the final arm has another type, rustc says so at the `break`, and where this variable stands.
        let final_arm = self.auto.final_arm.as_ref();
        let place = final_arm.and_then(|code| code.tokens().last());
        let place = place.map_or(Span::call_site(), TokenTree::span);
        let whole = Ident::new("__conjoin_whole", Span::mixed_site().located_at(place));
        let (fails, ok) = if lowered.fails.is_some() {
            let failed = self.failed(Leave::Infer, Span::mixed_site());
            let ok = self.whole(Span::mixed_site(), &ours!(#whole));
            (ours!(return #failed), ok)
        } else {
            (ours!(match __conjoin_error {}), ours!(#whole))
        };
        ours!(async {
            #[allow(clippy::needless_late_init)]
            let #whole;
            // The value of a body that always breaks is never there.
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

/// The variable of what a `break` carries. What rustc has to say of its type belongs to the `break`.
pub(super) fn broken(keyword: Span) -> Ident {
    Ident::new("__conjoin_broken", Span::mixed_site().located_at(keyword))
}

/// Statements that bind `__conjoin_value`, in a loop that the `break` of the user's with this place leaves. Then comes
/// `exit`.
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
