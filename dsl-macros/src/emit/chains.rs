//! The chains of a gated part: few in one future that polls all of them, and the pieces of those that are cut.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote_spanned};

use super::Emitter;
use super::child::future;
use crate::lower::{Block, Child, Future, Gate, Slots};

/// The variable of a piece of a chain.
pub(super) fn piece(tasks: &[usize]) -> Ident {
    format_ident!("__conjoin_piece_{}", tasks[0], span = Span::mixed_site())
}

impl Emitter<'_> {
    /// Few chains, in one future that polls all of them.
    pub(super) fn few_chains(&self, gate: &Gate) -> TokenStream {
        let (private, pace) = (&self.private, gate.pace);
        let children: Vec<_> = gate.children.iter().map(|gated| &gated.child).collect();
        let members = children.iter().map(|child| {
            let (split, name) = (self.split_of(child), future(child));
            let chain = match &child.future {
                _ if self.is_traced => ours!(#name),
                Future::Block(block) if gate.pieces.is_empty() => {
                    self.block(block, &gate.slots, false)
                }
                _ => ours!(#name()),
            };
            ours!(#private::block_child(#chain, #split))
        });
        let function = format_ident!("chains_{}", children.len(), span = Span::mixed_site());
        let types = children.iter().map(|_| ours!(_));
        self.match_results(
            &children,
            &ours!(#private::#function::<#pace, _, #(#types),*>(&__conjoin_gates, #(#members),*)),
            |child| !child.values.is_empty(),
        )
    }

    /// One of few chains, before the future that polls them. If chains are cut, rustc must know the types of some before those of
    /// pieces of others.
    pub(super) fn few_before(&self, child: &Child, gate: &Gate) -> TokenStream {
        let (private, name) = (&self.private, future(child));
        match &child.future {
            Future::Block(block) if self.is_traced => {
                let block = self.block(block, &gate.slots, false);
                let part = self.part(child, &name);
                ours!(let mut #name = #private::pin!(#block); #part)
            }
            Future::Block(block) if !gate.pieces.is_empty() => {
                self.made_later(&name, block, &gate.slots)
            }
            Future::Block(_) | Future::Call(..) => TokenStream::new(),
        }
    }

    /// A piece of a chain. Its block is made when the chain gets there, in the memory that the pieces before it had.
    pub(super) fn piece(&self, piece: &Block, slots: &Slots) -> TokenStream {
        self.made_later(&self::piece(&piece.tasks), piece, slots)
    }

    /// A block as a closure that returns it.
    fn made_later(&self, name: &Ident, block: &Block, slots: &Slots) -> TokenStream {
        let private = &self.private;
        let block = self.block(block, slots, false);
        // By the place of the closure, rustc says which body borrows or moves what.
        let first = block.clone().into_iter().next();
        let place = first.map_or_else(Span::call_site, |first| first.span());
        let closure = quote_spanned!(Span::mixed_site().located_at(place)=> || #block);
        ours!(let #name = #private::piece(#closure);)
    }
}
