//! The `async` block around some code of a task, which its exits leave.

use proc_macro2::{Ident, Span, TokenStream};

use super::breaks::{Break, broken, looped};
use super::{Emitter, Private, located};
use crate::editor::in_front_of;
use crate::lower::{ErrorExit, OutcomeUse, OwnBlock};

/// The block around some code of a task.
pub(super) struct EnclosingBlock<'n> {
    pub(super) block: OwnBlock,
    pub(super) ending: OutcomeUse,
    /// The first `break` in it.
    pub(super) breaks: Option<Span>,
    pub(super) to: Break,
    /// The first token of the code.
    pub(super) place: Span,
    /// The name to pass to the object of `#![around(…)]`, if there is one.
    pub(super) within: Option<&'n Ident>,
}

impl EnclosingBlock<'_> {
    /// The value of a block, or the exit `out` if it broke.
    fn unwrapped(
        &self,
        private: &Private,
        out: Option<TokenStream>,
        value: &TokenStream,
    ) -> TokenStream {
        let (Some(out), Some(keyword)) = (out, self.breaks) else {
            return value.clone();
        };
        let broken = broken(keyword);
        ours! {
            match #value {
                #private::ControlFlow::Continue(__conjoin_value) => __conjoin_value,
                #private::ControlFlow::Break(#broken) => #out,
            }
        }
    }
}

impl Emitter<'_> {
    /// Statements that bind `__conjoin_value`, in a block and a loop of their own if needed.
    pub(super) fn in_block(
        &self,
        statements: TokenStream,
        own: &EnclosingBlock<'_>,
        name: &str,
    ) -> TokenStream {
        let private = &self.private;
        let out = own.breaks.map(|keyword| self.broken(own.to, keyword));
        let question = match own.block {
            OwnBlock::None => {
                return match (own.breaks, out) {
                    (Some(keyword), Some(out)) => looped(&statements, keyword, &out),
                    _ => statements,
                };
            }
            OwnBlock::Infallible if own.breaks.is_none() => {
                let within = own.within;
                return within
                    .map_or_else(TokenStream::new, |task| self.infallible(task, &statements));
            }
            OwnBlock::Plain | OwnBlock::Infallible => {
                let (statements, value) = self.flow(statements, own.breaks, None);
                // rustc reports the wrong type of an exit hidden in a macro at the code.
                let value = located(value, own.place);
                let value = ours!(let __conjoin_value = async { #statements #value }.await;);
                let value = match own.within {
                    Some(task) => self.infallible(task, &value),
                    None => value,
                };
                let unwrapped = own.unwrapped(private, out, &ours!(__conjoin_value));
                let unwrapped = own.breaks.map(|_| ours!(let __conjoin_value = #unwrapped;));
                return ours!(#value #unwrapped);
            }
            OwnBlock::Fallible(question) | OwnBlock::Operand(question) => question,
        };
        let (statements, value) = self.flow(statements, own.breaks, Some(question));
        let result = self.caught(&statements, &value, question, own.within);
        let place = in_front_of(question);
        let (leave, error) = match own.ending {
            OutcomeUse::Name(leave) => {
                let named =
                    ours!(let __conjoin_error = #private::TaskError::new(#name, __conjoin_error););
                (leave, Some(named))
            }
            OutcomeUse::Propagate(leave) => (leave, None),
            OutcomeUse::Value | OutcomeUse::Settle { .. } => (ErrorExit::Infer, None),
        };
        let failed = match own.to {
            Break::Graph => self.fails(leave, place),
            Break::Loop => self.failed(leave, place),
        };
        let result = self.split(&result);
        let value = own.unwrapped(private, out, &ours!(__conjoin_value));
        ours! {
            let __conjoin_value = match #result {
                #private::Ok(__conjoin_value) => #value,
                #private::Err(__conjoin_error) => { #error return #failed }
            };
        }
    }

    /// The statements in a block of their own, which bind `__conjoin_value`, and the value that leaves this block.
    pub(super) fn flow(
        &self,
        statements: TokenStream,
        breaks: Option<Span>,
        question: Option<Span>,
    ) -> (TokenStream, TokenStream) {
        let private = &self.private;
        let Some(keyword) = breaks else {
            return (statements, ours!(__conjoin_value));
        };
        let broken = broken(keyword);
        let exit = ours!(#private::ControlFlow::Break(#broken));
        let exit = if question.is_some() {
            let exit = self.whole(Span::mixed_site(), &exit);
            ours!(return #exit)
        } else {
            ours!(return #exit)
        };
        (
            looped(&statements, keyword, &exit),
            ours!(#private::ControlFlow::Continue(__conjoin_value)),
        )
    }

    /// The `Result` of statements that bind `__conjoin_value` and may fail.
    pub(super) fn caught(
        &self,
        statements: &TokenStream,
        value: &TokenStream,
        question: Span,
        within: Option<&Ident>,
    ) -> TokenStream {
        let ok = self.succeeded(value, question);
        self.within(within, &ours!({ #statements #ok }))
    }

    /// The value at the end of a block that may fail.
    pub(super) fn succeeded(&self, value: &TokenStream, question: Span) -> TokenStream {
        // rustc reports "type annotations needed" at a `?`.
        let private = &self.private;
        match &self.checked.options.error {
            None => self.whole(in_front_of(question), value),
            Some(error) => ours!(#private::Ok::<_, #error>(#value)),
        }
    }
}
