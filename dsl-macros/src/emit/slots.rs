//! Slots: how a value gets into one, and how a task reaches it there.

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::{Emitter, bundle};
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

/// The token of the task that fills it.
fn setter(value: usize) -> Ident {
    format_ident!("__conjoin_set_{value}", span = Span::mixed_site())
}

/// The token of a task that uses a value which is passed on.
fn token(value: usize, task: usize) -> Ident {
    format_ident!("__conjoin_use_{value}_{task}", span = Span::mixed_site())
}

impl Emitter<'_> {
    /// How a task reaches the value of another, by the entry of its brackets with this number and place.
    pub(super) fn reach(
        &self,
        (value, task): (usize, usize),
        slots: &Slots,
        usage: Use,
        entry: usize,
        place: Span,
    ) -> Reached {
        let none = TokenStream::new;
        let Some(Slot { kind, lent, .. }) = slots.get(&value) else {
            return Reached {
                open: none(),
                place: self.value(value),
                close: none(),
            };
        };
        // If it keeps a graph from being `Send`, rustc names what stands here.
        let span = Span::mixed_site().located_at(place);
        let held = format_ident!("__conjoin_held_{entry}", span = span);
        let deref = lent.then(|| ours!(*));
        let token = token(value, task);
        let (open, place, close) = match (kind, usage) {
            (Kind::Once, _) => {
                let name = slot(value);
                (none(), ours!(*#name.get()), none())
            }
            (_, Use::Read) => (
                ours!(let #held = #token.read();),
                ours!(#deref *#held),
                none(),
            ),
            (_, Use::Keep) => (ours!(let (#held, _) = #token.take();), ours!(#held), none()),
            (_, Use::Change) => {
                let giver = format_ident!("__conjoin_give_{entry}", span = Span::mixed_site());
                (
                    ours!(#[allow(unused_mut)] let (mut #held, #giver) = #token.take();),
                    ours!(#deref #held),
                    ours!(#giver.give(#held);),
                )
            }
        };
        Reached { open, place, close }
    }

    /// Before the part: the slot of a value that is made in it.
    pub(super) fn declare_slot(&self, value: usize, slot: &Slot) -> TokenStream {
        let (private, name) = (&self.private, self::slot(value));
        match slot.kind {
            Kind::Once => ours!(let mut #name = #private::Slot::new();),
            Kind::Passed | Kind::Shared => ours!(let mut #name = #private::Passed::new();),
        }
    }

    /// The tokens of the tasks that reach it, which end before the slot does.
    pub(super) fn open_slot(value: usize, slot: &Slot) -> TokenStream {
        let (name, setter) = (self::slot(value), setter(value));
        if slot.kind == Kind::Once {
            return ours!(let (#setter, #name) = #name.split(););
        }
        let (names, made) = (Self::tokens(value, slot), Self::made_tokens(slot));
        ours! {
            let (#setter, #names) = {
                let (__conjoin_giver, mut __conjoin_uses) = #name.empty();
                (__conjoin_giver, #made)
            };
        }
    }

    /// Before the part: the slot of a value that is there already, and the tokens.
    pub(super) fn fill_before(&self, value: usize, slot: &Slot) -> TokenStream {
        let (private, name, declared) = (
            &self.private,
            self::slot(value),
            self.declare_slot(value, slot),
        );
        let (names, made) = (Self::tokens(value, slot), Self::made_tokens(slot));
        let value = self.value(value);
        let value = if slot.lent { ours!(&mut #value) } else { value };
        ours! {
            #declared
            let #names = {
                let mut __conjoin_uses = #name.holding(#private::identity(#value));
                #made
            };
        }
    }

    fn tokens(value: usize, slot: &Slot) -> TokenStream {
        bundle(slot.users.iter().map(|&(task, _)| {
            let token = token(value, task);
            ours!(#token)
        }))
    }

    fn made_tokens(slot: &Slot) -> TokenStream {
        bundle(slot.users.iter().map(|&(_, is_exclusive)| {
            if is_exclusive {
                ours!(__conjoin_uses.take())
            } else {
                ours!(__conjoin_uses.read())
            }
        }))
    }

    /// The statement with which a task hands its value to those that wait for it.
    pub(super) fn fill(value: usize, slot: &Slot) -> TokenStream {
        let setter = setter(value);
        match slot.kind {
            Kind::Once => ours!(#setter.set(__conjoin_value);),
            Kind::Passed | Kind::Shared => ours!(#setter.give(__conjoin_value);),
        }
    }

    /// The value after the part.
    pub(super) fn empty(value: usize) -> TokenStream {
        let name = slot(value);
        ours!(#name.into_value())
    }
}
