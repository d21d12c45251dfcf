//! Where each value of a gated part lives.
//!
//! Within a chain, values are variables. The chains of a part all are futures from the beginning, so none can hold a borrow
//! of what another makes, or changes. What is only read is in a slot that is filled once. What is passed from one task to the next is taken out
//! of a slot, and put back by a task that does not keep it; others may read it there, possibly at the same time.

use std::collections::{BTreeMap, BTreeSet};

use super::{Block, Chains};
use crate::check::Checked;

/// The slots of a part, by the tasks whose values they hold.
pub(crate) type Slots = BTreeMap<usize, Slot>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) kind: Kind,
    /// If it is filled once, where it is.
    pub(crate) place: Option<Place>,
    /// Whether it holds a reference to a value that was made before the part, and stays.
    pub(crate) lent: bool,
    /// The tasks that use the value, in topological order, and whether each has it to itself.
    pub(crate) users: Vec<(usize, bool)>,
}

/// The slots that one block fills are in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The first task that fills a slot of the row.
    pub(crate) row: usize,
    pub(crate) number: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Only read.
    Once,
    /// Passed on.
    Passed,
    /// Passed on, and read.
    Shared,
}

/// What a task does with a value in a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Read,
    Change,
    Keep,
}

/// The values that the chains of this gated part, which is in topological order, cannot simply borrow.
pub(crate) fn slots(checked: &Checked, part: &[usize], chains: &Chains) -> Slots {
    let pieces = chains.numbers_of_pieces();
    let is_here = |task: &usize| pieces.contains_key(task);
    let users = |value: usize| checked.users[value].all.iter().filter(|user| is_here(user));
    let crosses = |value: usize| {
        let maker = Some(value).filter(is_here);
        let all = maker.into_iter().chain(users(value).copied());
        let mut all = all.map(|task| pieces[&task]);
        let first = all.next();
        all.any(|piece| Some(piece) != first)
    };
    // A value that leaves its chain before the part ends may borrow from those that it is made of.
    let mut outlive = BTreeSet::new();
    let mut open: Vec<_> = part
        .iter()
        .copied()
        .filter(|&value| checked.is_gone_after(value, part) && crosses(value))
        .collect();
    while let Some(value) = open.pop() {
        let needs = checked.graph.needs(value).iter();
        let made_of = needs.filter(|need| checked.users[**need].all.contains(&value));
        open.extend(made_of.filter(|need| outlive.insert(**need)));
    }
    let slots = (0..checked.users.len()).filter_map(|value| {
        let all = &checked.users[value];
        let users: Vec<_> = users(value)
            .map(|&user| (user, all.is_exclusive(user)))
            .collect();
        let made_here = is_here(&value);
        let is_needed = crosses(value) || made_here && outlive.contains(&value);
        if users.is_empty() || !is_needed {
            return None;
        }
        let is_exclusive = |(_, is_exclusive): &(usize, bool)| *is_exclusive;
        let kind = if users.iter().all(is_exclusive) {
            Kind::Passed
        } else if users.iter().any(is_exclusive) {
            Kind::Shared
        } else if made_here {
            Kind::Once
        } else {
            return None;
        };
        let lent = !made_here && !checked.is_gone_after(value, part);
        let slot = Slot {
            kind,
            place: None,
            lent,
            users,
        };
        Some((value, slot))
    });
    slots.collect()
}

/// Puts the slots that this block fills in a row. Blocks in it have rows of their own.
pub(super) fn put_in_row(slots: &mut Slots, block: &Block) {
    let mut next: Option<Place> = None;
    for task in block.own_tasks() {
        let slot = slots.get_mut(&task);
        if let Some(slot) = slot.filter(|slot| slot.kind == Kind::Once) {
            let place = next.unwrap_or(Place {
                row: task,
                number: 0,
            });
            slot.place = Some(place);
            next = Some(Place {
                number: place.number + 1,
                ..place
            });
        }
    }
    for block in block.inner_blocks() {
        put_in_row(slots, block);
    }
}
