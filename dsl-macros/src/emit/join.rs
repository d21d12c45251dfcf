//! Children that run concurrently, in a future that polls all of them.
//!
//! Each poll starts at another child, so that a busy one cannot use up the runtime's budget for its siblings (tokio's
//! `join!` does the same). The first error ends the join at once.

use proc_macro2::{Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{format_ident, quote_spanned};

use super::breaks::Exit;
use super::{Emitter, bundle, placed};
use crate::editor::in_front_of;
use crate::lower::{Child, ErrorExit, Future, PollsPerTurn, ResolvesTo, Slots};

/// The variable of a child's future.
fn future(child: &Child) -> Ident {
    format_ident!("__conjoin_child_{}", child.index, span = Span::mixed_site())
}

/// The variable of a child's output.
pub(super) fn output(child: &Child) -> Ident {
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
fn result(child: &Child) -> Ident {
    Ident::new("__conjoin_result", awaited_at(child))
}

impl Emitter<'_> {
    /// Statements that bind the values of few children: a future of its own polls all of them. If they can fail, an error
    /// leaves the block around them.
    pub(super) fn join(
        &self,
        children: &[Child],
        pace: PollsPerTurn,
        leave: Option<ErrorExit>,
    ) -> TokenStream {
        let (private, width) = (&self.private, children.len());
        let polls = children.iter().map(|child| {
            let poll = self.poll_in_loop(child, &TokenStream::new());
            match &child.future {
                // It knows that it has ended.
                Future::Call(..) => poll,
                Future::Block(_) => {
                    let output = output(child);
                    ours!(if #output.is_none() { #poll })
                }
            }
        });
        let arms = arms_of(polls);
        let outputs = children.iter().map(output);
        self.polled_by(children, leave, |made| {
            ours! {
                #private::join::<#width, #pace, _, _>(move |__conjoin_cx, __conjoin_start| {
                    let mut __conjoin_at = __conjoin_start;
                    for _ in 0..#width {
                        match __conjoin_at { #arms }
                    }
                    if #(#outputs.is_some())&&* {
                        #private::Poll::Ready(#made)
                    } else {
                        #private::Poll::Pending
                    }
                })
            }
        })
    }

    /// Statements that pin children, and bind their values. `join` prints the future that polls them, and gets the expression
    /// of what it resolves to.
    pub(super) fn polled_by(
        &self,
        children: &[Child],
        leave: Option<ErrorExit>,
        join: impl FnOnce(TokenStream) -> TokenStream,
    ) -> TokenStream {
        let groups: Vec<_> = children.iter().map(|child| child.values.clone()).collect();
        let values = self.declare(&groups);
        let pins = children.iter().map(|child| self.pin(child, &Slots::new()));
        let tasks: Vec<usize> = children.iter().flat_map(Child::tasks).copied().collect();
        let made = bundle(children.iter().map(|child| self.taken(child)));
        let made = if leave.is_some() {
            self.whole_block(&made)
        } else {
            made
        };
        let joined = self.propagate(&tasks, leave, &join(made));
        ours!(#values = { #(#pins)* let __conjoin_joined = #joined; __conjoin_joined };)
    }

    /// The statements that pin a child's future, for its first poll. A block drops what it holds when it ends; a bare call
    /// does the same.
    fn pinned(&self, child: &Child, slots: &Slots) -> TokenStream {
        let (private, name) = (&self.private, future(child));
        let pinned = match &child.future {
            Future::Block(block) => {
                let block = self.block(block, slots);
                ours!(let mut #name = #private::pin!(#block);)
            }
            Future::Call(task, call) => {
                // By the place of the closure, rustc says which body borrows or moves what.
                let first = call.called.clone().into_iter().next();
                let place = first.map_or_else(Span::call_site, |first| first.span());
                let call = self.call(*task, call);
                let call = quote_spanned!(Span::mixed_site().located_at(place)=> || #call);
                self.watched_call(*task, &name, &call)
            }
        };
        let part = self.part(&name);
        ours!(#pinned #part)
    }

    /// The statements that pin a child's future, and make room for its output. A bare call is made at its first poll.
    pub(super) fn pin(&self, child: &Child, slots: &Slots) -> TokenStream {
        let pinned = self.pinned(child, slots);
        let (private, name, output) = (&self.private, future(child), output(child));
        let awaits = match &child.future {
            // The loop polls without it, but editors look for each of the user's tokens.
            Future::Call(_, call) => {
                let awaits = &call.awaits;
                ours! {
                    #[allow(unexpected_cfgs)]
                    if false {
                        #[cfg(rust_analyzer)]
                        { #name.as_mut() #awaits; }
                    }
                }
            }
            Future::Block(_) => TokenStream::new(),
        };
        // In a slot, its value is not read from here.
        ours!(#pinned #awaits #[allow(clippy::collection_is_never_read)] let mut #output = #private::None;)
    }

    /// The statement that polls a child in a loop which is no `async` block: `then` follows when it has ended.
    pub(super) fn poll_in_loop(&self, child: &Child, then: &TokenStream) -> TokenStream {
        let (private, name) = (&self.private, future(child));
        let poll = ours!(#private::Future::poll(#name.as_mut(), __conjoin_cx));
        self.polled_in_loop(child, &poll, then)
    }

    /// The same of a child at a place in a chunk.
    pub(super) fn poll_in_chunk(&self, child: &Child, place: usize) -> TokenStream {
        let name = future(child);
        let poll = ours!(__conjoin_chunks.poll(#place, #name.as_mut()));
        self.polled_in_loop(child, &poll, &TokenStream::new())
    }

    fn polled_in_loop(&self, child: &Child, poll: &TokenStream, then: &TokenStream) -> TokenStream {
        let (private, output, result) = (&self.private, output(child), result(child));
        let leave = |error: &TokenStream| ours!(return #private::Poll::Ready(#error));
        let values = self.values_or(child, child.first, &leave);
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
    fn values_or(&self, child: &Child, leave: ErrorExit, exit: Exit<'_>) -> TokenStream {
        let (private, result) = (&self.private, result(child));
        let question = match child.resolves_to {
            ResolvesTo::Values => return ours!(#result),
            ResolvesTo::Convertible(question) => {
                let mut mark = Punct::new('?', Spacing::Alone);
                mark.set_span(question);
                let mark = TokenTree::from(mark);
                let place = in_front_of(question);
                let (fallible, (span, there)) = (self.fallible(place), placed(private, place));
                let error = &self.checked.options.error;
                let value = quote_spanned!(span=> #fallible(#there::identity(#result)) #mark);
                let exit = exit(&ours!(#private::Err(__conjoin_error)));
                // The `?` is in a closure of its own, as rustc lists what a `?` can convert into where a `Poll` is returned.
                return ours!({
                    #[allow(clippy::redundant_closure_call)]
                    let __conjoin_converted = (|| #private::Ok::<_, #error>(#value))();
                    match __conjoin_converted {
                        #private::Ok(__conjoin_value) => __conjoin_value,
                        #private::Err(__conjoin_error) => #exit,
                    }
                });
            }
            ResolvesTo::Result(question)
            | ResolvesTo::Operand(question)
            | ResolvesTo::Tail(question) => question,
        };
        let place = in_front_of(question);
        let (span, there) = placed(private, place);
        let (result, exit) = match child.resolves_to {
            ResolvesTo::Tail(_) => {
                // Of a variable as the argument, rustc would blame where it comes from.
                let fallible = self.fallible(place);
                (
                    quote_spanned!(span=> #fallible(#there::identity(#result))),
                    exit(&self.fails(leave, place)),
                )
            }
            ResolvesTo::Operand(_) => (ours!(#result), exit(&self.fails(leave, place))),
            _ => (
                self.split_block(&ours!(#result)),
                self.passes(child.tasks(), leave, place, exit),
            ),
        };
        ours! {
            match #result {
                #private::Ok(__conjoin_value) => __conjoin_value,
                #private::Err(__conjoin_error) => #exit,
            }
        }
    }
}

/// The arms of a `match` that steps on to the next.
fn arms_of(arms: impl ExactSizeIterator<Item = TokenStream>) -> TokenStream {
    let last = arms.len() - 1;
    let arms = arms.enumerate().map(|(at, arm)| {
        let next = if at == last { 0 } else { at + 1 };
        let pattern = if at == last { ours!(_) } else { ours!(#at) };
        ours!(#pattern => { #arm __conjoin_at = #next; })
    });
    arms.collect()
}
