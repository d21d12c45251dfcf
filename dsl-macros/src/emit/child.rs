//! Children that a loop polls: their variables, and what becomes of what they resolve to.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};

use super::Emitter;
use super::breaks::Exit;
use crate::editor::in_front_of;
use crate::lower::{Child, Future, ResolvesTo, Slots};
use crate::syntax::calls::Call;

/// The variable of a child's future.
pub(super) fn future(child: &Child) -> Ident {
    format_ident!("__conjoin_child_{}", child.index, span = Span::mixed_site())
}

/// The variable of a child's output.
fn output(child: &Child) -> Ident {
    format_ident!(
        "__conjoin_output_{}",
        child.index,
        span = Span::mixed_site()
    )
}

/// Where a child is awaited: at the user's `.await`, if it is a bare call.
fn awaited_at(child: &Child) -> Span {
    match &child.future {
        Future::Call(_, call) => Span::mixed_site().located_at(call.await_span),
        Future::Block(_) => Span::mixed_site(),
    }
}

/// What a child has resolved to. Of what becomes of this, rustc speaks at the user's `.await`.
pub(super) fn result(child: &Child) -> Ident {
    Ident::new("__conjoin_result", awaited_at(child))
}

impl Emitter<'_> {
    /// The statements that pin a child's future, and make room for its output. A block drops what it holds when it ends; a
    /// bare call is made at its first poll, and does the same.
    pub(super) fn pin(&self, child: &Child, slots: &Slots) -> TokenStream {
        let (private, name, output) = (&self.private, future(child), output(child));
        let pinned = match &child.future {
            Future::Block(block) => {
                let is_watched = self.single_task(child).is_some();
                let block = self.block(block, slots, is_watched);
                ours!(let mut #name = #private::pin!(#block);)
            }
            Future::Call(task, call) => {
                let call = self.call_closure(*task, call);
                ours! {
                    let #name = #private::pin!(#private::None);
                    let mut #name = #private::Call::new(#name, #call);
                }
            }
        };
        let part = self.part(child, &name);
        let awaits = match &child.future {
            // The loop polls without it, but editors look for each of the user's tokens.
            Future::Call(_, call) if self.is_editor => {
                let awaits = &call.awaits;
                Some(ours!(if false { #name.as_mut() #awaits; }))
            }
            Future::Call(..) | Future::Block(_) => None,
        };
        // In a slot, its value is not read from here.
        ours!(#pinned #part #awaits #[cfg_attr(clippy, allow(clippy::collection_is_never_read))] let mut #output = #private::None;)
    }

    /// The statement that polls a child in a loop which is no `async` block: `then` follows when it has ended.
    pub(super) fn poll_in_loop(&self, child: &Child, then: &TokenStream) -> TokenStream {
        let (private, name) = (&self.private, future(child));
        let poll = ours!(#private::Future::poll(#name.as_mut(), __conjoin_cx));
        let leave = |error: &TokenStream| ours!(return #private::Poll::Ready(#error));
        self.polled_in_loop(child, &poll, Some(then), &leave)
    }

    /// The same of a child of a wide node.
    pub(super) fn poll_in_chunk(&self, child: &Child, place: usize) -> TokenStream {
        let (private, name) = (&self.private, future(child));
        let poll = ours!(__conjoin_turns.poll(#place, #name.as_mut()));
        let leave = |error: &TokenStream| ours!(return #private::Step::Failed(#error));
        self.polled_in_loop(child, &poll, None, &leave)
    }

    fn polled_in_loop(
        &self,
        child: &Child,
        poll: &TokenStream,
        then: Option<&TokenStream>,
        leave: Exit<'_>,
    ) -> TokenStream {
        let (private, output, result) = (&self.private, output(child), result(child));
        let values = self.values_or(child, leave);
        ours! {
            if let #private::Poll::Ready(#result) = #poll {
                #output = #private::Some(#values);
                #then
            }
        }
    }

    /// The values, out of where they are kept when the child has ended.
    pub(super) fn taken(&self, child: &Child) -> TokenStream {
        let (private, output) = (&self.private, output(child));
        ours!(#private::take(&mut #output))
    }

    /// The expression that gets the values out of a child's result. An error leaves by way of `exit`, which gets the
    /// `Err`.
    fn values_or(&self, child: &Child, exit: Exit<'_>) -> TokenStream {
        let (private, result) = (&self.private, result(child));
        let Some(exit) = self.leaves(child, exit) else {
            return ours!(#result);
        };
        let result = match child.resolves_to {
            ResolvesTo::Convertible(question) => {
                let convert = self.converter(&result, question);
                return ours!({
                    #[allow(clippy::redundant_closure_call)]
                    let __conjoin_converted = (#convert)(#result);
                    match __conjoin_converted {
                        #private::Ok(__conjoin_value) => __conjoin_value,
                        #private::Err(__conjoin_error) => #exit,
                    }
                });
            }
            ResolvesTo::Tail(question) => self.checked_operand(&result, question),
            ResolvesTo::Result(_) => self.split_block(&ours!(#result)),
            ResolvesTo::Values | ResolvesTo::Operand(_) => ours!(#result),
        };
        ours! {
            match #result {
                #private::Ok(__conjoin_value) => __conjoin_value,
                #private::Err(__conjoin_error) => #exit,
            }
        }
    }

    /// The expression with which the `__conjoin_error` of a child leaves by way of `exit`, if the child can fail.
    pub(super) fn leaves(&self, child: &Child, exit: Exit<'_>) -> Option<TokenStream> {
        let private = &self.private;
        let place = in_front_of(child.fails()?);
        Some(match child.resolves_to {
            ResolvesTo::Values => return None,
            ResolvesTo::Convertible(_) => exit(&ours!(#private::Err(__conjoin_error))),
            ResolvesTo::Operand(_) | ResolvesTo::Tail(_) => exit(&self.fails(child.leave, place)),
            ResolvesTo::Result(_) => self.passes(child.tasks(), child.leave, place, exit),
        })
    }

    /// The `Result` of the operand of a `?`. Of a variable as the argument, rustc would blame where it comes from.
    pub(super) fn checked_operand(&self, result: &Ident, question: Span) -> TokenStream {
        let place = in_front_of(question);
        let (fallible, (span, there)) = (self.fallible(place), self.private.placed(place));
        quote_spanned!(span=> #fallible(#there::identity(#result)))
    }

    /// The closure that makes a bare call. By its place, rustc says which body borrows or moves what.
    pub(super) fn call_closure(&self, task: usize, call: &Call) -> TokenStream {
        let first = call.called.first();
        let place = first.map_or_else(Span::call_site, TokenTree::span);
        let call = self.call(task, call);
        quote_spanned!(Span::mixed_site().located_at(place)=> || #call)
    }

    /// The closure that converts the error of a result by a `?`. In code that returns a `Poll`, rustc would list what a `?`
    /// there can convert into.
    pub(super) fn converter(&self, result: &Ident, question: Span) -> TokenStream {
        let (private, error) = (&self.private, &self.checked.options.error);
        let mut mark = Punct::new('?', Spacing::Alone);
        mark.set_span(question);
        let mark = TokenTree::from(mark);
        let operand = self.checked_operand(result, question);
        let value = ours!(#operand #mark);
        ours!(|#result| #private::Ok::<_, #error>(#value))
    }
}
