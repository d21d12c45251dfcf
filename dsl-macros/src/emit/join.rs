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
        let values = self.declare(&groups);
        let members = children.iter().map(|child| self.member(child));
        let join = format_ident!("join_{}", children.len(), span = Span::mixed_site());
        let types = children.iter().map(|_| ours!(_));
        let names: Vec<_> = (0..children.len())
            .map(|place| format_ident!("__conjoin_value_{place}", span = Span::mixed_site()))
            .collect();
        let made = bundle(names.iter().map(|name| ours!(#name)));
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
        let joined = ours! {
            match #private::#join::<#pace, #(#types),*>(#(#members),*).await {
                (#(#private::Some(#private::Ok(#names))),*) => #made,
                #(#failures)*
                _ => #private::nothing(),
            }
        };
        if self.is_traced {
            let pins = children
                .iter()
                .map(|child| self.pinned(child, &Slots::new()));
            ours!(#values = { #(#pins)* let __conjoin_joined = #joined; __conjoin_joined };)
        } else {
            ours!(#values = #joined;)
        }
    }

    /// A child as an argument of the join. If the graph records spans, it is pinned before.
    fn member(&self, child: &Child) -> TokenStream {
        let (private, split, name) = (&self.private, self.split_of(child), future(child));
        if self.is_traced {
            return ours!(#private::block_child(#name, #split));
        }
        let (constructor, future, awaited) = match &child.future {
            Future::Block(block) => {
                let block = self.block(block, &Slots::new(), true);
                return ours!(#private::block_child(#block, #split));
            }
            // One type less for each level of nested graphs: rustc limits how deep types can nest.
            Future::Call(task, call) if call.is_graph => {
                let awaits = &call.awaits;
                let awaited = ours!(#private::value_of(&#name) #awaits);
                (ours!(block_child), self.call(*task, call), awaited)
            }
            Future::Call(task, call) => {
                let awaits = &call.awaits;
                let awaited = ours!(#private::called(&#name) #awaits);
                (ours!(call_child), self.call_closure(*task, call), awaited)
            }
        };
        if !self.is_editor {
            return ours!(#private::#constructor(#future, #split));
        }
        // The join polls without the `.await`, but editors look for each of the user's tokens.
        let future = ours!({ let #name = #future; if false { #awaited; } #name });
        ours!(#private::#constructor(#future, #split))
    }

    /// The function that converts what a child resolves to into a `Result`.
    fn split_of(&self, child: &Child) -> TokenStream {
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
