//! Slots: how a value gets into one, and how a task reaches it there.

use std::collections::BTreeMap;
use std::iter;

use proc_macro2::{Ident, Literal, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::format_ident;

use super::{Emitter, bundle};
use crate::lower::{Block, Place, Slot, Slots, Use};

/// How a task reaches a value: statements before and after its body, and the value as a place.
pub(super) struct Reached {
    pub(super) open: TokenStream,
    pub(super) place: TokenStream,
    pub(super) close: TokenStream,
}

fn slot(value: usize) -> Ident {
    format_ident!("__conjoin_slot_{value}", span = Span::mixed_site())
}

/// The slots that one block fills.
fn row(place: Place) -> Ident {
    format_ident!("__conjoin_row_{}", place.row, span = Span::mixed_site())
}

/// The token of the block that fills them.
fn setters(place: Place) -> Ident {
    format_ident!("__conjoin_setters_{}", place.row, span = Span::mixed_site())
}

/// A slot of a row.
fn in_row(place: Place) -> TokenStream {
    let fields = iter::repeat_n(1, place.number).chain([0]);
    let fields = fields.flat_map(|field| {
        [
            TokenTree::from(Punct::new('.', Spacing::Alone)),
            Literal::usize_unsuffixed(field).into(),
        ]
    });
    iter::once(row(place).into()).chain(fields).collect()
}

/// The rows that a block fills, and those of the blocks in it.
fn rows(block: &Block, slots: &Slots) -> Vec<Vec<Place>> {
    let own = block.own_tasks().into_iter();
    let own: Vec<_> = own.filter_map(|task| slots.get(&task)?.place).collect();
    let inner = block.inner_blocks().flat_map(|block| rows(block, slots));
    let all = std::iter::once(own).chain(inner);
    all.filter(|places| !places.is_empty()).collect()
}

/// The token of the task that gives the first value.
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
        let Some(Slot {
            place: in_row,
            lent,
            ..
        }) = slots.get(&value)
        else {
            return Reached {
                open: none(),
                place: self.value(value),
                close: none(),
            };
        };
        if let Some(place) = in_row {
            let slot = self::in_row(*place);
            return Reached {
                open: none(),
                place: ours!(*#slot.get()),
                close: none(),
            };
        }
        // If it keeps a graph from being `Send`, rustc names what stands here.
        let span = Span::mixed_site().located_at(place);
        let held = format_ident!("__conjoin_held_{entry}", span = span);
        let deref = lent.then(|| ours!(*));
        let token = token(value, task);
        let (open, place, close) = match usage {
            Use::Read => (
                ours!(let #held = #token.read();),
                ours!(#deref *#held),
                none(),
            ),
            Use::Keep => (ours!(let (#held, _) = #token.take();), ours!(#held), none()),
            Use::Change => {
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

    /// Before the part: the slot of a value that is made in it and passed on.
    pub(super) fn declare_slot(&self, value: usize, slot: &Slot) -> Option<TokenStream> {
        let (private, name) = (&self.private, self::slot(value));
        let is_alone = slot.place.is_none();
        is_alone.then(|| ours!(let mut #name = #private::Passed::new();))
    }

    /// Before the part: the rows of a block. A value may borrow from one that was made before it, so those are declared first.
    pub(super) fn declare_rows(block: &Block, slots: &Slots) -> TokenStream {
        let rows = rows(block, slots);
        let rows = rows.iter().map(|places| row(places[0]));
        ours!(#(let mut #rows;)*)
    }

    /// The rows of a block, just before the block: rustc has more to do for each variable whose type is not known yet.
    pub(super) fn open_rows(&self, block: &Block, slots: &Slots) -> TokenStream {
        let private = &self.private;
        let opened = rows(block, slots).into_iter().map(|places| {
            let (setters, row) = (setters(places[0]), row(places[0]));
            let slots = places
                .iter()
                .fold(ours!(()), |rest, _| ours!((#private::Slot::new(), #rest)));
            ours! {
                #row = #slots;
                let (#setters, #row) = #private::Setters::of(&mut #row);
            }
        });
        opened.collect()
    }

    /// The tokens of the tasks that reach a value which is passed on. They end before the slot does.
    pub(super) fn open_slot(value: usize, slot: &Slot) -> Option<TokenStream> {
        if slot.place.is_some() {
            return None;
        }
        let (name, setter) = (self::slot(value), setter(value));
        let (names, made) = (Self::tokens(value, slot), Self::made_tokens(slot));
        Some(ours! {
            let (#setter, #names) = {
                let (__conjoin_giver, mut __conjoin_uses) = #name.empty();
                (__conjoin_giver, #made)
            };
        })
    }

    /// Before the part: the slot of a value that is there already, and the tokens.
    pub(super) fn fill_before(&self, value: usize, slot: &Slot) -> TokenStream {
        let (private, name) = (&self.private, self::slot(value));
        let (names, made) = (Self::tokens(value, slot), Self::made_tokens(slot));
        let value = self.value(value);
        let value = if slot.lent { ours!(&mut #value) } else { value };
        ours! {
            let mut #name = #private::Passed::new();
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

    /// The block of a task that hands its value to those that wait for it.
    pub(super) fn fill(value: usize, slot: &Slot, statements: &TokenStream) -> TokenStream {
        if let Some(place) = slot.place {
            let setters = setters(place);
            return ours!(let #setters = { #statements #setters.set(__conjoin_value) };);
        }
        let setter = setter(value);
        ours!({ #statements #setter.give(__conjoin_value); })
    }

    /// After the part: the values of all rows.
    pub(super) fn empty_rows(&self, slots: &Slots) -> TokenStream {
        let private = &self.private;
        let mut rows: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (&task, slot) in slots {
            if let Some(place) = slot.place {
                let row = rows.entry(place.row).or_default();
                row.insert(place.number, (task, place));
            }
        }
        let emptied = rows.values().map(|slots| {
            let row = row(slots[&0].1);
            let tasks = slots.values().map(|&(task, _)| task);
            let allow = self.allow_unused_mut(tasks.clone());
            let values = tasks.rev().fold(ours!(()), |rest, task| {
                let value = self.pattern(task);
                ours!((#value, #rest))
            });
            ours!(#allow let #values = #private::Row::into_values(#row);)
        });
        emptied.collect()
    }

    /// After the part: a value that was passed on, and not kept by a task.
    pub(super) fn empty_slot(&self, value: usize) -> TokenStream {
        let (declared, name) = (self.declare(&[vec![value]]), slot(value));
        ours!(#declared = #name.into_value();)
    }
}
