//! Where the tasks of a gated part find the values that they share.
//!
//! Such tasks all are futures side by side from the beginning, so that none can hold a borrow of what another will make,
//! or will change. What is only read is in a `OnceLock`. What is passed from one task to the next is taken out of a slot,
//! and put back by whoever does not keep it; in an `Arc` if some of the tasks read it, possibly at the same time.

use std::collections::BTreeMap;

use proc_macro2::{Ident, Span, TokenStream};
use quote::format_ident;

use super::Expander;

/// The slots of a part, by the tasks whose values they hold.
pub(super) type Slots = BTreeMap<usize, Slot>;

pub(super) struct Slot {
    name: Ident,
    kind: Kind,
    /// Whether it holds a reference to a value that was made before the part, and stays.
    lent: bool,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Only read.
    Once,
    /// Passed on.
    Passed,
    /// Passed on, and read.
    Shared,
}

/// How a task comes by a value: statements before and after its body, and the value as a place.
pub(super) struct Reached {
    pub(super) open: TokenStream,
    pub(super) place: TokenStream,
    pub(super) close: TokenStream,
}

/// What a task does with a value that it reaches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Change,
    Keep,
}

impl Expander<'_> {
    /// The values that the tasks of this gated part cannot simply borrow.
    pub(super) fn slots(&self, part: &[usize]) -> Slots {
        let slots = self
            .checked
            .users
            .iter()
            .enumerate()
            .filter_map(|(value, users)| {
                let users_here: Vec<_> = users
                    .all
                    .iter()
                    .copied()
                    .filter(|user| part.contains(user))
                    .collect();
                let made_here = part.contains(&value);
                let passed_on = users_here.iter().any(|&user| users.is_exclusive(user))
                    && (made_here || users_here.len() > 1);
                let kind = if passed_on {
                    if users_here.iter().all(|&user| users.is_exclusive(user)) {
                        Kind::Passed
                    } else {
                        Kind::Shared
                    }
                } else if made_here && !users_here.is_empty() {
                    Kind::Once
                } else {
                    return None;
                };
                let name = format_ident!("__slot_{value}", span = Span::mixed_site());
                Some((
                    value,
                    Slot {
                        name,
                        kind,
                        lent: !made_here && !self.is_gone_after(value, part),
                    },
                ))
            });
        slots.collect()
    }

    /// Whether a task of `part` takes the value, and nothing is left of it.
    pub(super) fn is_gone_after(&self, value: usize, part: &[usize]) -> bool {
        !self.checked.options.settle
            && self.checked.users[value]
                .taker
                .is_some_and(|taker| part.contains(&taker))
    }

    /// How a task reaches the value of another, by the entry of its brackets with this number and place.
    pub(super) fn reach(
        &self,
        value: usize,
        slots: &Slots,
        usage: Use,
        entry: usize,
        place: Span,
    ) -> Reached {
        let private = &self.private;
        let none = TokenStream::new;
        let Some(Slot { name, kind, lent }) = slots.get(&value) else {
            let value = &self.values[value];
            return Reached {
                open: none(),
                place: ours!(#value),
                close: none(),
            };
        };
        // When it keeps a graph from being `Send`, rustc names what stands here.
        let held = format_ident!(
            "__held_{entry}",
            span = Span::mixed_site().located_at(place)
        );
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
}

impl Slot {
    /// Of what it is made, as `explain!` says it.
    pub(super) fn storage(&self) -> &'static str {
        match self.kind {
            Kind::Once => "Once",
            Kind::Passed => "Passed",
            Kind::Shared => "Shared",
        }
    }

    /// Statements before the part: the slot of a value that is made in it.
    pub(super) fn declare(&self, private: &TokenStream) -> TokenStream {
        let Slot { name, kind, .. } = self;
        match kind {
            Kind::Once => ours!(let #name = #private::OnceLock::new();),
            Kind::Passed | Kind::Shared => ours!(let #name = #private::Slot::empty();),
        }
    }

    /// Statements before the part: the slot of a value that is there already.
    pub(super) fn declare_with(&self, private: &TokenStream, value: &Ident) -> TokenStream {
        let Slot { name, kind, lent } = self;
        let value = if *lent {
            ours!(&mut #value)
        } else {
            ours!(#value)
        };
        let value = match kind {
            Kind::Shared => ours!(#private::Arc::new(#value)),
            Kind::Once | Kind::Passed => value,
        };
        ours!(let #name = #private::Slot::holding(#value);)
    }

    /// The statement with which a task hands its `__value` to those that wait for it.
    pub(super) fn fill(&self, private: &TokenStream) -> TokenStream {
        let Slot { name, kind, .. } = self;
        match kind {
            Kind::Once => ours!(let _ = #name.get_or_init(|| __value);),
            Kind::Passed => ours!(#name.put(__value);),
            Kind::Shared => ours!(#name.put(#private::Arc::new(__value));),
        }
    }

    /// The value after the part.
    pub(super) fn empty(&self, private: &TokenStream) -> TokenStream {
        let Slot { name, kind, .. } = self;
        match kind {
            Kind::Once => ours!(#private::into_value(#name)),
            Kind::Passed => ours!(#name.take()),
            Kind::Shared => ours!(#private::unshared(#name.take())),
        }
    }
}
