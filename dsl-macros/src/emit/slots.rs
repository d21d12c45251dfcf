//! Slots: how a value gets into one, and how a task reaches it there.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::Emitter;
use crate::lower::{Kind, Slot, Slots, Use};

/// How a task reaches a value: statements before and after its body, and the value as a place.
pub(super) struct Reached {
    pub(super) open: TokenStream,
    pub(super) place: TokenStream,
    pub(super) close: TokenStream,
}

fn slot(value: usize) -> Ident {
    format_ident!("__conjoin_slot_{value}", span = Span::mixed_site())
}

impl Emitter<'_> {
    /// How a task reaches the value of another, by the entry of its brackets with this number and place.
    pub(super) fn reach(
        &self,
        value: usize,
        slots: &Slots,
        usage: Use,
        entry: usize,
        place: Span,
    ) -> Reached {
        let (private, none) = (&self.private, TokenStream::new);
        let Some(Slot { kind, lent }) = slots.get(&value) else {
            return Reached {
                open: none(),
                place: self.value(value),
                close: none(),
            };
        };
        let name = slot(value);
        // If it keeps a graph from being `Send`, rustc names what stands here.
        let span = Span::mixed_site().located_at(place);
        let held = format_ident!("__conjoin_held_{entry}", span = span);
        let deref = lent.then(|| ours!(*));
        let put_back = ours!(#name.put(#held););
        let (open, place, close) = match (kind, usage) {
            (Kind::Once, _) => (none(), ours!(*#private::lend(&#name)), none()),
            (Kind::Passed, Use::Keep) => (ours!(let #held = #name.take();), ours!(#held), none()),
            (Kind::Passed, _) => (
                ours!(#[allow(unused_mut)] let mut #held = #name.take();),
                ours!(#deref #held),
                put_back,
            ),
            (Kind::Shared, Use::Read) => (
                ours!(let #held = #name.share();),
                ours!(#deref *#held),
                none(),
            ),
            (Kind::Shared, Use::Keep) => (
                ours!(let #held = #private::unshared(#name.take());),
                ours!(#held),
                none(),
            ),
            (Kind::Shared, Use::Change) => {
                let place = ours!(#deref *#private::exclusive(&mut #held));
                (ours!(let mut #held = #name.take();), place, put_back)
            }
        };
        Reached { open, place, close }
    }

    /// Before the part: the slot of a value that is made in it.
    pub(super) fn declare_slot(&self, value: usize, slot: Slot) -> TokenStream {
        let (private, name) = (&self.private, self::slot(value));
        match slot.kind {
            Kind::Once => ours!(let #name = #private::OnceLock::new();),
            Kind::Passed | Kind::Shared => ours!(let #name = #private::Slot::empty();),
        }
    }

    /// Before the part: the slot of a value that is there already.
    pub(super) fn fill_before(&self, value: usize, slot: Slot) -> TokenStream {
        let (private, name, value) = (&self.private, self::slot(value), self.value(value));
        let value = if slot.lent { ours!(&mut #value) } else { value };
        let value = match slot.kind {
            Kind::Shared => ours!(#private::Arc::new(#value)),
            Kind::Once | Kind::Passed => value,
        };
        ours!(let #name = #private::Slot::holding(#value);)
    }

    /// The statement with which a task hands its value to those that wait for it.
    pub(super) fn fill(&self, value: usize, slot: Slot) -> TokenStream {
        let (private, name) = (&self.private, self::slot(value));
        match slot.kind {
            Kind::Once => ours!(let _ = #name.get_or_init(|| __conjoin_value);),
            Kind::Passed => ours!(#name.put(__conjoin_value);),
            Kind::Shared => ours!(#name.put(#private::Arc::new(__conjoin_value));),
        }
    }

    /// The value after the part.
    pub(super) fn empty(&self, value: usize, slot: Slot) -> TokenStream {
        let (private, name) = (&self.private, self::slot(value));
        match slot.kind {
            Kind::Once => ours!(#private::into_value(#name)),
            Kind::Passed => ours!(#name.take()),
            Kind::Shared => ours!(#private::unshared(#name.take())),
        }
    }
}
