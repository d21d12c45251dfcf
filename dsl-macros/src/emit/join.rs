//! Few children that run concurrently, in a future that holds and polls all of them.
//!
//! Each poll starts at another child, so that a busy one cannot use up the runtime's budget for its siblings (tokio's
//! `join!` does the same). The first error ends the join at once, and leaves the block around it.

use proc_macro2::{Span, TokenStream};
use quote::format_ident;

use super::breaks::returned;
use super::child::{future, result};
use super::{Emitter, bundle};
use crate::lower::{Child, Future, PollsPerTurn, ResolvesTo, Slots};

impl Emitter<'_> {
    /// Statements that bind the values of few children.
    pub(super) fn join(&self, children: &[Child], pace: PollsPerTurn) -> TokenStream {
        let private = &self.private;
        let groups: Vec<_> = children.iter().map(|child| child.values.clone()).collect();
        let values = || self.declare(&groups);
        let pins: Vec<_> = children.iter().filter_map(|it| self.pinned(it)).collect();
        let members = children.iter().map(|child| self.member(child));
        let join = format_ident!("join_{}", children.len(), span = Span::mixed_site());
        let types = children.iter().map(|_| ours!(_));
        let all: Vec<_> = children.iter().collect();
        let joined = self.match_results(
            &all,
            &ours!(#private::#join::<#pace, #(#types),*>(#(#members),*)),
            |_| true,
        );
        if pins.is_empty() {
            return self.bind(children, values, &joined);
        }
        let joined = ours!({ #(#pins)* let __conjoin_joined = #joined; __conjoin_joined });
        self.bind(children, values, &joined)
    }

    /// Awaits a join, for the values of each child that `has_values`. An error leaves the block around it.
    pub(super) fn match_results(
        &self,
        children: &[&Child],
        join: &TokenStream,
        has_values: impl Fn(&Child) -> bool,
    ) -> TokenStream {
        let private = &self.private;
        let names: Vec<_> = (0..children.len())
            .map(|place| format_ident!("__conjoin_value_{place}", span = Span::mixed_site()))
            .collect();
        let made = names.iter().zip(children);
        let made = made.filter(|(_, child)| has_values(child));
        let made = bundle(made.map(|(name, _)| ours!(#name)));
        let failures = children.iter().enumerate().filter_map(|(failed, child)| {
            let exit = self.leaves(child, &returned)?;
            let results = (0..children.len()).map(|place| {
                if place == failed {
                    ours!(#private::Some(#private::Err(__conjoin_error)))
                } else {
                    ours!(_)
                }
            });
            Some(ours!((#(#results),*) => #exit,))
        });
        ours! {
            match #join.await {
                (#(#private::Some(#private::Ok(#names))),*) => #made,
                #(#failures)*
                _ => #private::nothing(),
            }
        }
    }

    /// The statement that pins a graph before the join. With spans, types would else nest too deeply for twenty levels of
    /// graphs: rustc limits this.
    fn pinned(&self, child: &Child) -> Option<TokenStream> {
        let (private, name) = (&self.private, future(child));
        match &child.future {
            Future::Call(task, call) if call.is_graph && self.is_traced => {
                let graph = self.call(*task, call);
                Some(ours!(let mut #name = #private::pin!(#graph);))
            }
            Future::Call(..) | Future::Block(_) => None,
        }
    }

    /// A child as an argument of the join.
    fn member(&self, child: &Child) -> TokenStream {
        let (private, split, name) = (&self.private, self.split_of(child), future(child));
        let (constructor, future, awaited) = match &child.future {
            Future::Block(block) => {
                let is_watched = self.single_task(child).is_some();
                let block = self.block(block, &Slots::new(), is_watched);
                return self.part_child(child, ours!(#private::block_child(#block, #split)));
            }
            // One type less for each level of nested graphs.
            Future::Call(task, call) if call.is_graph => {
                let awaits = &call.awaits;
                let awaited = ours!(#private::value_of(&#name) #awaits);
                let graph = if self.is_traced {
                    ours!(#name.as_mut())
                } else {
                    self.call(*task, call)
                };
                (ours!(block_child), graph, awaited)
            }
            Future::Call(task, call) => {
                let awaits = &call.awaits;
                let awaited = ours!(#private::called(&#name) #awaits);
                (ours!(call_child), self.call_closure(*task, call), awaited)
            }
        };
        let future = if self.is_editor {
            // The join polls without the `.await`, but editors look for each of the user's tokens.
            ours!({ let #name = #future; if false { #awaited; } #name })
        } else {
            future
        };
        self.part_child(child, ours!(#private::#constructor(#future, #split)))
    }

    /// The function that converts what a child resolves to into a `Result`.
    pub(super) fn split_of(&self, child: &Child) -> TokenStream {
        let private = &self.private;
        match child.resolves_to {
            ResolvesTo::Values => ours!(#private::never_fails),
            ResolvesTo::Operand(_) => ours!(#private::identity),
            ResolvesTo::Result(_) => self.split_of_block(),
            // As a closure: of a function, rustc would report once more what it is not implemented for.
            ResolvesTo::Tail(question) => {
                let result = result(child);
                let operand = self.checked_operand(&result, question);
                ours!(|#result| #operand)
            }
            ResolvesTo::Convertible(question) => self.converter(&result(child), question),
        }
    }
}
